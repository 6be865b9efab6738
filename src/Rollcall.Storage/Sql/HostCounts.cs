using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>Counts what became of a batch, by host and source, and reads clocks from the delays of events.</summary>
/// <param name="memory">What is known of each source of a host is kept there.</param>
internal sealed class HostCounts(StoreConnection connection, TenantId tenant, DateTimeOffset receivedAt, HealthLimits limits, TenantMemory memory)
{
    /// <summary>Stands for a host that the ledger does not have, and for a source that could not be read.</summary>
    public const long Unknown = 0;

    private readonly long receivedMs = receivedAt.ToUnixTimeMilliseconds();
    private readonly Dictionary<(long HostNo, long SourceNo), Tally> tallies = [];
    private readonly HashSet<(long HostNo, long SourceNo)> absent = [];

    /// <summary>Events of the batch that came late.</summary>
    public int Late { get; private set; }

    public void Accepted(long hostNo, long sourceNo, long atUs)
    {
        var tally = Of(hostNo, sourceNo);
        var atMs = atUs / 1000;
        tally.Accepted++;
        tally.NewestUs = Math.Max(tally.NewestUs ?? atUs, atUs);
        tally.LeastDelayMs = Math.Min(tally.LeastDelayMs ?? long.MaxValue, receivedMs - atMs);
        if (receivedMs - atMs <= limits.LateMs)
            tally.IsInTime = true;
        else if (tally.Known?.LiveSinceMs is { } liveSinceMs && atMs >= liveSinceMs)
            CountLate(tally);
        else
            tally.Backfilled++;
    }

    private void CountLate(Tally tally)
    {
        tally.Late++;
        Late++;
    }

    public void Duplicate(long hostNo, long sourceNo) => Of(hostNo, sourceNo).Duplicates++;

    /// <param name="aheadAt">Its time, when it was refused for being ahead; else null.</param>
    public void Rejected(long hostNo, long sourceNo, DateTimeOffset? aheadAt = null)
    {
        var tally = Of(hostNo, sourceNo);
        tally.Rejected++;
        if (aheadAt is not { } at || hostNo == Unknown)
            return;

        tally.LeastDelayMs = Math.Min(tally.LeastDelayMs ?? long.MaxValue, receivedMs - at.ToUnixTimeMilliseconds());
        tally.IsProof = true;
    }

    /// <summary>Writes the counts, each host and source once, and tells whose clock to warn about.</summary>
    public IReadOnlyList<ClockWarning> Write()
    {
        var skews = new List<(long HostNo, long SkewMs, bool IsProof)>();
        foreach (var ((hostNo, sourceNo), tally) in tallies)
        {
            var window = tally.LeastDelayMs is { } delayMs
                ? DelayWindow.With(tally.Known?.Window, receivedMs, delayMs, DelayWindow.OfEvents)
                : tally.Known?.Window;
            var skewMs = tally.LeastDelayMs is null ? null : window?.SkewMsOfEvents(limits);
            Write(hostNo, sourceNo, tally, window, skewMs);
            memory.HostSources.Keep((hostNo, sourceNo), new HostSourceMemory(tally.Known?.LiveSinceMs ?? MsIf(tally.IsInTime), window));
            if (skewMs is { } known && hostNo != Unknown)
                skews.Add((hostNo, known, tally.IsProof));
        }

        if (skews.Count == 0)
            return [];

        var clocks = Clocks([.. skews.Select(skew => skew.HostNo).Distinct()]);
        return [.. skews.Select(skew => clocks.TryGetValue(skew.HostNo, out var clock) ? Tell(clock, skew.SkewMs, skew.IsProof) : null).OfType<ClockWarning>()];
    }

    private Dictionary<long, HostClock> Clocks(long[] hosts) => connection.Rows(
        row => new HostClock(row.GetInt64(0), row.GetString(1)) { From = row.Int(2), IsWarned = row.GetInt32(3) == 1 },
        "SELECT no, name, skew_from, skew_warned FROM hosts WHERE tenant = $tenant AND no IN (SELECT value FROM json_each($hosts))",
        ("$tenant", tenant), ("$hosts", hosts)).ToDictionary(clock => clock.No);

    /// <summary>The ledger has nothing yet of this source of the host, and need not be asked.</summary>
    public void IsNew(long hostNo, long sourceNo) => absent.Add((hostNo, sourceNo));

    private Tally Of(long hostNo, long sourceNo)
    {
        if (!tallies.TryGetValue((hostNo, sourceNo), out var tally))
            tallies.Add((hostNo, sourceNo), tally = new Tally(Known(hostNo, sourceNo)));
        return tally;
    }

    private HostSourceMemory? Known(long hostNo, long sourceNo)
    {
        if (memory.HostSources.TryGet((hostNo, sourceNo), out var known))
            return known;

        return absent.Contains((hostNo, sourceNo)) ? null : Read(hostNo, sourceNo);
    }

    private HostSourceMemory? Read(long hostNo, long sourceNo) => connection.FirstRow(
        row => new HostSourceMemory(row.Long(0), WindowOf(row, 1)),
        """
        SELECT live_since_ms, window_ms, delay_ms, delay_before_ms FROM host_sources
        WHERE tenant = $tenant AND host_no = $host AND source_no = $source
        """,
        ("$tenant", tenant), ("$host", hostNo), ("$source", sourceNo));

    /// <summary>Three columns from this one on; null when there has been no delay to see.</summary>
    public static DelayWindow? WindowOf(StoreRows row, int column) =>
        row.Long(column) is { } beganMs ? new DelayWindow(beganMs, row.GetInt64(column + 1), row.Long(column + 2)) : null;

