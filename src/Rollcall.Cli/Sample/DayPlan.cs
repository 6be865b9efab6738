using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>Everything that begins on one date: a function of the seed and the date alone, so that the next load agrees with this one.</summary>
internal sealed class DayPlan(Fleet fleet, BootCalendar boots, DateOnly date)
{
    /// <summary>Numbers kept for one day within one boot: the 20 users per host of <see cref="FleetOptions"/> have up to four sessions, the rota adds 96.</summary>
    private const int OsSessionIdsPerDay = 200;

    /// <summary>The first number a host gives to a session: 0 and 1 belong to services and the console.</summary>
    private const int OsSessionIdFirst = 2;

    private readonly Dictionary<int, int> _sessionsOfHost = [];

    public Fleet Fleet => fleet;

    public BootCalendar Boots => boots;

    public DateOnly Date => date;

    /// <summary>One list per session, reboot or sign-in, each in order of time.</summary>
    public IEnumerable<IReadOnlyList<LedgerEvent>> Build()
    {
        foreach (var host in fleet.Hosts)
            yield return boots.Reboot(host, date);

        var sessions = fleet.Users.SelectMany(user => new WorkingDay(this, user).Sessions())
            .Concat(new OnCallRota(this).Sessions());
        foreach (var session in sessions)
            yield return session.Events;

        yield return new OtherConsoles(this).SignIn();
    }

    /// <summary>A stream of chance for one purpose of this date.</summary>
    public SplitMix64 Dice(string purpose) => SplitMix64.For(fleet.Options.Seed, $"{date:yyyy-MM-dd}/{purpose}");

    /// <summary>A new session on a host during the boot of this date; without an application's name it is a desktop.</summary>
    /// <remarks>OS session ids begin again with every boot, as real ones do.</remarks>
    public SessionScript Session(SampleHost host, SampleUser user, string? appName)
    {
        var order = _sessionsOfHost[host.Index] = _sessionsOfHost.GetValueOrDefault(host.Index) + 1;
        var daysSinceBoot = date.DayNumber - boots.LastRebootOn(host, date).DayNumber;
        var number = OsSessionIdFirst + (daysSinceBoot * OsSessionIdsPerDay) + order - 1;
        var key = SampleId.Hex(fleet.Options.Seed, $"session/{date:yyyy-MM-dd}/{host.Index}/{order}");
        return new SessionScript(
            fleet.Options, new SessionFacts(key, host, boots.BootId(host, date), user, $"{number}", appName));
    }
}
