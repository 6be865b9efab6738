namespace Rollcall.Core.Events;

/// <summary>The order in which events are read: by time, and events of equal time by id.</summary>
public sealed class EventOrder : IComparer<StoredEvent>
{
    private EventOrder()
    {
    }

    public static EventOrder Instance { get; } = new();

    public int Compare(StoredEvent? x, StoredEvent? y)
    {
        var (a, b) = (x!.Event, y!.Event);
        var byTime = a.At.CompareTo(b.At);
        if (byTime != 0)
            return byTime;

        var byId = string.CompareOrdinal(a.Id, b.Id);
        return byId != 0 ? byId : string.CompareOrdinal(a.Source, b.Source);
    }
}
