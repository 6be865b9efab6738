using Rollcall.Core;
using Rollcall.Core.Retention;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>One short piece of a run, inside a writer's transaction.</summary>
internal sealed class RetentionStep(StoreConnection connection, RetentionRun run, Func<byte[], byte[]> seal, DateTimeOffset now)
{
    /// <summary>Rows that one step looks at or takes away.</summary>
    private const int RowsMax = 500;

    /// <summary>Pages of <see cref="RowsMax"/> that one look reads before others have a turn.</summary>
    private const int PagesPerLook = 10;

    /// <summary>Leaves that one cut of the chain takes away, when the first batch alone has not more.</summary>
    private const int LeavesMax = 5_000;

    /// <summary>Sign-ins that one step takes away, most with two events each.</summary>
    private const int SignInsMax = 200;

    private readonly TenantId tenant = run.Tenant;
    private readonly long beforeMs = run.Before.ToUnixTimeMilliseconds();
    private readonly long beforeUs = Instants.ToUnixMicroseconds(run.Before);

    /// <summary>Where the next work is, and whether there is any at that place. Reads only: a step that would take nothing costs no commit.</summary>
    public (RetentionPlace Place, bool HasWork) Look(RetentionPlace at) => at.Phase switch
    {
        RetentionPhase.Sessions or RetentionPhase.FailedSessions => LookAtSessions(at),
        RetentionPhase.SignIns => FindSignIns().Count > 0 ? (at, true) : (Next(at, default), false),
        RetentionPhase.LooseEvents => LookAtLooseEvents(at),
        RetentionPhase.Beats => NextHostWithBeats(at.Cursor) is { } host ? (at with { Cursor = host - 1, Taken = default }, true) : (Next(at, default), false),
        _ => (at, true),
    };

    public RetentionPlace Take(RetentionPlace at) => at.Phase switch
    {
        RetentionPhase.Sessions or RetentionPhase.FailedSessions => Sessions(at),
        RetentionPhase.SignIns => SignIns(at),
        RetentionPhase.LooseEvents => LooseEvents(at),
        RetentionPhase.Beats => Beats(at),
        RetentionPhase.Chain => Chain(at),
        _ => at with { Phase = RetentionPhase.Done, Taken = default },
    };

    private static RetentionPlace Next(RetentionPlace at, RetentionCounts taken) => new(at.Phase + 1, 0, taken);

    private SessionRemoval SessionsOf(RetentionPlace at) => new(connection, tenant, now, at.Phase is RetentionPhase.Sessions ? SessionState.Ended : SessionState.Failed);

    private (RetentionPlace Place, bool HasWork) LookAtSessions(RetentionPlace at)
    {
        var removal = SessionsOf(at);
        return removal.Look(beforeMs, at).Count > 0 ? (at, true) : (After(removal, at, default), false);
    }

    private RetentionPlace Sessions(RetentionPlace at)
    {
        var removal = SessionsOf(at);
        var taken = removal.Remove(beforeMs, at);
        return After(removal, at, taken);
    }

    private static RetentionPlace After(SessionRemoval removal, RetentionPlace at, RetentionCounts taken) =>
        removal.Last is { } last ? at with { Cursor = last.Key, Tie = last.No, Taken = taken } : Next(at, taken);

    /// <summary>
    /// Those that are over for good, with the events that tell of them: signed out, expired or silent for too long. What another console never ended stays. The oldest go first, so that of
    /// what a console reports under one key (the stream) what stays is what its newest events tell.
    /// </summary>
    private RetentionPlace SignIns(RetentionPlace at)
    {
        var gone = FindSignIns();
        connection.Execute(
            "DELETE FROM sign_ins WHERE tenant = $tenant AND id IN (SELECT value FROM json_each($ids))", ("$tenant", tenant), ("$ids", gone.ConvertAll(signIn => signIn.Id)));
        var told = gone.Select(signIn => signIn.Stream).OfType<string>().Distinct(StringComparer.Ordinal).SelectMany(EventsBeforeSignIns).ToList();
        var taken = new RetentionCounts(0, 0, new EventRemoval(connection, tenant).Remove(told), 0, gone.Count);
        return gone.Count == SignInsMax ? at with { Taken = taken } : Next(at, taken);
    }

