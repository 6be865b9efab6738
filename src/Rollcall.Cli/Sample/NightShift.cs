using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>
/// People on call around midnight UTC, every day of the year. Because of them a fleet that ends at any midnight
/// has open sessions in each state, weekends included.
/// </summary>
internal sealed class NightShift(DayPlan plan)
{
    /// <summary>Sessions that are in this state at midnight, each night.</summary>
    public const int Active = 4, Disconnected = 3, Initializing = 2;

    private readonly SplitMix64 _dice = plan.Dice("night");

    private readonly DateTimeOffset _midnight = new(plan.Date.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);

    public IEnumerable<SessionScript> Sessions()
    {
        // One random first person and steps of one from there: nobody is on call twice in a night.
        var people = plan.Fleet.Users.Where(user => user.Habit != Habit.Never).ToList();
        var first = _dice.Between(0, people.Count - 1);
        for (var n = 0; n < Active + Disconnected + Initializing; n++)
        {
            var user = people[(first + n) % people.Count];
            var client = SampleClient.Home(plan.Fleet.Options, user);
            var session = plan.Session(HostThatStaysUp(), user, appName: null);
            Write(session, client, n);
            yield return session;
        }
    }

    private void Write(SessionScript session, EventClient client, int n)
    {
        switch (n)
        {
            case < Active:
                session.Started(_midnight.AddHours(-2) + _dice.Minutes(0, 80), client);
                session.Ended(_midnight.AddHours(1) + _dice.Minutes(0, 120), "logoff");
                break;
            case < Active + Disconnected:
                session.Started(_midnight.AddHours(-3) + _dice.Minutes(0, 60), client);
                session.Disconnected(_midnight.AddHours(-1) + _dice.Minutes(0, 45), "user");
                session.Reconnected(_midnight.AddHours(3) + _dice.Minutes(0, 30), client);
                session.Ended(_midnight.AddHours(4) + _dice.Minutes(0, 60), "logoff");
                break;
            default:
                session.Initializing(_midnight - _dice.Seconds(2, 8), client);
                session.Started(_midnight + _dice.Seconds(1, 9), client);
                session.Ended(_midnight.AddHours(2) + _dice.Minutes(0, 90), "logoff");
                break;
        }
    }

    // At every site half past two of the next date may fall into the shift. Two neighbours never reboot in the same night.
    private SampleHost HostThatStaysUp()
    {
        var hosts = plan.Fleet.Hosts;
        var host = _dice.Pick(hosts);
        while (plan.Boots.RebootsOn(host, plan.Date.AddDays(1)))
            host = hosts[(host.Index + 1) % hosts.Count];

        return host;
    }
}
