using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>
/// People on call around the clock, every day of the year: every quarter of an hour of the UTC day somebody asks for a desktop that has to be
/// woken first, and it is ready just after the next one has been asked for.
/// </summary>
/// <remarks>
/// Because of them sessions are open in each state whatever the hour and the day of the week. They are planned for the whole day like all
/// others, not for the moment of a load: a session that one load leaves open goes on, with the same ids, in the next.
/// </remarks>
internal sealed class OnCallRota(DayPlan plan)
{
    /// <summary>Logons of one day.</summary>
    public const int SlotsPerDay = 24 * 60 / SlotMinutes;

    private const int SlotMinutes = 15;

    private readonly IReadOnlyList<SampleUser> _people = [.. plan.Fleet.Users.Where(user => user.Habit is Habit.Regular or Habit.Remote)];

    // A shift goes on into the next morning, when half past two of the next date comes at every site: one boot has to cover both dates.
    private readonly IReadOnlyList<SampleHost> _hosts =
    [
        .. plan.Fleet.Hosts.Where(host =>
            host.Prepares && !plan.Boots.RebootsOn(host, plan.Date) && !plan.Boots.RebootsOn(host, plan.Date.AddDays(1))),
    ];

    public IEnumerable<SessionScript> Sessions() => Enumerable.Range(0, SlotsPerDay).Select(Session);

    private SessionScript Session(int slot)
    {
        var dice = plan.Dice($"on-call/{slot}");
        // Everybody has their turn: the same person comes again when all others were on call.
        var user = _people[((plan.Date.DayNumber * SlotsPerDay) + slot) % _people.Count];
        var client = SampleClient.Home(plan.Fleet.Options, user);
        var session = plan.Session(dice.Pick(_hosts), user, appName: null);

        var asked = new DateTimeOffset(plan.Date, TimeOnly.MinValue, TimeSpan.Zero).AddMinutes(slot * SlotMinutes);
        var ready = asked.AddMinutes(SlotMinutes) + dice.Seconds(65, 120);
        session.Initializing(asked + dice.Seconds(0, 60), client);
        session.Started(ready, client);
        if (slot % 3 == 0)
            Wait(session, ready, client, dice);
        else
            session.Ended(ready + dice.Minutes(60, 120), "logoff");

        return session;
    }

    // One in three leaves the desktop and waits for the next call: one every 45 minutes for at least 100, so that two always wait.
    private static void Wait(SessionScript session, DateTimeOffset ready, EventClient client, SplitMix64 dice)
    {
        var left = ready + dice.Minutes(10, 20);
        session.Disconnected(left, "user");
        var called = left + dice.Minutes(100, 140);
        if (dice.Chance(60))
        {
            session.Ended(called, "idle_limit");
            return;
        }

        session.Reconnected(called, client);
        session.Ended(called + dice.Minutes(10, 40), "logoff");
    }
}
