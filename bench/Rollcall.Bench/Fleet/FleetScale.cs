namespace Rollcall.Bench.Fleet;

/// <summary>How large the fleet of the fleet's bars is. Only figures of <see cref="Full"/> count; a smaller one shows that the measuring is right.</summary>
/// <param name="Hosts">Each with <see cref="SessionsOfHost"/> open sessions.</param>
/// <param name="SilentLeaseSeconds">The lease of the hosts that fall silent together.</param>
internal sealed record FleetScale(int Hosts, int SilentLeaseSeconds)
{
    public const int SessionsOfHost = 10, HostsMin = 10;

    /// <summary>So that no two hosts share a user (<see cref="Rows.SessionRows.Users"/>).</summary>
    public const int HostsMax = 20_000;

    /// <summary>How often a host beats, and its lease: three beats.</summary>
    public const int BeatSeconds = 30, LeaseSeconds = 90;

    /// <summary>A burst of beats has to be over well within it, and a whole one passes before anything is seen.</summary>
    public const int SilentLeaseSecondsMax = 60;

    public static readonly FleetScale Full = new(5_000, 10);

    public int Sessions => Hosts * SessionsOfHost;

    /// <summary>500 of 5 000.</summary>
    public int SilentHosts => Hosts / 10;

    /// <summary>The time between two beats of the full fleet. A smaller one keeps the pace, so that its rounds are shorter.</summary>
    public static TimeSpan BeatEvery => TimeSpan.FromSeconds((double)BeatSeconds / Full.Hosts);
}