    private List<(string Id, string? Stream)> FindSignIns() => connection.Rows(
        row => (row.GetString(0), row.Text(1)),
        $"""
        SELECT id, stream FROM sign_ins
        WHERE tenant = $tenant AND started_ms < $before AND COALESCE(signed_out_ms, expires_ms, last_seen_ms + idle_limit_ms) < $before
        ORDER BY started_ms LIMIT {SignInsMax}
        """,
        ("$tenant", tenant), ("$before", beforeMs));

    /// <summary>Those that told of sign-ins that are gone: the others of the stream read the same without them.</summary>
    private List<long> EventsBeforeSignIns(string signInStream)
    {
        var stream = EventStream.OfSignIns(signInStream);
        return connection.Rows(
            row => row.GetInt64(0),
            """
            SELECT seq FROM events INDEXED BY events_stream
            WHERE tenant = $tenant AND host_no = $host AND stream = $stream AND at_us < $beforeUs
              AND at_us < COALESCE((SELECT MIN(started_ms) * 1000 FROM sign_ins WHERE tenant = $tenant AND stream = $signIns), $beforeUs)
            """,
            ("$tenant", tenant), ("$host", stream.HostNo), ("$stream", stream.Key), ("$signIns", signInStream), ("$beforeUs", beforeUs));
    }

    private (RetentionPlace Place, bool HasWork) LookAtLooseEvents(RetentionPlace at)
    {
        var cursor = at.Cursor;
        for (var page = 0; page < PagesPerLook; page++)
        {
            var (gone, last) = FindLooseEvents(cursor);
            if (gone.Count > 0)
                return (at with { Cursor = cursor, Taken = default }, true);
            if (last is null)
                return (Next(at, default), false);

            cursor = last.Value;
        }

        return (at with { Cursor = cursor, Taken = default }, false);
    }

    private RetentionPlace LooseEvents(RetentionPlace at)
    {
        var (gone, last) = FindLooseEvents(at.Cursor);
        var taken = new RetentionCounts(0, 0, new EventRemoval(connection, tenant).Remove(gone), 0, 0);
        return last is { } sequence ? at with { Cursor = sequence, Taken = taken } : Next(at, taken);
    }

    /// <summary>
    /// What happened to a host tells of every session there that began by then, and what was said in a session's stream may be that of one that began
    /// by then: such events stay as long as one of those does. An event of a sign-in stays as long as that sign-in or an older one of its stream.
    /// </summary>
    /// <returns>Those of one page that can go, and where to go on; null after the last that arrived long enough ago.</returns>
    private (List<long> Gone, long? Last) FindLooseEvents(long cursor)
    {
        var looked = connection.Rows(
            row => (Sequence: row.GetInt64(0), IsOld: row.GetInt64(1) == 1, IsLoose: row.GetInt64(2) == 1),
            $"""
            SELECT e.seq, CASE WHEN b.received_ms < $before THEN 1 ELSE 0 END,
                CASE WHEN e.at_us < $beforeUs
                  AND NOT EXISTS (SELECT 1 FROM session_events m WHERE m.tenant = $tenant AND m.seq = e.seq)
                  AND NOT EXISTS (SELECT 1 FROM session_rows s WHERE s.tenant = $tenant AND s.host_no = e.host_no AND s.stream = e.stream AND s.epoch_us <= e.at_us)
                  AND NOT (e.stream = 'h' AND EXISTS (SELECT 1 FROM session_rows s WHERE s.tenant = $tenant AND s.host_no = e.host_no AND s.epoch_us <= e.at_us))
                  AND NOT EXISTS (SELECT 1 FROM sign_ins i WHERE i.tenant = $tenant AND i.stream = CAST(e.host_no AS TEXT) || ':' || e.stream AND i.started_ms * 1000 <= e.at_us)
                THEN 1 ELSE 0 END
            FROM (SELECT seq, batch, at_us, host_no, stream FROM events WHERE tenant = $tenant AND seq > $cursor ORDER BY seq LIMIT {RowsMax}) e
            CROSS JOIN event_batches b ON b.tenant = $tenant AND b.no = e.batch
            ORDER BY e.seq
            """,
            ("$tenant", tenant), ("$cursor", cursor), ("$before", beforeMs), ("$beforeUs", beforeUs));
        var gone = looked.Where(row => row.IsOld && row.IsLoose).Select(row => row.Sequence).ToList();
        return (gone, looked.Count == RowsMax && looked.TrueForAll(row => row.IsOld) ? looked[^1].Sequence : null);
    }

