using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>Appends events and brings their projection up to date in the same transaction.</summary>
/// <param name="database">The store.</param>
/// <param name="clock">By which arrivals are dated.</param>
/// <param name="limits">What counts as late or skewed; null means the defaults.</param>
public sealed class SqlEventLog(StoreDatabase database, TimeProvider clock, HealthLimits? limits = null) : IEventLog
{
    /// <summary>Whether a batch of nothing but beats waits a moment, so that the beats of several hosts share a commit.</summary>
    public bool DoBeatsWait { get; init; }

    public Task<Receipt> AppendAsync(
        TenantId tenant, IReadOnlyList<LedgerEvent> batch, IReadOnlyList<RejectedEvent> rejected, CancellationToken cancel)
    {
        // Parts are made before the writer's turn: hashing must not lengthen the queue. Beats are not part of the chain and need none.
        var parts = batch.Select(e => e.Kind is EventKind.HostBeat ? null : EventParts.Of(e)).ToList();
        Receipt Append(StoreConnection connection) =>
            new EventAppender(connection, tenant, clock.GetUtcNow(), limits ?? HealthLimits.Default).Append(batch, parts, rejected);

        return DoBeatsWait && batch.All(e => e.Kind is EventKind.HostBeat)
            ? database.WritePatientlyAsync(tenant, Append, cancel)
            : database.WriteAsync(tenant, Append, cancel);
    }
}
