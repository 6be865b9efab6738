using System.Collections.Concurrent;
using Rollcall.Core;

namespace Rollcall.Storage.Columns;

/// <summary>Facts of one kind by their numbers, as objects: a number never means anything else, so what was read once need not be read again.</summary>
/// <param name="sql">Reads the fact <c>$no</c> of <c>$tenant</c>.</param>
/// <remarks>Filled from committed snapshots alone: a number that was rolled back is given again.</remarks>
internal sealed class KnownFacts<T>(string sql, Func<StoreRows, T> read)
{
    /// <summary>All go when there are so many: some 20 MB. Our choice: what pages of a large fleet show in an hour.</summary>
    private const int CountMax = 65_536;

    private readonly ConcurrentDictionary<(TenantId Tenant, long No), T> facts = new();
    private int count;

    /// <param name="snapshot">Has a row with that number.</param>
    public T Of(StoreConnection snapshot, TenantId tenant, long no)
    {
        if (facts.TryGetValue((tenant, no), out var known))
            return known;

        using var rows = snapshot.Open(sql, ("$tenant", tenant), ("$no", no));
        var fact = rows.Read() ? read(rows) : throw new InvalidDataException($"the ledger lacks fact {no} that a session has: {sql}");
        if (Interlocked.Increment(ref count) > CountMax)
        {
            facts.Clear();
            Volatile.Write(ref count, 1);
        }

        facts[(tenant, no)] = fact;
        return fact;
    }
}
