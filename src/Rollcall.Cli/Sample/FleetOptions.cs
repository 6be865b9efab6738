namespace Rollcall.Cli.Sample;

/// <summary>What the sample fleet looks like. Equal options give equal events; a later <see cref="Now"/> on the same UTC day only adds to them.</summary>
internal sealed record FleetOptions
{
    /// <summary>Most sessions of one host in one day are a small multiple of its users; above this ratio their numbers could meet.</summary>
    private const int UsersPerHostMax = 20;

    /// <summary>Two neighbours can reboot in two nights that follow each other; of three hosts one that prepares its sessions stays up.</summary>
    private const int HostsMin = 3;

    public FleetOptions(ulong seed, DateTimeOffset now, int days = 30, int users = 200, int hosts = 40, int groups = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, 366);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(groups, 12);
        ArgumentOutOfRangeException.ThrowIfLessThan(hosts, Math.Max(HostsMin, groups));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hosts, 200 * groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(users, hosts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(users, hosts * UsersPerHostMax);
        (Seed, Days, Users, Hosts, Groups) = (seed, days, users, hosts, groups);
        Now = now.ToUniversalTime();
    }

    public ulong Seed { get; }

    public int Days { get; }

    public int Users { get; }

    public int Hosts { get; }

    public int Groups { get; }

    /// <summary>The last instant that can have an event, UTC.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>The start of the UTC day of <see cref="Now"/>.</summary>
    public DateTimeOffset Today => new(Now.Date, TimeSpan.Zero);

    /// <summary>The instant before which no session begins: whole days before today, so that the loads of one day begin alike.</summary>
    public DateTimeOffset From => Today.AddDays(-Days);

    /// <summary>The source of every generated event; it says that they are generated.</summary>
    public string Source => $"sample://generated/{Seed}";
}
