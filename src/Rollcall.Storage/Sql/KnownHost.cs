using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>What a host told of itself, and the server of it, by arrival.</summary>
internal sealed class KnownHost(StoreConnection connection, TenantId tenant, long hostNo, long knownMs)
{
    /// <summary>Rosters looked at from either end of a session's time.</summary>
    private const int RostersMax = 200;

    /// <summary>Boots, shutdowns and judged silences that had arrived.</summary>
    public IReadOnlyList<StoredEvent> Events { get; } = connection.Rows(
        EventRow.Read,
        $"{EventRow.SelectOfStream} WHERE e.tenant = $tenant AND e.host_no = $host AND e.stream = $stream AND b.received_ms <= $known",
        ("$tenant", tenant), ("$host", hostNo), ("$stream", EventStream.HostKey), ("$known", knownMs));

    public IReadOnlyCollection<StoredEvent> EventsBy(DateTimeOffset at) => [.. Events.Where(stored => stored.ReceivedAt <= at)];

    public IBeatHistory BeatsBy(DateTimeOffset at) => new SqlBeatHistory(connection, tenant, hostNo, Math.Min(knownMs, at.ToUnixTimeMilliseconds()));

    /// <summary>Beats by which sessions may have been read, oldest arrival first.</summary>
    /// <param name="from">By the host's clock, inclusive.</param>
    /// <param name="next">Beats that are later than this and arrived after it are left out; null leaves none out.</param>
    /// <param name="arrived">The oldest and the newest arrival that count.</param>
    public List<SeenBeat> TellingBeats(DateTimeOffset from, StoredEvent? next, (DateTimeOffset Since, DateTimeOffset Until) arrived, int take) => connection.Rows(
        row => new SeenBeat(Instants.FromUnixMicroseconds(row.GetInt64(0)), row.Instant(1), row.GetString(2)),
        """
        SELECT b.at_us, b.received_ms, o.name FROM host_beats b JOIN sources o ON o.tenant = b.tenant AND o.no = b.source_no
        WHERE b.tenant = $tenant AND b.host_no = $host AND b.at_us >= $from AND (b.at_us < $next OR b.received_ms <= $nextArrived)
          AND b.is_telling = 1 AND b.received_ms BETWEEN $since AND $until
        ORDER BY b.received_ms, b.at_us LIMIT $take
        """,
        ("$tenant", tenant), ("$host", hostNo), ("$from", Instants.ToUnixMicroseconds(from)),
        ("$next", next is null ? long.MaxValue : Instants.ToUnixMicroseconds(next.Event.At)), ("$nextArrived", next?.ReceivedAt.ToUnixTimeMilliseconds() ?? long.MaxValue),
        ("$since", arrived.Since.ToUnixTimeMilliseconds()), ("$until", Math.Min(arrived.Until.ToUnixTimeMilliseconds(), knownMs)), ("$take", take));

    /// <summary>The first and the newest roster that names the session; null when none of those looked at does.</summary>
    /// <param name="toUs">By the host's clock, inclusive.</param>
    public RosterProof? RostersNaming(Session session, long fromUs, long toUs)
    {
        var first = Naming(session, fromUs, toUs, "ASC");
        return first is null ? null : new RosterProof(first, Naming(session, fromUs, toUs, "DESC")!);
    }

    private SeenBeat? Naming(Session session, long fromUs, long toUs, string direction) => connection.Rows(
            row => (Seen: new SeenBeat(Instants.FromUnixMicroseconds(row.GetInt64(0)), row.Instant(1), row.GetString(2)), Boot: row.Text(3), Roster: row.Bytes(4)),
            $"""
            SELECT b.at_us, b.received_ms, o.name, b.boot, r.content
            FROM host_beats b
            JOIN sources o ON o.tenant = b.tenant AND o.no = b.source_no
            JOIN rosters r ON r.tenant = b.tenant AND r.host_no = b.host_no AND r.no = b.roster_no
            WHERE b.tenant = $tenant AND b.host_no = $host AND b.at_us BETWEEN $from AND $to AND b.received_ms <= $known
            ORDER BY b.at_us {direction} LIMIT {RostersMax}
            """,
            ("$tenant", tenant), ("$host", hostNo), ("$from", fromUs), ("$to", toUs), ("$known", knownMs))
        .Where(beat => session.Host.BootId is not { } boot || beat.Boot is null || beat.Boot == boot)
        .Where(beat => new HostBeat(beat.Seen.At, TimeSpan.Zero, beat.Boot, JsonSerializer.Deserialize(beat.Roster!, BeatJson.Default.ListRosterEntry))
            .Names(session.OsSessionId, NameKey.OfPlain(session.User)))
        .Select(beat => beat.Seen)
        .FirstOrDefault();
}
