using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>Where a snapshot's feed ends.</summary>
/// <param name="Position">In the feed.</param>
/// <param name="Growth">As <see cref="FeedGrowth"/> counts, before the snapshot was taken: when that is even, all by which the feed had grown is in it.</param>
internal readonly record struct FeedEnd(FeedPosition Position, long Growth);

/// <summary>One tenant's columns with the place in the feed up to which they know it; readers together, one writer alone.</summary>
internal sealed class HeldColumns : IDisposable
{
    /// <summary>Changes that a question reads by itself: some ten milliseconds' work. What has more to catch up with is asked in SQL, and whoever keeps the columns goes on.</summary>
    private const int ChangesMax = 2_000;

    private readonly ReaderWriterLockSlim gate = new();
    private TenantColumns? columns;
    private FeedPosition known;
    private long knownGrowth = -1;
    private long knownNo;
    private int isAsked;

    public bool IsReady => Volatile.Read(ref columns) is not null;

    /// <summary>Whether they take too much memory.</summary>
    public bool IsGivenUp { get; private set; }

    public long Bytes => Volatile.Read(ref columns)?.Bytes ?? 0;

    /// <summary>Whether this is the first to ask since it was last taken up.</summary>
    public bool TryAsk() => Interlocked.Exchange(ref isAsked, 1) == 0;

    public void Taken() => Volatile.Write(ref isAsked, 0);

    public void Take(TenantColumns read, FeedEnd end) => Write(() =>
    {
        (columns, known, knownGrowth) = (read, end.Position, -1);
        Know(end.Growth);
    });

    public void Drop() => Write(() => (columns, known, knownGrowth) = (null, default, -1));

    public void GiveUp() => Write(() => (columns, known, knownGrowth, IsGivenUp) = (null, default, -1, true));

    /// <param name="end">Where the snapshot's feed ends.</param>
    public ColumnsAnswer TryLook<T>(StoreConnection snapshot, TenantId tenant, FeedEnd end, Func<TenantColumns, T> look, out T? found)
    {
        if (TryLookAt(end, look, out found) is { } answer)
            return answer;
        if (end.Position.No - Volatile.Read(ref knownNo) > ChangesMax)
            return ColumnsAnswer.NotHeld;

        Follow(snapshot, tenant, end);
        return TryLookAt(end, look, out found) ?? ColumnsAnswer.NotHeld;
    }

    /// <summary>Looks without the store, when nothing was committed that the columns lack.</summary>
    /// <param name="growth">Of the feed when the question was asked.</param>
    /// <param name="at">Where the columns stand.</param>
    public bool TryLookNow<T>(long growth, Func<TenantColumns, T> look, out T? found, out FeedPosition at)
    {
        gate.EnterReadLock();
        try
        {
            var isCurrent = columns is not null && !FeedGrowth.IsUnderWay(growth) && Volatile.Read(ref knownGrowth) >= growth;
            (found, at) = isCurrent ? (look(columns!), known) : (default, default);
            return isCurrent;
        }
        finally
        {
            gate.ExitReadLock();
        }
    }

    /// <summary>Keeps sessions that were read where the columns stand; nothing when they stand elsewhere by now.</summary>
    public void Remember(FeedPosition at, IReadOnlyList<long> numbers, IReadOnlyList<Session> sessions)
    {
        gate.EnterReadLock();
        try
        {
            for (var each = 0; columns is not null && known == at && each < sessions.Count; each++)
                columns.Recent.Keep(numbers[each], sessions[each]);
        }
        finally
        {
            gate.ExitReadLock();
        }
    }

    /// <summary>Reads what the snapshot has and the columns lack, however much that is.</summary>
    /// <returns>Whether there are columns.</returns>
    public bool Follow(StoreConnection snapshot, TenantId tenant, FeedEnd end)
    {
        Write(() => CatchUp(snapshot, tenant, end));
        return IsReady;
    }

    public void Dispose() => gate.Dispose();

    /// <summary>Null when they are behind.</summary>
    private ColumnsAnswer? TryLookAt<T>(FeedEnd end, Func<TenantColumns, T> look, out T? found)
    {
        gate.EnterReadLock();
        try
        {
            var isThere = columns is not null && known == end.Position;
            if (isThere)
                Know(end.Growth);
            found = isThere ? look(columns!) : default;
            return isThere ? ColumnsAnswer.Found : columns is null ? ColumnsAnswer.NotHeld : known.No >= end.Position.No ? ColumnsAnswer.Ahead : null;
        }
        finally
        {
            gate.ExitReadLock();
        }
    }

    /// <summary>Others may have been here first. What the feed no longer tells is read anew by whoever keeps the columns.</summary>
    private void CatchUp(StoreConnection snapshot, TenantId tenant, FeedEnd end)
    {
        if (columns is null || known.No >= end.Position.No)
            return;

        var held = columns;
        columns = null; // whatever goes wrong in the middle, half of it is not shown
        if (ColumnReader.TryCatchUp(snapshot, tenant, held, known))
        {
            (columns, known) = (held, end.Position);
            Know(end.Growth);
        }
    }

    /// <summary>Nothing by which the feed had grown is lacking. Readers may say so together: none of them takes back what another knows.</summary>
    private void Know(long growth)
    {
        for (var before = Volatile.Read(ref knownGrowth); before < growth && !FeedGrowth.IsUnderWay(growth); before = Volatile.Read(ref knownGrowth))
            Interlocked.CompareExchange(ref knownGrowth, growth, before);
    }

    private void Write(Action work)
    {
        gate.EnterWriteLock();
        try
        {
            work();
            Volatile.Write(ref knownNo, known.No);
        }
        finally
        {
            gate.ExitWriteLock();
        }
    }
}
