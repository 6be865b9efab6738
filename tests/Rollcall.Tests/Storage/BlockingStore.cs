using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>A store for a property, which cannot wait.</summary>
internal sealed class BlockingStore : IDisposable
{
    private readonly LedgerStore store;

    public BlockingStore(StoreEngine engine, DateTimeOffset? at = null) => store = LedgerStore.OpenAsync(engine, at).GetAwaiter().GetResult();

    public DateTimeOffset Now => store.Clock.GetUtcNow();

    public void Append(LedgerEvent[] batch) => store.Log.AppendAsync(TenantOne, batch, default).GetAwaiter().GetResult();

    public void JudgeSilence() => store.JudgeSilenceAsync().GetAwaiter().GetResult();

    public IReadOnlyList<SessionChange> Changes(FeedPosition after) => store.Feed.TryReadAsync(TenantOne, after, take: 1000, default).GetAwaiter().GetResult()!;

    public IReadOnlyList<Session> Sessions() => store.SessionsAsync().GetAwaiter().GetResult();

    public (Session Session, IReadOnlyList<Connection> Connections) Detail(Session session)
    {
        var detail = store.Ledger.TryGetAsync(TenantOne, session.Id, default).GetAwaiter().GetResult()!;
        return (detail.Session, detail.Connections);
    }

    /// <summary>By the store's clock, which moves there; hosts whose lease ran out meanwhile are judged first.</summary>
    public void AppendAt(DateTimeOffset at, IReadOnlyList<LedgerEvent> batch)
    {
        AdvanceTo(at);
        // What arrives in one millisecond is one arrival to those who ask later, two to the ledger's count of revisions.
        store.Clock.Advance(TimeSpan.FromMilliseconds(2));
        store.Log.AppendAsync(TenantOne, batch, default).GetAwaiter().GetResult();
    }

    public void AdvanceTo(DateTimeOffset at)
    {
        if (at > Now)
            store.Clock.Advance(at - Now);
        store.JudgeNowAsync().GetAwaiter().GetResult();
    }

    public IReadOnlyList<Session> Known(DateTimeOffset at) => Known(new SessionQuery(TenantOne), at);

    public IReadOnlyList<Session> Known(SessionQuery query, DateTimeOffset at) =>
        store.History.FindAsync(query, at, cursor: null, take: 1000, count: true, default).GetAwaiter().GetResult().Items;

    public IReadOnlyList<Session> Find(SessionQuery query) =>
        store.Ledger.FindAsync(query, cursor: null, take: 1000, count: true, default).GetAwaiter().GetResult().Items;

    public SessionAccount? Account(string id, DateTimeOffset? at) => store.History.TryGetAsync(TenantOne, id, at, default).GetAwaiter().GetResult();

    public long CountBeats() => store.CountBeatsAsync().GetAwaiter().GetResult();

    public bool Finds(string id) => store.Ledger.TryGetAsync(TenantOne, id, default).GetAwaiter().GetResult() is not null;

    public void Dispose() => store.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
