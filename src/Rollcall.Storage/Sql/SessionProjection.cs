using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Reads one stream's events anew from the epoch before a change on, and writes the sessions that follow.</summary>
/// <param name="changes">Every session that is written is told there.</param>
/// <param name="at">Arrival of the change.</param>
/// <param name="memory">Tails of streams are kept there.</param>
/// <param name="storyVersion">Of the stream's host; null when it is not known, then nothing is kept.</param>
internal sealed class SessionProjection(
    StoreConnection connection, TenantId tenant, EventStream stream, IBeatHistory beats, SessionChangeLog changes, DateTimeOffset at, TenantMemory memory, int? storyVersion)
{
    private StreamChange arrived = new(long.MaxValue);

    public FactNumbers Facts { get; init; } = new(connection, tenant, memory);

    /// <summary>Of the stream's host, when others may ask for it too.</summary>
    public HostStory Story { get; init; } = new(connection, tenant, stream.HostNo);

    /// <param name="change">What in the stream is new.</param>
    public void Update(StreamChange change)
    {
        arrived = change;
        var tail = (memory.Tails.TryGet(stream, out var kept) ? kept.With(change, at, storyVersion) : null) ?? Load(change);
        var known = tail.Sessions.ToList();
        var sessions = new List<KnownSession>();
        var remains = new PurgedRemains(connection, tenant);
        var members = new SessionMembers(connection, tenant, change);
        foreach (var session in SessionReducer.Reduce(tenant, tail.Events, tail.HostEvents, beats))
        {
            if (TakeKnown(known, session) is var was && (was is not null || !remains.Has(session)))
                sessions.Add(Write(session, was, members));
        }

        foreach (var gone in known)
            MoveInto(gone);
        tail = tail with { Sessions = sessions };
        if (tail.IsLasting)
            memory.Tails.Keep(stream, tail);
        else
            memory.Tails.Drop(stream);
    }

    /// <summary>One session as its stream and its host tell it; writes and remembers nothing.</summary>
    /// <param name="epochUs">When it begins, as it is stored.</param>
    /// <param name="anchorSequence">Of its anchor, as it is stored.</param>
    public ReducedSession Read(long epochUs, long anchorSequence)
    {
        var tail = Load(new StreamChange(epochUs));
        return SessionReducer.Reduce(tenant, tail.Events, tail.HostEvents, beats).First(session => session.Events.Any(stored => stored.Sequence == anchorSequence));
    }

    private StreamTail Load(StreamChange change)
    {
        if (IsAllNew(change))
            return new StreamTail(change.SinceUs, [.. change.Added(at)], Story.Since(change.SinceUs), [], OlderSessions.None) { SourceNo = change.HasWord ? null : change.SourceNo, StoryVersion = storyVersion };

        var sources = SourceNumbers();
        var floorUs = sources.Count == 1 ? FloorUs(change, sources[0]) : long.MinValue;
        return new StreamTail(floorUs, Events(floorUs), Story.Since(floorUs), KnownSessions(floorUs), Older(floorUs))
        {
            SourceNo = sources.Count == 1 ? sources[0] : null,
            StoryVersion = storyVersion,
        };
    }

    /// <summary>Whether the stream has no other events than the change's.</summary>
    private bool IsAllNew(StreamChange change) => change.IsOnlyNew ?? (change.AddedCount > 0 && connection.Number(
        """
        SELECT COUNT(*) FROM (
            SELECT 1 FROM events INDEXED BY events_stream WHERE tenant = $tenant AND host_no = $host AND stream = $stream LIMIT $take) found
        """,
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$take", change.AddedCount + 1)) == change.AddedCount);

    private OlderSessions Older(long floorUs) => connection.Rows(
            row => (Boot: row.Text(0), OverMs: row.Long(1)),
            """
            SELECT (SELECT b.boot_id FROM session_boots b WHERE b.tenant = $tenant AND b.no = older.epoch_boot_no), older.over_ms
            FROM (
                SELECT epoch_boot_no, MAX(CASE WHEN ended_ms IS NULL THEN $open ELSE end_latest_ms END) AS over_ms FROM session_rows INDEXED BY sessions_stream
                WHERE tenant = $tenant AND host_no = $host AND stream = $stream AND epoch_us < $floor GROUP BY epoch_boot_no) older
            """,
            ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$floor", floorUs), ("$open", long.MaxValue))
        is { Count: > 0 } older
            ? new OlderSessions(older.Max(one => one.OverMs!.Value), older.Where(one => one.Boot is not null).Select(one => one.Boot!).ToHashSet(StringComparer.Ordinal))
            : OlderSessions.None;

    /// <summary>
    /// The beginning of the oldest epoch that the change can touch: that of the newest event before it, of every session that
    /// was not over by then, of the newest session of each boot that it or a later event names, and of every session with an
    /// event from there on; widened until nothing more is reached. Where several sources tell of one stream they may
    /// share a logon anywhere in it, so all of it is read.
    /// </summary>
    private long FloorUs(StreamChange change, long onlySource)
    {
        var floorUs = Math.Min(change.SinceUs, EpochOfNewestEventBefore(change.SinceUs, onlySource) ?? change.SinceUs);
        floorUs = Math.Min(floorUs, OldestEpochNotOver(change.SinceUs) ?? floorUs);
        foreach (var boot in change.Boots.Concat(BootsOfSessionsWithEventSince(change.SinceUs)))
            floorUs = Math.Min(floorUs, NewestEpochOfBootBefore(boot, floorUs) ?? floorUs);
        while (OldestEpochWithEventSince(floorUs) is { } reachedUs && reachedUs < floorUs)
            floorUs = reachedUs;
        return floorUs;
    }

    /// <summary>Without operators' words: they are about a session and tell of none.</summary>
    private List<long> SourceNumbers() => connection.Rows(
        reader => reader.GetInt64(0),
        """
        SELECT DISTINCT source_no FROM events INDEXED BY events_stream
        WHERE tenant = $tenant AND host_no = $host AND stream = $stream
          AND source_no NOT IN (SELECT no FROM sources WHERE tenant = $tenant AND name >= 'rollcall:' AND name < 'rollcall;')
        """,
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key));

    private long? EpochOfNewestEventBefore(long sinceUs, long sourceNo) => connection.Number(
        """
        SELECT s.epoch_us FROM (
            SELECT seq FROM events INDEXED BY events_stream
            WHERE tenant = $tenant AND host_no = $host AND stream = $stream AND source_no = $source AND at_us < $since
            ORDER BY at_us DESC LIMIT 1) newest
        CROSS JOIN session_events m ON m.tenant = $tenant AND m.seq = newest.seq
        CROSS JOIN session_rows s ON s.tenant = $tenant AND s.no = m.session_no
        """,
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$source", sourceNo), ("$since", sinceUs));

    private long? OldestEpochNotOver(long sinceUs) => connection.Number(
        """
        SELECT MIN(epoch_us) FROM session_rows INDEXED BY sessions_stream
        WHERE tenant = $tenant AND host_no = $host AND stream = $stream AND epoch_us <= $since
          AND (ended_ms IS NULL OR end_latest_ms >= $sinceMs)
        """,
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$since", sinceUs), ("$sinceMs", sinceUs / 1000));

    private List<string> BootsOfSessionsWithEventSince(long sinceUs) => connection.Rows(
        row => row.GetString(0),
        """
        SELECT DISTINCT b.boot_id FROM events e INDEXED BY events_stream
        CROSS JOIN session_events m ON m.tenant = $tenant AND m.seq = e.seq
        CROSS JOIN session_rows s ON s.tenant = $tenant AND s.no = m.session_no
        CROSS JOIN session_boots b ON b.tenant = $tenant AND b.no = s.epoch_boot_no
        WHERE e.tenant = $tenant AND e.host_no = $host AND e.stream = $stream AND e.at_us >= $since
        """,
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$since", sinceUs));

    private long? NewestEpochOfBootBefore(string boot, long floorUs) => connection.Number(
        """
        SELECT MAX(epoch_us) FROM session_rows INDEXED BY sessions_stream
        WHERE tenant = $tenant AND host_no = $host AND stream = $stream AND epoch_boot_no = $boot AND epoch_us < $floor
        """,
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$boot", Facts.Boot(boot)), ("$floor", floorUs));

    private long? OldestEpochWithEventSince(long floorUs) => connection.Number(
        """
        SELECT MIN(s.epoch_us) FROM events e INDEXED BY events_stream
        CROSS JOIN session_events m ON m.tenant = $tenant AND m.seq = e.seq
        CROSS JOIN session_rows s ON s.tenant = $tenant AND s.no = m.session_no
        WHERE e.tenant = $tenant AND e.host_no = $host AND e.stream = $stream AND e.at_us >= $floor
        """,
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$floor", floorUs));

    private List<StoredEvent> Events(long floorUs) => connection.Rows(
        EventRow.Read,
        $"{EventRow.SelectOfStream} WHERE e.tenant = $tenant AND e.host_no = $host AND e.stream = $stream AND e.at_us >= $floor",
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$floor", floorUs));

    private List<KnownSession> KnownSessions(long floorUs) => connection.Rows(
        row => new KnownSession(
            SessionRow.Read(row, tenant),
            new SessionPlace(row.GetInt64(SessionRow.NumberColumn), row.GetInt64(SessionRow.NumberColumn + 1), row.GetInt64(SessionRow.NumberColumn + 2), row.Text(SessionRow.NumberColumn + 3), stream),
            row.GetInt32(SessionRow.NumberColumn + 4)),
        $"""
        SELECT {SessionRow.Columns}, anchor_seq, epoch_us, epoch_boot,
               (SELECT COUNT(*) FROM session_events m WHERE m.tenant = $tenant AND m.session_no = sessions.no)
        FROM sessions
        WHERE tenant = $tenant AND host_no = $host AND stream = $stream AND epoch_us >= $floor
        ORDER BY no
        """,
        ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$floor", floorUs));

    /// <summary>The session the ledger knew by one of these events; its id stays whatever arrives late.</summary>
    private static KnownSession? TakeKnown(List<KnownSession> known, ReducedSession session)
    {
        var index = known.FindIndex(candidate => session.Events.Any(stored => stored.Sequence == candidate.Place.AnchorSequence));
        if (index < 0)
            return null;

        var found = known[index];
        known.RemoveAt(index);
        return found;
    }

    private KnownSession Write(ReducedSession reduced, KnownSession? known, SessionMembers members)
    {
        var place = new SessionPlace(known?.Place.No ?? NextNumber(), AnchorSequence(reduced, known), Instants.ToUnixMicroseconds(reduced.EpochAt), reduced.BootId, stream);
        var session = reduced.Session with
        {
            Id = known?.Session.Id ?? NewId(reduced),
            Revision = known?.Session.Revision ?? 1,
        };
        // Counted before anything was written: an event that left for another session is noticed as well as one that came.
        var membersChanged = members.Add(place.No, known, reduced.Events) || known?.MemberCount != reduced.Events.Count;
        var isSame = known is not null && known.Session == session && known.Place == place;
        var isWritten = !isSame || membersChanged;
        if (isWritten)
        {
            if (known is null)
                connection.Add(AnchorInsert, AnchorOf(place.No, place.AnchorSequence));
            else if (known.Place.AnchorSequence != place.AnchorSequence)
                Anchor(place.No, place.AnchorSequence);
            if (known is not null && known.Session != session)
                session = session with { Revision = session.Revision + 1 };
            if (!isSame)
                SessionRow.Write(connection, Facts, session, place, known);
            KeepBeat(reduced.EndingBeatAt);
            ConnectionRow.Write(connection, Facts, tenant, place.No, stream.HostNo, reduced.Connections, known is null ? [] : known.Connections);
            changes.Written(place.No);
        }

        return new KnownSession(session, place, reduced.Events.Count, reduced.Events, isWritten ? reduced.Connections : known!.Connections);
    }

    /// <summary>
    /// The beat that shows a session's end may lie in the middle of a run that never named it, and need not be the newest: of an event and the
    /// beats after it that came together, it is the oldest. Without it the next reading would give a wider interval.
    /// </summary>
    private void KeepBeat(DateTimeOffset? beatAt)
    {
        if (beatAt is { } at)
        {
            connection.Queue(
                "UPDATE host_beats SET is_telling = 1 WHERE tenant = $tenant AND host_no = $host AND at_us = $at AND is_telling = 0",
                ("$tenant", tenant), ("$host", stream.HostNo), ("$at", Instants.ToUnixMicroseconds(at)));
        }
    }

    private const string AnchorInsert = "INSERT INTO session_anchors (tenant, session_no, since_ms, anchor_seq) VALUES ($tenant, $no, $since, $anchor)";

    /// <summary>Notes by which event the session is found from now on; null when it is no more. So its id at any instant can be told again.</summary>
    private void Anchor(long no, long? sequence) => connection.Queue(
        $"{AnchorInsert} ON CONFLICT (tenant, session_no, since_ms) DO UPDATE SET anchor_seq = excluded.anchor_seq", AnchorOf(no, sequence));

    private (string, object?)[] AnchorOf(long no, long? sequence) =>
        [("$tenant", tenant), ("$no", no), ("$since", at.ToUnixTimeMilliseconds()), ("$anchor", sequence)];

    /// <summary>Once a logon names a session it does so for ever; before that the best event known does.</summary>
    private static long AnchorSequence(ReducedSession reduced, KnownSession? known) =>
        reduced.Events.Any(stored => stored.Sequence == known?.Place.AnchorSequence && stored.Event.Kind == reduced.Anchor.Event.Kind)
            ? known!.Place.AnchorSequence
            : reduced.Anchor.Sequence;

    /// <summary>Derived from the anchor, so that the same log read into an empty ledger gives the same id; another id when that one is taken.</summary>
    private string NewId(ReducedSession reduced)
    {
        var id = EventIdentity.DeriveId("session", tenant, reduced.Anchor.Event);
        // No session can have been found by an event that was not there before: the first one that is has the id.
        if (arrived.Has(reduced.Anchor.Sequence))
            return id;

        var isTaken = connection.Number(
            """
            SELECT 1 FROM session_rows WHERE tenant = $tenant AND id = $id
            UNION ALL SELECT 1 FROM session_aliases WHERE tenant = $tenant AND id = $id
            """,
            ("$tenant", tenant), ("$id", id)) is not null;
        return isTaken ? Guid.NewGuid().ToString("N") : id;
    }

    /// <summary>One that no session of the tenant ever had: anchors stay when a session is joined with another.</summary>
    private long NextNumber()
    {
        memory.LastSessionNo ??= connection.Number(
            """
            SELECT MAX(COALESCE((SELECT MAX(no) FROM session_rows WHERE tenant = $tenant), 0), COALESCE((SELECT MAX(session_no) FROM session_anchors WHERE tenant = $tenant), 0))
            """,
            ("$tenant", tenant)) ?? 0;
        memory.LastSessionNo++;
        return memory.LastSessionNo.Value;
    }

    /// <summary>A late event showed two sessions to be one: the id that goes keeps finding the session that stays.</summary>
    private void MoveInto(KnownSession gone)
    {
        var stays = connection.Number(
            "SELECT session_no FROM session_events WHERE tenant = $tenant AND seq = $anchor",
            ("$tenant", tenant), ("$anchor", gone.Place.AnchorSequence));
        connection.Queue(
            "UPDATE session_aliases SET session_no = $stays WHERE tenant = $tenant AND session_no = $gone",
            ("$tenant", tenant), ("$stays", stays), ("$gone", gone.Place.No));
        connection.Queue(
            """
            INSERT INTO session_aliases (tenant, id, session_no, gone_no) VALUES ($tenant, $id, $stays, $gone)
            ON CONFLICT (tenant, id) DO UPDATE SET session_no = excluded.session_no, gone_no = excluded.gone_no
            """,
            ("$tenant", tenant), ("$id", gone.Session.Id), ("$stays", stays), ("$gone", gone.Place.No));
        Anchor(gone.Place.No, sequence: null);
        connection.Queue(
            "DELETE FROM connection_rows WHERE tenant = $tenant AND session_no = $no", ("$tenant", tenant), ("$no", gone.Place.No));
        connection.Queue("DELETE FROM session_rows WHERE tenant = $tenant AND no = $no", ("$tenant", tenant), ("$no", gone.Place.No));
        changes.Joined(gone.Place.No, gone.Session.Id);
    }
}
