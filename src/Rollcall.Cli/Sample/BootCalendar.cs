using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>When hosts reboot: each once in seven nights, a seventh of the fleet every night, at half past two by its own clock.</summary>
internal sealed class BootCalendar(FleetOptions options)
{
    private const int NightsBetweenReboots = 7;

    private static readonly TimeSpan RebootTime = new(2, 30, 0);

    public bool RebootsOn(SampleHost host, DateOnly date) => (date.DayNumber + host.Index) % NightsBetweenReboots == 0;

    /// <summary>The newest date up to <paramref name="date"/> on which the host rebooted.</summary>
    public DateOnly LastRebootOn(SampleHost host, DateOnly date) =>
        date.AddDays(-((date.DayNumber + host.Index) % NightsBetweenReboots));

    /// <summary>The boot during which the host works on the day of <paramref name="date"/>, after any reboot of that night.</summary>
    public string BootId(SampleHost host, DateOnly date) =>
        SampleId.Guid(options.Seed, $"boot/{host.Index}/{LastRebootOn(host, date):yyyy-MM-dd}");

    /// <summary>The shutdown and the boot of one night; nothing when the host does not reboot in it.</summary>
    public IReadOnlyList<LedgerEvent> Reboot(SampleHost host, DateOnly date)
    {
        if (!RebootsOn(host, date))
            return [];

        var key = SampleId.Hex(options.Seed, $"reboot/{host.Index}/{date:yyyy-MM-dd}");
        var dice = SplitMix64.For(options.Seed, key);
        var stopped = host.Group.Site.Midnight(date) + RebootTime + dice.Minutes(0, 10);
        return
        [
            Event(EventTypes.HostStopped, $"{key}-0", stopped, BootId(host, date.AddDays(-1))),
            Event(EventTypes.HostStarted, $"{key}-1", stopped + dice.Minutes(2, 6), BootId(host, date)),
        ];

        LedgerEvent Event(string type, string id, DateTimeOffset time, string bootId) => new()
        {
            Id = id,
            Source = options.Source,
            Type = type,
            Time = time,
            Data = new EventData { Host = host.Facts with { BootId = bootId }, AgentVersion = host.AgentVersion },
        };
    }
}
