namespace Rollcall.Core.Sessions;

/// <summary>Holds any <see cref="ISessionFeed"/> to its promises, whichever engine is behind it.</summary>
public sealed class SessionFeedContract(ISessionFeed inner) : ISessionFeed
{
    public async Task<FeedPosition> EndAsync(TenantId tenant, CancellationToken cancel)
    {
        var end = await inner.EndAsync(tenant, cancel);
        Promise(end.No > 0 || end == default, "the end of an empty feed is its beginning");
        return end;
    }

    public async Task<IReadOnlyList<SessionChange>?> TryReadAsync(TenantId tenant, FeedPosition after, int take, CancellationToken cancel)
    {
        if (await inner.TryReadAsync(tenant, after, take, cancel) is not { } changes)
            return null;

        Promise(changes.Count <= take, "an answer is no longer than asked for");
        Promise(changes.Select((change, index) => change.Position.No == after.No + 1 + index).All(follows => follows), "changes follow one another without a gap");
        Promise(changes.All(change => change.Session is null || change.Session.Tenant == tenant), "a tenant sees only its own rows");
        Promise(changes.All(change => change.GoneId is null || change.Session is null), "a session that went is not there");
        return changes;
    }

    public IDisposable OnCommit(Action<TenantId> tell) => inner.OnCommit(tell);

    private static void Promise(bool holds, string promise)
    {
        if (!holds)
            throw new InvalidOperationException($"the store broke a promise: {promise}");
    }
}
