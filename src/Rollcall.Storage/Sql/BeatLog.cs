using System.Security.Cryptography;
using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>What became of one event.</summary>
internal enum AppendOutcome
{
    Accepted,
    Duplicate,
    Conflict,
}

/// <summary>Takes the beats of one batch in, and remembers which hosts' sessions have to be compared with a roster (ADR 0005).</summary>
internal sealed class BeatLog(StoreConnection connection, TenantId tenant, DateTimeOffset receivedAt, HealthLimits limits)
{
    private const int RosterHashBytes = 16;

    /// <summary>Beats of a host between two prunings: two hours of beats every 30 seconds.</summary>
    private const int UnprunedMax = 240;

    /// <summary>How long every single beat is kept. Our choice: longer than a source that sends late is late.</summary>
    private static readonly TimeSpan KeepEach = TimeSpan.FromHours(1);

    /// <summary>Hosts whose sessions may have changed, each since when, and the sessions that its new rosters name.</summary>
    public Dictionary<long, HostChange> Changes { get; } = [];

    /// <summary>Hosts whose clocks this batch showed to be off.</summary>
    public List<ClockWarning> ClockWarnings { get; } = [];

    /// <param name="beat">That the ledger does not have.</param>
    public void Add(LedgerEvent beat, HostTouch host, long sourceNo, byte[] idHash)
    {
        var hostNo = host.Host.No;
        var atUs = Instants.ToUnixMicroseconds(beat.At);
        var rosterNo = beat.Roster is { } roster ? RosterNo(hostNo, roster) : (long?)null;
        var before = StateOf(hostNo);
        var isAsBefore = before is { IsSettled: true, NewestBeats: 1, BeatUs: { } newestUs } && newestUs < atUs && before.Boot == beat.Host.BootId && before.RosterNo == rosterNo;
        Insert(beat, hostNo, sourceNo, idHash, atUs, rosterNo, isTelling: !isAsBefore);
        if (!isAsBefore)
            Widen(hostNo, Math.Min(atUs, before?.BeatUs ?? atUs), atUs, beat.Roster ?? []);
        Remember(beat, host, sourceNo, atUs, ClockOf(beat, before, atUs));
        if (before?.Unpruned >= UnprunedMax)
            Prune(hostNo, Math.Max(atUs, before.BeatUs ?? atUs));
    }

    /// <summary>Something happened on a host, or was said of it: rosters newer than that must be compared with its sessions.</summary>
    public void Unsettle(long hostNo, long atUs)
    {
        connection.Queue(
            "UPDATE hosts SET event_us = MAX(COALESCE(event_us, 0), $at), is_settled = 0 WHERE tenant = $tenant AND no = $host",
            ("$tenant", tenant), ("$host", hostNo), ("$at", atUs));
        KeepNewest(hostNo);
    }

    /// <summary>The newest beat of a host is what its sessions are read by now: it stays, so that this reading can be told again.</summary>
    public void KeepNewest(long hostNo) => connection.Queue(
        """
        UPDATE host_beats SET is_telling = 1
        WHERE tenant = $tenant AND host_no = $host AND is_telling = 0
          AND at_us = (SELECT beat_us FROM hosts WHERE tenant = $tenant AND no = $host)
        """,
        ("$tenant", tenant), ("$host", hostNo));

    /// <summary>The beat of this identity; null when there is none, or it was thinned out.</summary>
    public KnownEvent? TryKnown(long sourceNo, byte[] idHash) => connection.FirstRow(
        row => new KnownEvent(row.GetInt64(0), row.GetInt64(1)),
        "SELECT at_us, host_no FROM host_beats INDEXED BY host_beats_identity WHERE tenant = $tenant AND source_no = $source AND id_hash = $id",
        ("$tenant", tenant), ("$source", sourceNo), ("$id", idHash));

    /// <summary>Whether the ledger has a beat of the source.</summary>
    public bool HasAny(long sourceNo) => connection.Number(
        "SELECT 1 FROM host_beats INDEXED BY host_beats_identity WHERE tenant = $tenant AND source_no = $source LIMIT 1",
        ("$tenant", tenant), ("$source", sourceNo)) is not null;

