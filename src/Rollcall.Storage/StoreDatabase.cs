using Rollcall.Core;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage;

/// <summary>Where a ledger is kept: transactions that are durable when they end, and snapshots to read.</summary>
public abstract class StoreDatabase : IAsyncDisposable
{
    private readonly Lock listening = new();
    private Action<TenantId>[] listeners = [];

    /// <summary>Whether other processes may use the ledger too.</summary>
    internal virtual bool IsShared => false;

    /// <summary>Changes of sessions kept of each tenant, for readers that follow them.</summary>
    public abstract int SessionChangesKept { get; set; }

    /// <summary>Whether a write transaction can begin and end now; false when the store refuses.</summary>
    public abstract Task<bool> CanWriteAsync(CancellationToken cancel);

    public abstract ValueTask DisposeAsync();

    /// <summary>Runs <paramref name="work"/> in a transaction that is durable when this returns; no other of the tenant writes meanwhile.</summary>
    /// <exception cref="FaultException">
    /// <see cref="FaultCode.TooBusy"/> when too many writers wait already; <see cref="FaultCode.Unavailable"/> when the store cannot be reached,
    /// or went away before it said whether the work is durable.
    /// </exception>
    /// <param name="tenant">The one tenant that is written of: writers of others need not wait. Null: of any, and everybody waits.</param>
    internal abstract Task<T> WriteAsync<T>(TenantId? tenant, Func<StoreConnection, T> work, CancellationToken cancel);

    /// <summary>The same for a writer that may wait a moment, so that others share its commit.</summary>
    internal virtual Task<T> WritePatientlyAsync<T>(TenantId? tenant, Func<StoreConnection, T> work, CancellationToken cancel) => WriteAsync(tenant, work, cancel);

    internal Task<T> WriteAsync<T>(Func<StoreConnection, T> work, CancellationToken cancel) => WriteAsync(tenant: null, work, cancel);

    internal Task WriteAsync(Action<StoreConnection> work, CancellationToken cancel) => WriteAsync(tenant: null, work, cancel);

    internal Task WriteAsync(TenantId? tenant, Action<StoreConnection> work, CancellationToken cancel) => WriteAsync(
        tenant,
        connection =>
        {
            work(connection);
            return true;
        },
        cancel);

    /// <summary>
    /// Runs <paramref name="work"/> in a transaction that is durable when this returns and may run beside every other writer, of the same tenant too:
    /// for work that is told apart by the rows it locks (<see cref="SqlLocks"/>). It must not write what a tenant numbers or chains.
    /// </summary>
    internal virtual Task<T> WriteRowsAsync<T>(Func<StoreConnection, T> work, CancellationToken cancel) => WriteAsync(tenant: null, work, cancel);

    internal Task WriteRowsAsync(Action<StoreConnection> work, CancellationToken cancel) => WriteRowsAsync(
        connection =>
        {
            work(connection);
            return true;
        },
        cancel);

    /// <summary>A connection on which all queries see one snapshot. Disposing gives it back.</summary>
    internal abstract Snapshot BorrowReader();

    /// <summary>Runs <paramref name="work"/> on one snapshot.</summary>
    internal T Read<T>(Func<StoreConnection, T> work)
    {
        using var reader = BorrowReader();
        return work(reader.Connection);
    }

    /// <summary>Calls back after each commit of this process that lengthened a tenant's feed of changes, until disposed.</summary>
    internal IDisposable OnFeedsGrew(Action<TenantId> tell)
    {
        lock (listening)
            listeners = [.. listeners, tell];
        return new Listener(this, tell);
    }

    /// <summary>Of the commits of this process; of no use where others write too.</summary>
    internal FeedGrowth Growth { get; } = new();

    /// <summary>To be called when what they wrote is committed.</summary>
    private protected void TellGrown(IReadOnlyList<TenantId> grown)
    {
        foreach (var tenant in grown)
        {
            foreach (var tell in listeners)
                tell(tenant);
        }
    }

    /// <summary>Counts and reads in one snapshot, which lasts until the stream is disposed.</summary>
    internal RowStream<T> OpenRows<T>(Func<StoreConnection, long> count, Func<StoreConnection, IAsyncEnumerable<T>> rows)
    {
        var reader = BorrowReader();
        try
        {
            return new RowStream<T>(count(reader.Connection), rows(reader.Connection), () =>
            {
                reader.Dispose();
                return ValueTask.CompletedTask;
            });
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private sealed class Listener(StoreDatabase database, Action<TenantId> tell) : IDisposable
    {
        public void Dispose()
        {
            lock (database.listening)
                database.listeners = [.. database.listeners.Where(other => other != tell)];
        }
    }

    /// <summary>A borrowed connection.</summary>
    internal readonly struct Snapshot(StoreConnection connection, Action<StoreConnection> giveBack) : IDisposable
    {
        public StoreConnection Connection => connection;

        public void Dispose() => giveBack(connection);
    }
}
