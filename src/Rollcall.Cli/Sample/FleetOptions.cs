namespace Rollcall.Cli.Sample;

/// <summary>What the sample fleet looks like. Equal options on one UTC day give equal events.</summary>
internal sealed record FleetOptions
{
    /// <summary>Most sessions of one host in one day are a small multiple of its users; above this ratio their numbers could meet.</summary>
    private const int UsersPerHostMax = 20;

    public FleetOptions(ulong seed, DateTimeOffset now, int days = 30, int users = 200, int hosts = 40, int groups = 3)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(days, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(days, 366);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(groups, 12);
        ArgumentOutOfRangeException.ThrowIfLessThan(hosts, Math.Max(2, groups));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hosts, 200 * groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(users, hosts);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(users, hosts * UsersPerHostMax);
        (Seed, Days, Users, Hosts, Groups) = (seed, days, users, hosts, groups);
        Horizon = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
    }

    public ulong Seed { get; }

    public int Days { get; }

    public int Users { get; }

    public int Hosts { get; }

    public int Groups { get; }

    /// <summary>The first instant that has no events: the start of the UTC day, so that loading twice on one day adds nothing.</summary>
    public DateTimeOffset Horizon { get; }

    /// <summary>The instant before which no session begins, inclusive.</summary>
    public DateTimeOffset From => Horizon.AddDays(-Days);

    /// <summary>The source of every generated event; it says that they are generated.</summary>
    public string Source => $"sample://generated/{Seed}";
}
