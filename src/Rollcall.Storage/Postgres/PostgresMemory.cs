using System.Collections.Concurrent;
using Rollcall.Core;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage.Postgres;

/// <summary>
/// What this server remembers of tenants between its transactions (<see cref="TenantMemory"/>), for as long as no other server writes of them. Each transaction that may change what is
/// remembered leaves a random mark in the store; a memory is good while the mark is the one that its own transaction left. So it is never used after another server wrote, and
/// neither after the database was set back to an earlier state.
/// </summary>
internal sealed class PostgresMemory
{
    /// <summary>Tenants remembered; all are forgotten when there are more. Our choice: each may take some tens of megabytes, most take kilobytes.</summary>
    private const int TenantsMax = 256;

    private readonly ConcurrentDictionary<TenantId, (long Mark, TenantMemory Memory)> tenants = new();

    /// <summary>To be asked under the tenant's lock. It is out until it is kept.</summary>
    /// <param name="mark">That the store has; null when nobody left one yet.</param>
    public TenantMemory Take(TenantId tenant, long? mark) =>
        tenants.TryRemove(tenant, out var known) && known.Mark == mark ? known.Memory : new TenantMemory();

    /// <param name="mark">That the transaction leaves.</param>
    public void Keep(TenantId tenant, long mark, TenantMemory memory)
    {
        if (tenants.Count >= TenantsMax)
            tenants.Clear();
        tenants[tenant] = (mark, memory);
    }
}
