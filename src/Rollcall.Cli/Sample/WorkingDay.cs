using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>What one person does on one date by the clock of their site: the desktop, lunch, the way home, applications between.</summary>
internal sealed class WorkingDay(DayPlan plan, SampleUser user)
{
    private static readonly string[] Applications = ["Excel", "Word", "SAP GUI", "AutoCAD", "财务系统", "Power BI", "7-Zip", "Outlook"];

    private readonly SplitMix64 _dice = plan.Dice($"day/{user.Index}");

    private readonly EventClient _office = SampleClient.Office(plan.Fleet.Options, user);

    private readonly EventClient _home = SampleClient.Home(plan.Fleet.Options, user);

    public IEnumerable<SessionScript> Sessions()
    {
        if (!Works())
            yield break;

        // Two dice instead of one: arrivals gather around half past eight.
        var arrival = Clock(7, 20) + _dice.Minutes(0, 70) + _dice.Minutes(0, 70);
        var client = user.Habit == Habit.Remote || _dice.Chance(6) ? _home : _office;
        if (_dice.Chance(5))
        {
            yield return FailedAttempt(arrival, client);
            arrival += _dice.Seconds(40, 180);
        }

        yield return Desktop(arrival, client);
        for (var left = _dice.Chance(30) ? _dice.Between(1, 2) : 0; left > 0; left--)
            yield return Application(client);
    }

    private bool Works()
    {
        var weekend = user.Group.Site.Weekend.Contains(plan.Date.DayOfWeek);
        var percent = user.Habit switch
        {
            Habit.Regular or Habit.Remote => weekend ? 5 : 88,
            Habit.Rare => weekend ? 0 : 12,
            Habit.Never => 0,
            _ => throw new InvalidOperationException($"{user.Habit} has no working days"),
        };
        return _dice.Chance(percent);
    }

    private SessionScript FailedAttempt(DateTimeOffset at, EventClient client)
    {
        var session = plan.Session(user.Home, user, appName: null);
        if (user.Home.Prepares)
            session.Initializing(at - _dice.Seconds(2, 6), client);

        session.Failed(at, client, _dice.Pick(SampleFailures.All));
        return session;
    }

    private SessionScript Desktop(DateTimeOffset start, EventClient client)
    {
        // A crowded host sends one in eight elsewhere.
        var host = _dice.Chance(12) ? _dice.Pick(HostsOfGroup()) : user.Home;
        var session = Begin(host, start, client, appName: null);
        if (_dice.Chance(55))
            Lunch(session, client);
        if (_dice.Chance(8))
            LostNetwork(session, client);

        GoHome(session, host);
        return session;
    }

    private SessionScript Application(EventClient client)
    {
        var start = Clock(10, 0) + _dice.Minutes(0, 330);
        var session = Begin(_dice.Pick(HostsOfGroup()), start, client, _dice.Pick(Applications));
        session.Ended(start + _dice.Minutes(6, 90), "logoff");
        return session;
    }

    private SessionScript Begin(SampleHost host, DateTimeOffset start, EventClient client, string? appName)
    {
        var session = plan.Session(host, user, appName);
        if (host.Prepares)
            session.Initializing(start - _dice.Seconds(2, 9), client);

        session.Started(start, client);
        return session;
    }

    private void Lunch(SessionScript session, EventClient client)
    {
        var leave = Clock(11, 45) + _dice.Minutes(0, 45);
        session.Disconnected(leave, _dice.Chance(30) ? "idle" : "user");
        session.Reconnected(leave + _dice.Minutes(25, 60), _dice.Chance(85) ? client : _home);
    }

    private void LostNetwork(SessionScript session, EventClient client)
    {
        var lost = Clock(14, 0) + _dice.Minutes(0, 90);
        session.Disconnected(lost, "network_lost");
        session.Reconnected(lost + _dice.Seconds(4, 45), client);
    }

    // Most log off. Some go on from home in the evening; a few forget, and a host that reboots takes their session with it unsaid.
    private void GoHome(SessionScript session, SampleHost host)
    {
        var leave = Clock(16, 30) + _dice.Minutes(0, 120);
        var choice = _dice.Between(1, 100);
        if (choice > 16)
        {
            session.Ended(leave, "logoff");
            return;
        }

        session.Disconnected(leave, "user");
        if (choice > 4)
        {
            session.Reconnected(Clock(19, 30) + _dice.Minutes(0, 75), _home);
            session.Ended(Clock(21, 0) + _dice.Minutes(0, 60), "logoff");
        }
        else if (!plan.Boots.RebootsOn(host, plan.Date.AddDays(1)))
        {
            session.Ended(Clock(24 + 6, 0) + _dice.Minutes(0, 20), "idle_limit");
        }
    }

    private IReadOnlyList<SampleHost> HostsOfGroup() => [.. plan.Fleet.Hosts.Where(host => host.Group == user.Group)];

    private DateTimeOffset Clock(int hour, int minute) => user.Group.Site.Midnight(plan.Date).AddHours(hour).AddMinutes(minute);
}
