using System.Collections.Concurrent;
using Rollcall.Core;

namespace Rollcall.Storage;

/// <summary>
/// Counts by how many commits of this process each tenant's feed of changes grew, twice each: odd while one is under way, of which nobody can say yet
/// whether a reader sees it. Who has read everything at an even count lacks nothing as long as that stands.
/// </summary>
internal sealed class FeedGrowth
{
    private readonly ConcurrentDictionary<TenantId, long> counts = new();

    public long Of(TenantId tenant) => counts.GetValueOrDefault(tenant);

    public static bool IsUnderWay(long count) => (count & 1) != 0;

    /// <summary>Before the commit.</summary>
    public void Begin(IReadOnlyList<TenantId> grown) => Count(grown);

    /// <summary>After it, whether it succeeded or not, and before a writer is answered.</summary>
    public void End(IReadOnlyList<TenantId> grown) => Count(grown);

    private void Count(IReadOnlyList<TenantId> grown)
    {
        foreach (var tenant in grown)
            counts.AddOrUpdate(tenant, 1, (_, before) => before + 1);
    }
}