    /// <summary>Null when no host after it has beats to lose.</summary>
    private long? NextHostWithBeats(long cursor) => connection.Number(
        $"""
        SELECT h.no FROM hosts h WHERE h.tenant = $tenant AND h.no > $cursor
          AND EXISTS (SELECT 1 FROM host_beats b WHERE b.tenant = $tenant AND b.host_no = h.no AND b.at_us < ({LastBeatNeeded("h.no")}))
        ORDER BY h.no LIMIT 1
        """,
        ("$tenant", tenant), ("$cursor", cursor), ("$beforeUs", beforeUs));

    /// <summary>The last one that any session of a host, or a new one, can rest on: the newest by the beginning of its oldest session, and before what is kept.</summary>
    private static string LastBeatNeeded(string host) =>
        $"""
        SELECT MAX(last.at_us) FROM host_beats last WHERE last.tenant = $tenant AND last.host_no = {host}
          AND last.at_us <= MIN($beforeUs, COALESCE((SELECT MIN(s.epoch_us) FROM session_rows s WHERE s.tenant = $tenant AND s.host_no = {host}), $beforeUs))
        """;

    /// <summary>Of one host those before the last one needed; then rosters that no beat has.</summary>
    private RetentionPlace Beats(RetentionPlace at)
    {
        if (NextHostWithBeats(at.Cursor) is not { } hostNo)
            return Next(at, default);

        var count = connection.Execute(
            $"""
            DELETE FROM host_beats WHERE tenant = $tenant AND host_no = $host AND (at_us, source_no, id_hash) IN (
                SELECT at_us, source_no, id_hash FROM host_beats WHERE tenant = $tenant AND host_no = $host AND at_us < ({LastBeatNeeded("$host")})
                ORDER BY at_us LIMIT {RowsMax})
            """,
            ("$tenant", tenant), ("$host", hostNo), ("$beforeUs", beforeUs));
        connection.Execute(
            """
            DELETE FROM rosters WHERE tenant = $tenant AND host_no = $host
              AND no NOT IN (SELECT roster_no FROM host_beats WHERE tenant = $tenant AND host_no = $host AND roster_no IS NOT NULL)
            """,
            ("$tenant", tenant), ("$host", hostNo));
        return at with { Cursor = count == RowsMax ? hostNo - 1 : hostNo, Taken = new RetentionCounts(0, 0, 0, count, 0) };
    }

    /// <summary>Up to the batch before the oldest event that stays, some batches at a time; the newest batch always stays, since the next one is chained to it.</summary>
    private RetentionPlace Chain(RetentionPlace at)
    {
        var oldestSequence = connection.Number("SELECT MIN(seq) FROM events WHERE tenant = $tenant", ("$tenant", tenant)) ?? long.MaxValue;
        var batches = connection.Rows(
            row => (First: row.GetInt64(0), Batch: new CheckpointedBatch(row.GetInt64(1), row.GetInt64(2), row.GetBytes(3))),
            $"""
            SELECT first_seq, no, last_seq, hash FROM (SELECT no, first_seq, last_seq, received_ms, hash FROM event_batches WHERE tenant = $tenant ORDER BY no LIMIT {RowsMax}) first
            WHERE last_seq < $oldest AND received_ms < $before AND no < (SELECT MAX(no) FROM event_batches newest WHERE newest.tenant = $tenant)
            ORDER BY no
            """,
            ("$tenant", tenant), ("$oldest", oldestSequence), ("$before", beforeMs));
        if (batches.Count == 0)
            return Next(at, default);

        // Each batch has a leaf of every event it had: at least one goes, however many that are.
        var cut = batches.TakeWhile((batch, index) => index == 0 || batch.Batch.LastSequence - batches[0].First < LeavesMax).ToList();
        new Checkpoints(connection, tenant).Cut(cut[^1].Batch, seal, now);
        return cut.Count < batches.Count || batches.Count == RowsMax ? at with { Taken = default } : Next(at, default);
    }
}