    private void Write(long hostNo, long sourceNo, Tally tally, DelayWindow? window, long? skewMs) => connection.Queue(
        """
        INSERT INTO host_sources (tenant, host_no, source_no, accepted, duplicate, late, backfilled, rejected, live_since_ms,
            first_received_ms, last_received_ms, last_at_us, newest_us, late_ms, duplicate_ms, rejected_ms,
            window_ms, delay_ms, delay_before_ms, skew_ms, skew_at_ms)
        VALUES ($tenant, $host, $source, $accepted, $duplicate, $late, $backfilled, $rejected, $live,
            $accepted_ms, $accepted_ms, $newest, $newest, $late_ms, $duplicate_ms, $rejected_ms,
            $window, $delay, $before, $skew, $skew_ms)
        ON CONFLICT (tenant, host_no, source_no) DO UPDATE SET
            accepted = host_sources.accepted + excluded.accepted, duplicate = host_sources.duplicate + excluded.duplicate, late = host_sources.late + excluded.late,
            backfilled = host_sources.backfilled + excluded.backfilled, rejected = host_sources.rejected + excluded.rejected,
            live_since_ms = COALESCE(host_sources.live_since_ms, excluded.live_since_ms),
            first_received_ms = COALESCE(host_sources.first_received_ms, excluded.first_received_ms),
            last_received_ms = COALESCE(excluded.last_received_ms, host_sources.last_received_ms), last_at_us = COALESCE(excluded.last_at_us, host_sources.last_at_us),
            newest_us = COALESCE(MAX(host_sources.newest_us, excluded.newest_us), host_sources.newest_us, excluded.newest_us),
            late_ms = COALESCE(excluded.late_ms, host_sources.late_ms), duplicate_ms = COALESCE(excluded.duplicate_ms, host_sources.duplicate_ms),
            rejected_ms = COALESCE(excluded.rejected_ms, host_sources.rejected_ms),
            window_ms = excluded.window_ms, delay_ms = excluded.delay_ms, delay_before_ms = excluded.delay_before_ms,
            skew_ms = COALESCE(excluded.skew_ms, host_sources.skew_ms), skew_at_ms = COALESCE(excluded.skew_at_ms, host_sources.skew_at_ms)
        """,
        ("$tenant", tenant), ("$host", hostNo), ("$source", sourceNo), ("$accepted", tally.Accepted), ("$duplicate", tally.Duplicates),
        ("$late", tally.Late), ("$backfilled", tally.Backfilled), ("$rejected", tally.Rejected), ("$live", MsIf(tally.IsInTime)),
        ("$accepted_ms", MsIf(tally.Accepted > 0)), ("$newest", tally.NewestUs), ("$late_ms", MsIf(tally.Late > 0)),
        ("$duplicate_ms", MsIf(tally.Duplicates > 0)), ("$rejected_ms", MsIf(tally.Rejected > 0)), ("$window", window?.BeganMs),
        ("$delay", window?.LeastMs), ("$before", window?.BeforeMs), ("$skew", skewMs), ("$skew_ms", MsIf(skewMs is not null)));

    private long? MsIf(bool applies) => applies ? receivedMs : null;

    /// <summary>
    /// The host's skew, unless its beats tell it: they are sent at once, events need not be. An event refused for being a day ahead outweighs
    /// them: a host that sends such has no beats taken either.
    /// </summary>
    private ClockWarning? Tell(HostClock host, long skewMs, bool isProof)
    {
        if (host.From is (int)SkewBasis.Beats && !isProof)
            return null;

        var wasWarned = host.IsWarned;
        var isWarned = IsWarned(skewMs, wasWarned, limits);
        (host.From, host.IsWarned) = ((int)SkewBasis.Events, isWarned);
        connection.Queue(
            "UPDATE hosts SET skew_ms = $skew, skew_from = $from, skew_at_ms = $at, skew_warned = $warned WHERE tenant = $tenant AND no = $host",
            ("$tenant", tenant), ("$host", host.No), ("$skew", skewMs), ("$from", (int)SkewBasis.Events), ("$at", receivedMs), ("$warned", isWarned ? 1 : 0));
        return isWarned && !wasWarned ? new ClockWarning(host.Name, skewMs) : null;
    }

    /// <summary>Over the limit, or not yet well under it again.</summary>
    public static bool IsWarned(long skewMs, bool wasWarned, HealthLimits limits)
    {
        var offMs = Math.Abs((decimal)skewMs);
        return offMs > limits.ClockSkewMs || (wasWarned && offMs > limits.ClockSkewMs / 2m);
    }

    /// <summary>As the row has it, and then as this batch leaves it.</summary>
    private sealed class HostClock(long no, string name)
    {
        public long No => no;
        public string Name => name;
        public int? From { get; set; }
        public bool IsWarned { get; set; }
    }

    /// <summary>One batch's counts of one source of one host, beside what the ledger knew before.</summary>
    private sealed class Tally(HostSourceMemory? known)
    {
        public HostSourceMemory? Known => known;
        public int Accepted { get; set; }
        public int Duplicates { get; set; }
        public int Late { get; set; }
        public int Backfilled { get; set; }
        public int Rejected { get; set; }
        public bool IsInTime { get; set; }
        public bool IsProof { get; set; }
        public long? NewestUs { get; set; }
        public long? LeastDelayMs { get; set; }
    }
}
