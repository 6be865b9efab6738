using Rollcall.Core;
using Rollcall.Core.Events;

namespace Rollcall.Storage.Sqlite;

/// <summary>Appends events and brings their projection up to date in the same transaction.</summary>
public sealed class SqliteEventLog(SqliteDatabase database, TimeProvider clock) : IEventLog
{
    public Task<Receipt> AppendAsync(TenantId tenant, IReadOnlyList<LedgerEvent> batch, CancellationToken cancel)
    {
        // Parts are made before the writer's turn: hashing must not lengthen the queue. Beats are not part of the chain and need none.
        var parts = batch.Select(e => e.Kind is EventKind.HostBeat ? null : EventParts.Of(e)).ToList();
        return database.WriteAsync(connection => new EventAppender(connection, tenant, clock.GetUtcNow()).Append(batch, parts), cancel);
    }
}
