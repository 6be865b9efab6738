using Rollcall.Core;
using Rollcall.Core.Events;

namespace Rollcall.Storage.Sql;

/// <summary>What a host told of itself, and the server of it: read once for all sessions of the host that a batch tells of, as far back as any of them needs.</summary>
internal sealed class HostStory(StoreConnection connection, TenantId tenant, long hostNo)
{
    private List<StoredEvent> read = [];
    private long readFromUs = long.MaxValue;

    /// <summary>Reads all these hosts' at once, each as far back as its new streams need.</summary>
    public static Dictionary<long, HostStory> Look(StoreConnection connection, TenantId tenant, Dictionary<EventStream, StreamChange> changes)
    {
        var stories = new Dictionary<long, HostStory>();
        foreach (var (stream, change) in changes.Where(change => change.Value.IsOnlyNew is true))
        {
            if (!stories.TryGetValue(stream.HostNo, out var story))
                stories.Add(stream.HostNo, story = new HostStory(connection, tenant, stream.HostNo));
            story.readFromUs = Math.Min(story.readFromUs, change.SinceUs);
        }

        if (stories.Count == 0)
            return stories;

        var told = connection.Rows(
            row => (HostNo: row.GetInt64(EventRow.HostColumn), Event: EventRow.Read(row)),
            EventRow.SelectOfHosts,
            ("$tenant", tenant), ("$hosts", stories.Keys.ToArray()), ("$floors", stories.Values.Select(story => story.readFromUs).ToArray()), ("$stream", EventStream.HostKey));
        foreach (var (hostNo, stored) in told)
            stories[hostNo].read.Add(stored);
        return stories;
    }

    /// <param name="floorUs">Microseconds since 1970, inclusive.</param>
    public List<StoredEvent> Since(long floorUs)
    {
        if (floorUs < readFromUs)
        {
            read = connection.Rows(
                EventRow.Read,
                $"{EventRow.SelectOfStream} WHERE e.tenant = $tenant AND e.host_no = $host AND e.stream = $stream AND e.at_us >= $floor",
                ("$tenant", tenant), ("$host", hostNo), ("$stream", EventStream.HostKey), ("$floor", floorUs));
            readFromUs = floorUs;
        }

        return floorUs == readFromUs ? read : read.FindAll(stored => Instants.ToUnixMicroseconds(stored.Event.At) >= floorUs);
    }
}
