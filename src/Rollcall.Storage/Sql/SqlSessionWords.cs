using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>Writes operators' words as events, in the transaction that looks at the session they are about.</summary>
public sealed class SqlSessionWords(StoreDatabase database, TimeProvider clock) : ISessionWords
{
    public Task<Session?> CloseAsync(TenantId tenant, string sessionId, SessionClosing closing, CancellationToken cancel) =>
        SayAsync(tenant, sessionId, found => CheckClosing(found, closing.EndAt), new Saying(EventKind.SessionClosed, closing.OperatorId, closing.Reason, null, closing.EndAt), cancel);

    public Task<Session?> CorrectAsync(TenantId tenant, string sessionId, SessionCorrection correction, CancellationToken cancel) =>
        SayAsync(tenant, sessionId, found => CheckCorrection(found.Session, correction), new Saying(EventKind.SessionCorrected, correction.OperatorId, correction.Reason, correction.StartAt, correction.EndAt), cancel);

    private void CheckClosing(Found found, DateTimeOffset? endAt)
    {
        if (found.Session.End is { Source: EndTimeSource.Reported })
            throw FaultException.Conflict("The session is over: its end was reported. Correct it instead");

        if (found.IsEndCorrected)
            throw FaultException.Conflict($"An operator corrected the end to {found.Session.End!.At:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}, and that stands. Correct it again instead");

        // In the ledger's milliseconds, so that the instant which the refusal names is taken.
        if (endAt < Instants.ToMilliseconds(found.AliveAt))
            throw FaultException.Malformed("end_time", $"no earlier than the session's last sign of life, {found.AliveAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}");

        CheckTimes(found.Session.StartedAt, endAt);
    }

    private void CheckCorrection(Session session, SessionCorrection correction)
    {
        if (session.State is SessionState.Failed)
            throw FaultException.Conflict("The session failed: it has no times to correct");
        if (session.End is null && correction.EndAt is not null)
            throw FaultException.Conflict("The session is open: close it instead");

        CheckTimes(correction.StartAt ?? session.StartedAt, correction.EndAt ?? session.End?.At);
        if (correction.StartAt > clock.GetUtcNow())
            throw FaultException.Malformed("start_time", "not in the future");
    }

    private void CheckTimes(DateTimeOffset startAt, DateTimeOffset? endAt)
    {
        if (endAt < startAt)
            throw FaultException.Malformed("end_time", "no earlier than the start of the session");
        if (endAt > clock.GetUtcNow())
            throw FaultException.Malformed("end_time", "not in the future");
    }

    private Task<Session?> SayAsync(TenantId tenant, string sessionId, Action<Found> check, Saying saying, CancellationToken cancel) => database.WriteAsync(
        tenant,
        connection =>
        {
            var now = Instants.ToMilliseconds(clock.GetUtcNow());
            if (Find(connection, tenant, sessionId, now) is not { } found)
                return null;

            check(found);
            var word = WordOf(found, saying, now);
            new EventAppender(connection, tenant, now, HealthLimits.Default).Append([word], [EventParts.Of(word)], []);
            return SqlSessionLedger.Detail(connection, tenant, sessionId)!.Session;
        },
        cancel);

    private static LedgerEvent WordOf(Found found, Saying saying, DateTimeOffset now) => new()
    {
        Source = ServerSource.Of(saying.OperatorId),
        Id = Guid.NewGuid().ToString("N"),
        Kind = saying.Kind,
        // Said after everything that is known of the session, however far ahead the host's clock is.
        At = now > found.KnownAt ? now : found.KnownAt,
        Host = new HostFacts { Name = found.Session.Host.Name },
        OsSessionId = found.Session.OsSessionId,
        Reason = saying.Reason,
        Word = new OperatorWord(found.Anchor.Source, found.Anchor.Id, saying.StartAt, saying.EndAt),
    };

    private static Found? Find(StoreConnection connection, TenantId tenant, string sessionId, DateTimeOffset now)
    {
        var places = connection.Rows(
            row => (
                Session: SessionRow.Read(row, tenant), AnchorSequence: row.GetInt64(SessionRow.NumberColumn + 1), EpochUs: row.GetInt64(SessionRow.NumberColumn + 2),
                Stream: new EventStream(row.GetInt64(SessionRow.NumberColumn + 3), row.GetString(SessionRow.NumberColumn + 4)), BeatUs: row.GetInt64(SessionRow.NumberColumn + 5)),
            $"""
            SELECT {SessionRow.Columns}, anchor_seq, epoch_us, host_no, stream,
                COALESCE((SELECT h.beat_us FROM hosts h WHERE h.tenant = $tenant AND h.no = sessions.host_no), 0)
            FROM sessions
            WHERE tenant = $tenant AND no = COALESCE(
                (SELECT no FROM session_rows WHERE tenant = $tenant AND id = $id),
                (SELECT session_no FROM session_aliases WHERE tenant = $tenant AND id = $id))
            """,
            ("$tenant", tenant), ("$id", sessionId));
        if (places is not [var place])
            return null;

        var beats = new SqlBeatHistory(connection, tenant, place.Stream.HostNo);
        var memory = connection.MemoryOf(tenant);
        var changes = new SessionChangeLog(connection, tenant, now, memory);
        var reduced = new SessionProjection(connection, tenant, place.Stream, beats, changes, now, memory, storyVersion: null).Read(place.EpochUs, place.AnchorSequence);
        var knownAt = reduced.Events.Select(stored => stored.Event.At).Append(reduced.AliveAt).Append(Instants.FromUnixMicroseconds(place.BeatUs)).Max();
        return new Found(place.Session, reduced.Events.First(stored => stored.Sequence == place.AnchorSequence).Event, knownAt, reduced.AliveAt, reduced.IsEndCorrected);
    }

    /// <param name="KnownAt">The newest of the session's events, of what was said of it and of its host's beats.</param>
    /// <param name="AliveAt">As <see cref="ReducedSession.AliveAt"/>.</param>
    /// <param name="IsEndCorrected">As <see cref="ReducedSession.IsEndCorrected"/>: a closing would change nothing.</param>
    private sealed record Found(Session Session, LedgerEvent Anchor, DateTimeOffset KnownAt, DateTimeOffset AliveAt, bool IsEndCorrected);

    private sealed record Saying(EventKind Kind, long OperatorId, string Reason, DateTimeOffset? StartAt, DateTimeOffset? EndAt);
}
