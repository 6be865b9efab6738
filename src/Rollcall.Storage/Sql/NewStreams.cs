using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary>Finds out which streams of a batch had no event before it, all at once: for a store to which each statement is a long way.</summary>
internal static class NewStreams
{
    /// <param name="before">The last event's number before the batch.</param>
    public static void Look(StoreConnection connection, TenantId tenant, TenantMemory memory, Dictionary<EventStream, StreamChange> changes, long before)
    {
        var unknown = changes.Keys.Where(stream => stream.IsSession && !memory.Tails.TryGet(stream, out _)).ToList();
        if (unknown.Count == 0)
            return;

        var older = connection.Rows(
            row => new EventStream(row.GetInt64(0), row.GetString(1)),
            """
            SELECT w.host_no, w.stream FROM unnest($hosts, $streams) w (host_no, stream)
            WHERE EXISTS (SELECT 1 FROM events e WHERE e.tenant = $tenant AND e.host_no = w.host_no AND e.stream = w.stream AND e.seq <= $before)
            """,
            ("$tenant", tenant), ("$hosts", unknown.ConvertAll(stream => stream.HostNo)), ("$streams", unknown.ConvertAll(stream => stream.Key)), ("$before", before)).ToHashSet();
        foreach (var stream in unknown)
            changes[stream].IsOnlyNew = !older.Contains(stream);
    }
}