    /// <summary>Equal rosters have one number: the order of their lines says nothing.</summary>
    private long RosterNo(long hostNo, IReadOnlyList<RosterEntry> roster)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(
            roster.OrderBy(entry => entry.OsSessionId, StringComparer.Ordinal).ThenBy(entry => entry.User, StringComparer.Ordinal).ToList(),
            BeatJson.Default.ListRosterEntry);
        var hash = SHA256.HashData(content).AsSpan(0, RosterHashBytes).ToArray();
        return connection.Number(
                "SELECT no FROM rosters WHERE tenant = $tenant AND host_no = $host AND hash = $hash",
                ("$tenant", tenant), ("$host", hostNo), ("$hash", hash))
            ?? connection.Number(
                """
                INSERT INTO rosters (tenant, host_no, no, hash, content)
                SELECT $tenant, $host, COALESCE(MAX(no), 0) + 1, $hash, $content FROM rosters WHERE tenant = $tenant AND host_no = $host
                RETURNING no
                """,
                ("$tenant", tenant), ("$host", hostNo), ("$hash", hash), ("$content", content))!.Value;
    }

    private HostState? StateOf(long hostNo) => connection.FirstRow(
        row => new HostState(
            row.Long(0), row.GetInt32(1) == 1, row.GetInt32(2), row.Text(3), row.Long(4), row.GetInt32(5), HostCounts.WindowOf(row, 6), row.GetInt32(9) == 1),
        """
        SELECT h.beat_us, h.is_settled, h.beats_unpruned, b.boot, b.roster_no, COUNT(*) OVER (), h.window_ms, h.delay_ms, h.delay_before_ms, h.skew_warned
        FROM hosts h LEFT JOIN host_beats b ON b.tenant = h.tenant AND b.host_no = h.no AND b.at_us = h.beat_us
        WHERE h.tenant = $tenant AND h.no = $host
        LIMIT 1
        """,
        ("$tenant", tenant), ("$host", hostNo));

    private void Insert(LedgerEvent beat, long hostNo, long sourceNo, byte[] idHash, long atUs, long? rosterNo, bool isTelling) => connection.Queue(
        """
        INSERT INTO host_beats (tenant, host_no, at_us, source_no, id_hash, received_ms, lease_s, boot, roster_no, is_telling)
        VALUES ($tenant, $host, $at, $source, $id, $received, $lease, $boot, $roster, $telling)
        """,
        ("$tenant", tenant), ("$host", hostNo), ("$at", atUs), ("$source", sourceNo), ("$id", idHash),
        ("$received", receivedAt.ToUnixTimeMilliseconds()), ("$lease", beat.LeaseSeconds!.Value), ("$boot", beat.Host.BootId), ("$roster", rosterNo), ("$telling", isTelling));

    private void Widen(long hostNo, long sinceUs, long atUs, IReadOnlyList<RosterEntry> roster)
    {
        if (!Changes.TryGetValue(hostNo, out var change))
            Changes.Add(hostNo, change = new HostChange());
        change.SinceUs = Math.Min(change.SinceUs, sinceUs);
        foreach (var osSessionId in roster.Select(entry => entry.OsSessionId))
        {
            var (firstUs, lastUs) = change.NamedSessions.GetValueOrDefault(osSessionId, (atUs, atUs));
            change.NamedSessions[osSessionId] = (Math.Min(firstUs, atUs), Math.Max(lastUs, atUs));
        }
    }

    /// <summary>What this beat makes known of the host's clock; beats are sent at once, so the least delayed of them is nearest to it.</summary>
    private Clock ClockOf(LedgerEvent beat, HostState? before, long atUs)
    {
        var receivedMs = receivedAt.ToUnixTimeMilliseconds();
        var window = DelayWindow.With(before?.Window, receivedMs, receivedMs - (atUs / 1000), DelayWindow.OfBeats);
        var wasWarned = before is { IsSkewWarned: true };
        if (window.SkewMsOfBeats(limits) is not { } skewMs)
            return new Clock(window, null, wasWarned);

        var isWarned = HostCounts.IsWarned(skewMs, wasWarned, limits);
        if (isWarned && !wasWarned)
            ClockWarnings.Add(new ClockWarning(beat.Host.Name, skewMs));
        return new Clock(window, skewMs, isWarned);
    }

    /// <summary>With what the beat tells of the host, so that its row is written once.</summary>
    private void Remember(LedgerEvent beat, HostTouch host, long sourceNo, long atUs, Clock clock)
    {
        connection.Queue(
            """
            UPDATE hosts SET
                sid = $sid, ip = $ip, group_id = $group, facts_us = $facts, last_seen_ms = MAX(last_seen_ms, $received),
                lease_s = CASE WHEN beat_us IS NULL OR $at >= beat_us THEN $lease ELSE lease_s END,
                beat_us = MAX(COALESCE(beat_us, 0), $at), beat_received_ms = $received, beats_unpruned = beats_unpruned + 1,
                is_settled = CASE WHEN $at >= COALESCE(beat_us, 0) AND $at > COALESCE(event_us, -1) THEN 1 ELSE 0 END,
                watch_ms = $received + 1000 * CASE WHEN beat_us IS NULL OR $at >= beat_us THEN $lease ELSE lease_s END,
                beats = beats + 1, beat_source_no = CASE WHEN beat_us IS NULL OR $at >= beat_us THEN $source ELSE beat_source_no END,
                window_ms = $window, delay_ms = $delay, delay_before_ms = $before, skew_warned = $warned,
                skew_ms = COALESCE($skew, skew_ms), skew_from = CASE WHEN CAST($skew AS BIGINT) IS NULL THEN skew_from ELSE $beats END,
                skew_at_ms = CASE WHEN CAST($skew AS BIGINT) IS NULL THEN skew_at_ms ELSE $received END
            WHERE tenant = $tenant AND no = $host
            """,
            ("$tenant", tenant), ("$host", host.Host.No), ("$sid", host.Host.Sid), ("$ip", host.Host.Ip), ("$group", host.Host.GroupId),
            ("$facts", host.Host.FactsUs), ("$at", atUs), ("$lease", beat.LeaseSeconds!.Value),
            ("$received", receivedAt.ToUnixTimeMilliseconds()), ("$source", sourceNo), ("$window", clock.Window.BeganMs), ("$delay", clock.Window.LeastMs),
            ("$before", clock.Window.BeforeMs), ("$warned", clock.IsWarned ? 1 : 0), ("$skew", clock.SkewMs), ("$beats", (int)SkewBasis.Beats));
        (host.IsTold, host.Host.HasBeats) = (false, true);
    }

    /// <summary>
    /// Takes out the beats that lie, an hour old or more, between two equal ones of the same source and boot and by which no session was ever
    /// read, and rosters that no beat has.
    /// </summary>
    private void Prune(long hostNo, long newestUs)
    {
        var horizonUs = newestUs - (KeepEach.Ticks / TimeSpan.TicksPerMicrosecond);
        connection.Queue(
            """
            DELETE FROM host_beats WHERE tenant = $tenant AND host_no = $host AND (at_us, source_no, id_hash) IN (
                SELECT at_us, source_no, id_hash FROM (
                    SELECT at_us, source_no, id_hash, boot, roster_no, is_telling,
                        LAG(at_us) OVER line AS older_us, LAG(boot) OVER line AS older_boot, LAG(roster_no) OVER line AS older_roster,
                        LEAD(at_us) OVER line AS newer_us, LEAD(boot) OVER line AS newer_boot, LEAD(roster_no) OVER line AS newer_roster
                    FROM host_beats WHERE tenant = $tenant AND host_no = $host
                    WINDOW line AS (PARTITION BY source_no ORDER BY at_us, id_hash)) lines
                WHERE older_us IS NOT NULL AND newer_us < $horizon AND is_telling = 0
                  AND older_boot IS NOT DISTINCT FROM boot AND newer_boot IS NOT DISTINCT FROM boot
                  AND older_roster IS NOT DISTINCT FROM roster_no AND newer_roster IS NOT DISTINCT FROM roster_no)
            """,
            ("$tenant", tenant), ("$host", hostNo), ("$horizon", horizonUs));
        connection.Queue(
            """
            DELETE FROM rosters WHERE tenant = $tenant AND host_no = $host
              AND no NOT IN (SELECT roster_no FROM host_beats WHERE tenant = $tenant AND host_no = $host AND roster_no IS NOT NULL)
            """,
            ("$tenant", tenant), ("$host", hostNo));
        connection.Queue("UPDATE hosts SET beats_unpruned = 0 WHERE tenant = $tenant AND no = $host", ("$tenant", tenant), ("$host", hostNo));
    }

    /// <param name="NewestBeats">How many beats the newest instant has: sources may differ in what they say of it.</param>
    /// <param name="Window">Null before the first beat.</param>
    private sealed record HostState(
        long? BeatUs, bool IsSettled, int Unpruned, string? Boot, long? RosterNo, int NewestBeats, DelayWindow? Window, bool IsSkewWarned);

    /// <param name="SkewMs">Null when this beat leaves open what the clock shows; what was known stays.</param>
    private sealed record Clock(DelayWindow Window, long? SkewMs, bool IsWarned);
}

/// <summary>What new beats may have changed on a host.</summary>
internal sealed class HostChange
{
    /// <summary>Nothing before this can have changed; microseconds since 1970.</summary>
    public long SinceUs { get; set; } = long.MaxValue;

    /// <summary>OS session ids that rosters name, with the first and the last beat that does.</summary>
    public Dictionary<string, (long FirstUs, long LastUs)> NamedSessions { get; } = new(StringComparer.Ordinal);
}

/// <summary>An event or a beat that the ledger has already, by its source and id.</summary>
/// <param name="AtUs">Its time, microseconds since 1970.</param>
internal sealed record KnownEvent(long AtUs, long HostNo);
