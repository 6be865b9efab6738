using Rollcall.Core;
using Rollcall.Core.Retention;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>One short piece of a run, inside a writer's transaction.</summary>
internal sealed class RetentionStep(StoreConnection connection, RetentionRun run, Func<byte[], byte[]> seal, DateTimeOffset now)
{
    /// <summary>Rows that one step looks at or takes away.</summary>
    private const int RowsMax = 500;

    /// <summary>Sign-ins that one step takes away, most with two events each.</summary>
    private const int SignInsMax = 200;

    private readonly TenantId tenant = run.Tenant;
    private readonly long beforeMs = run.Before.ToUnixTimeMilliseconds();
    private readonly long beforeUs = Instants.ToUnixMicroseconds(run.Before);

    public RetentionPlace Take(RetentionPlace at) => at.Phase switch
    {
        RetentionPhase.Sessions or RetentionPhase.FailedSessions => Sessions(at),
        RetentionPhase.SignIns => SignIns(),
        RetentionPhase.LooseEvents => LooseEvents(at.Cursor),
        RetentionPhase.Beats => Beats(at.Cursor),
        RetentionPhase.Chain => Chain(),
        _ => at with { Phase = RetentionPhase.Done, Taken = default },
    };

    /// <summary>The same phase while it finds something, then the next.</summary>
    private static RetentionPlace Whole(RetentionPhase phase, RetentionCounts taken, bool hasMore) => new(hasMore ? phase : phase + 1, 0, taken);

    private RetentionPlace Sessions(RetentionPlace at)
    {
        var removal = new SessionRemoval(connection, tenant, now, at.Phase is RetentionPhase.Sessions ? SessionState.Ended : SessionState.Failed);
        var taken = removal.Remove(beforeMs, at);
        return removal.Last is { } last ? at with { Cursor = last.Key, Tie = last.No, Taken = taken } : new RetentionPlace(at.Phase + 1, 0, taken);
    }

    /// <summary>
    /// Those that are over for good, with the events that tell of them: signed out, expired or silent for too long. What another console never ended stays. The oldest go first, so that of
    /// what a console reports under one key (the stream) what stays is what its newest events tell.
    /// </summary>
    private RetentionPlace SignIns()
    {
        var gone = connection.Rows(
            row => (Id: row.GetString(0), Stream: row.Text(1)),
            $"""
            SELECT id, stream FROM sign_ins
            WHERE tenant = $tenant AND started_ms < $before AND COALESCE(signed_out_ms, expires_ms, last_seen_ms + idle_limit_ms) < $before
            ORDER BY started_ms LIMIT {SignInsMax}
            """,
            ("$tenant", tenant), ("$before", beforeMs));
        connection.Execute(
            "DELETE FROM sign_ins WHERE tenant = $tenant AND id IN (SELECT value FROM json_each($ids))", ("$tenant", tenant), ("$ids", gone.ConvertAll(signIn => signIn.Id)));
        var told = gone.Select(signIn => signIn.Stream).OfType<string>().Distinct(StringComparer.Ordinal).SelectMany(EventsBeforeSignIns).ToList();
        var taken = new RetentionCounts(0, 0, new EventRemoval(connection, tenant).Remove(told), 0, gone.Count);
        return Whole(RetentionPhase.SignIns, taken, hasMore: gone.Count == SignInsMax);
    }

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

    /// <summary>
    /// What happened to a host tells of every session there that began by then, and what was said in a session's stream may be that of one that began
    /// by then: such events stay as long as one of those does. An event of a sign-in stays as long as that sign-in or an older one of its stream.
    /// </summary>
    private RetentionPlace LooseEvents(long cursor)
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
        var taken = new RetentionCounts(0, 0, new EventRemoval(connection, tenant).Remove(gone), 0, 0);
        return looked.Count == RowsMax && looked.TrueForAll(row => row.IsOld)
            ? new RetentionPlace(RetentionPhase.LooseEvents, looked[^1].Sequence, taken)
            : new RetentionPlace(RetentionPhase.LooseEvents + 1, 0, taken);
    }

    /// <summary>Of one host those before the last one that any of its sessions, or a new one, can rest on; then rosters that no beat has.</summary>
    private RetentionPlace Beats(long cursor)
    {
        if (connection.Number("SELECT MIN(no) FROM hosts WHERE tenant = $tenant AND no > $cursor", ("$tenant", tenant), ("$cursor", cursor)) is not { } hostNo)
            return new RetentionPlace(RetentionPhase.Beats + 1, 0, default);

        var floorUs = Math.Min(beforeUs, connection.Number(
            "SELECT MIN(epoch_us) FROM session_rows WHERE tenant = $tenant AND host_no = $host", ("$tenant", tenant), ("$host", hostNo)) ?? beforeUs);
        var count = connection.Execute(
            $"""
            DELETE FROM host_beats WHERE tenant = $tenant AND host_no = $host AND (at_us, source_no, id_hash) IN (
                SELECT at_us, source_no, id_hash FROM host_beats WHERE tenant = $tenant AND host_no = $host
                  AND at_us < (SELECT MAX(last.at_us) FROM host_beats last WHERE last.tenant = $tenant AND last.host_no = $host AND last.at_us <= $floor)
                ORDER BY at_us LIMIT {RowsMax})
            """,
            ("$tenant", tenant), ("$host", hostNo), ("$floor", floorUs));
        if (count > 0)
        {
            connection.Execute(
                """
                DELETE FROM rosters WHERE tenant = $tenant AND host_no = $host
                  AND no NOT IN (SELECT roster_no FROM host_beats WHERE tenant = $tenant AND host_no = $host AND roster_no IS NOT NULL)
                """,
                ("$tenant", tenant), ("$host", hostNo));
        }

        return new RetentionPlace(RetentionPhase.Beats, count == RowsMax ? cursor : hostNo, new RetentionCounts(0, 0, 0, count, 0));
    }

    /// <summary>Up to the batch before the oldest event that stays, some batches at a time; the newest batch always stays, since the next one is chained to it.</summary>
    private RetentionPlace Chain()
    {
        var oldestSequence = connection.Number("SELECT MIN(seq) FROM events WHERE tenant = $tenant", ("$tenant", tenant)) ?? long.MaxValue;
        var batches = connection.Rows(
            row => new CheckpointedBatch(row.GetInt64(0), row.GetInt64(1), row.GetBytes(2)),
            $"""
            SELECT no, last_seq, hash FROM (SELECT no, last_seq, received_ms, hash FROM event_batches WHERE tenant = $tenant ORDER BY no LIMIT {RowsMax}) first
            WHERE last_seq < $oldest AND received_ms < $before AND no < (SELECT MAX(no) FROM event_batches newest WHERE newest.tenant = $tenant)
            ORDER BY no
            """,
            ("$tenant", tenant), ("$oldest", oldestSequence), ("$before", beforeMs));
        if (batches.Count > 0)
            new Checkpoints(connection, tenant).Cut(batches[^1], seal, now);
        return Whole(RetentionPhase.Chain, default, hasMore: batches.Count == RowsMax);
    }
}
