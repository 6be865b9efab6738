using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Random histories in a real store, in whatever batches, against the reducer that sees all of them at once.</summary>
public abstract class EventHistoryTests(StoreEngine engine)
{
    [Fact]
    public void Whatever_the_batches_the_store_says_what_the_reducer_says_of_all_events_and_no_id_is_lost() => CheckBatches(histories: 200);

    [Fact, Trait("Category", "Long")]
    public void Thousands_of_histories_in_whatever_batches_agree_with_the_reducer() => CheckBatches(histories: 5_000);

    private void CheckBatches(int histories)
    {
        var property = Prop.ForAll(RandomHistories.Arrivals().ToArbitrary(), arrivals =>
        {
            using var stored = new BlockingStore(engine);
            var known = new HashSet<string>(StringComparer.Ordinal);
            foreach (var batch in arrivals)
            {
                stored.Append(batch);
                known.UnionWith(stored.Sessions().Select(session => session.Id));
                if (batch.Length % 2 == 0)
                    stored.JudgeSilence();
            }

            stored.JudgeSilence();
            var reduced = Reduce(WithSilence([.. arrivals.SelectMany(batch => batch)]));
            Assert.Null(reduced.FirstOrDefault(one => !AddsUp(one)));
            Assert.All(known, id => Assert.True(stored.Finds(id), $"lost: {id}"));
            Assert.Equal(
                RandomHistories.Describe(reduced.Select(one => (one.Session, one.Connections))), RandomHistories.Describe(stored.Sessions().Select(stored.Detail)));
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(engine.Rounds(histories)), property);
    }

    /// <summary>A lease has passed since the last arrival: a host that ever sent a beat is judged.</summary>
    private static LedgerEvent[] WithSilence(LedgerEvent[] events) =>
        events.Any(e => e.Kind is EventKind.HostBeat) ? [.. events, Silence(events)] : events;

    /// <summary>Time with and without a client is the whole time, but for what it spent initializing.</summary>
    private static bool AddsUp(ReducedSession reduced)
    {
        var (session, spentMs) = (reduced.Session, reduced.Session.ConnectedMs + reduced.Session.DisconnectedMs);
        var durationMs = session.DurationMsAt(session.ChangedAt);
        var isInitialized = reduced.Events.Any(stored => stored.Event.Kind is EventKind.SessionInitializing or EventKind.SessionFailed);
        return reduced.Connections.All(connection => IsWithin(session, connection)) && (spentMs == durationMs || (isInitialized && spentMs <= durationMs));
    }

    /// <summary>A connection ends no earlier than it began and no later than its session, unless a correction put the session's end before all that was told.</summary>
    private static bool IsWithin(Session session, Connection connection)
    {
        var beganAt = connection.EstablishedAt ?? connection.RequestedAt;
        var isCorrectedAway = session.End is { Source: EndTimeSource.Operator } end && end.At < beganAt;
        return !(connection.EndedAt < beganAt) && (isCorrectedAway ? connection.EndedAt == beganAt : !(connection.EndedAt > session.End?.At));
    }
}

public sealed class SqliteEventHistoryTests() : EventHistoryTests(StoreEngine.Sqlite);

public sealed class Postgres15EventHistoryTests() : EventHistoryTests(StoreEngine.Postgres15);

public sealed class Postgres18EventHistoryTests() : EventHistoryTests(StoreEngine.Postgres18);
