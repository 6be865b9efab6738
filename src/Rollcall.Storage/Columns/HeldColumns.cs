using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>One tenant's columns with the place in the feed up to which they know it; readers together, one writer alone.</summary>
internal sealed class HeldColumns : IDisposable
{
    /// <summary>Changes that a question reads by itself: some ten milliseconds' work. What has more to catch up with is asked in SQL, and whoever keeps the columns goes on.</summary>
    private const int ChangesMax = 2_000;

    private readonly ReaderWriterLockSlim gate = new();
    private TenantColumns? columns;
    private FeedPosition known;
    private long knownNo;
    private int isAsked;

    public bool IsReady => Volatile.Read(ref columns) is not null;

    /// <summary>Whether they take too much memory.</summary>
    public bool IsGivenUp { get; private set; }

    public long Bytes => Volatile.Read(ref columns)?.Bytes ?? 0;

    /// <summary>Whether this is the first to ask since it was last taken up.</summary>
    public bool TryAsk() => Interlocked.Exchange(ref isAsked, 1) == 0;

    public void Taken() => Volatile.Write(ref isAsked, 0);

    public void Take(TenantColumns read, FeedPosition end) => Write(() => (columns, known) = (read, end));

    public void Drop() => Write(() => (columns, known) = (null, default));

    public void GiveUp() => Write(() => (columns, known, IsGivenUp) = (null, default, true));

    /// <param name="end">Where the snapshot's feed ends.</param>
    public ColumnsAnswer TryLook<T>(StoreConnection snapshot, TenantId tenant, FeedPosition end, Func<TenantColumns, T> look, out T? found)
    {
        if (TryLookAt(end, look, out found) is { } answer)
            return answer;
        if (end.No - Volatile.Read(ref knownNo) > ChangesMax)
            return ColumnsAnswer.NotHeld;

        Follow(snapshot, tenant, end);
        return TryLookAt(end, look, out found) ?? ColumnsAnswer.NotHeld;
    }

    /// <summary>Reads what the snapshot has and the columns lack, however much that is.</summary>
    /// <returns>Whether there are columns.</returns>
    public bool Follow(StoreConnection snapshot, TenantId tenant, FeedPosition end)
    {
        Write(() => CatchUp(snapshot, tenant, end));
        return IsReady;
    }

    public void Dispose() => gate.Dispose();

    /// <summary>Null when they are behind.</summary>
    private ColumnsAnswer? TryLookAt<T>(FeedPosition end, Func<TenantColumns, T> look, out T? found)
    {
        gate.EnterReadLock();
        try
        {
            var isThere = columns is not null && known == end;
            found = isThere ? look(columns!) : default;
            return isThere ? ColumnsAnswer.Found : columns is null ? ColumnsAnswer.NotHeld : known.No >= end.No ? ColumnsAnswer.Ahead : null;
        }
        finally
        {
            gate.ExitReadLock();
        }
    }

    /// <summary>Others may have been here first. What the feed no longer tells is read anew by whoever keeps the columns.</summary>
    private void CatchUp(StoreConnection snapshot, TenantId tenant, FeedPosition end)
    {
        if (columns is null || known.No >= end.No)
            return;

        var held = columns;
        columns = null; // whatever goes wrong in the middle, half of it is not shown
        if (ColumnReader.TryCatchUp(snapshot, tenant, held, known))
            (columns, known) = (held, end);
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
