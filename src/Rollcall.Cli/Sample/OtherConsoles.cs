using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>Sign-ins that other consoles report: one on two days of three, signed out within four hours.</summary>
internal sealed class OtherConsoles(DayPlan plan)
{
    /// <summary>CommCell Console, command line, CommCell Console as a web application, Web Console and mobile applications.</summary>
    /// <remarks>Source: <c>docs/contracts/commvault.md</c>, section 4.</remarks>
    private static readonly int[] ConsoleTypes = [5, 13, 14, 19];

    private static readonly string[] Operators = ["admin", "auditor.sample"];

    private readonly SplitMix64 _dice = plan.Dice("consoles");

    /// <summary>The start and the end of this date's sign-in; nothing on a day without one.</summary>
    public IReadOnlyList<LedgerEvent> SignIn()
    {
        var day = plan.Date.DayNumber;
        if (day % 3 == 0)
            return [];

        var data = new EventData
        {
            Host = new EventHost { Name = $"SAMPLE-ADM-{_dice.Between(1, 3):00}" },
            Operator = _dice.Pick(Operators),
            ConsoleType = ConsoleTypes[day % ConsoleTypes.Length],
            // One a day at most: the number of the day is unique and rises, as a console's own numbers do.
            BrowserSessionId = day,
        };
        var start = new DateTimeOffset(plan.Date, TimeOnly.MinValue, TimeSpan.Zero) + _dice.Minutes(0, 19 * 60);
        return
        [
            Event(EventTypes.SignInStarted, 0, start, data),
            Event(EventTypes.SignInEnded, 1, start + _dice.Minutes(3, 240), data),
        ];
    }

    private LedgerEvent Event(string type, int order, DateTimeOffset time, EventData data) => new()
    {
        Id = $"{SampleId.Hex(plan.Fleet.Options.Seed, $"sign-in/{plan.Date:yyyy-MM-dd}")}-{order}",
        Source = plan.Fleet.Options.Source,
        Type = type,
        Time = time,
        Data = data,
    };
}
