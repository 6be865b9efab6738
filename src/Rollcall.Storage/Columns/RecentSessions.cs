using System.Collections.Concurrent;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>
/// Sessions that first pages showed, as objects, for whoever asks for the same page again. They are dropped as their rows in the columns are written,
/// so that they are always what the store has where the columns stand. Readers may keep some together, while nobody writes to the columns.
/// </summary>
internal sealed class RecentSessions
{
    /// <summary>All go when there are so many. Our choice: the first pages of some dozen questions that are asked again and again.</summary>
    private const int CountMax = 512;

    /// <summary>About what one takes beside the facts it shares.</summary>
    private const int SessionBytes = 512;

    private readonly ConcurrentDictionary<long, Session> sessions = new();
    private int count;

    /// <summary>About.</summary>
    public long Bytes => (long)Volatile.Read(ref count) * SessionBytes;

    /// <summary>The sessions of these numbers, in their order; null when not all are there.</summary>
    public Session[]? TryAll(ReadOnlySpan<long> numbers)
    {
        var found = new Session[numbers.Length];
        for (var at = 0; at < numbers.Length; at++)
        {
            if (!sessions.TryGetValue(numbers[at], out found[at]!))
                return null;
        }

        return found;
    }

    public void Keep(long no, Session session)
    {
        if (Volatile.Read(ref count) >= CountMax)
        {
            sessions.Clear();
            Volatile.Write(ref count, 0);
        }

        if (sessions.TryAdd(no, session))
            Interlocked.Increment(ref count);
    }

    /// <summary>Nobody reads meanwhile.</summary>
    public void Drop(long no)
    {
        if (count > 0 && sessions.TryRemove(no, out _))
            count--;
    }
}
