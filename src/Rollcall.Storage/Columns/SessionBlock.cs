using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rollcall.Storage.Columns;

/// <summary>Some thousand sessions with neighbouring numbers, a column for each thing that a question asks of every row.</summary>
internal sealed class SessionBlock
{
    public const int RowsMax = 1 << RowsMaxLog2, RowsMaxLog2 = 14;

    /// <summary>Rows that one word of a mask tells of.</summary>
    public const int WordRows = 64;

    /// <summary>Of a session that has not ended: later than any end.</summary>
    public const long Open = long.MaxValue;

    /// <summary>Memory of one row: the columns and its bit of <see cref="Present"/>.</summary>
    public const int RowBytes = (2 * sizeof(long)) + (4 * sizeof(int)) + (2 * sizeof(byte)) + 1;

    private int openCount;

    public long[] StartedMs { get; private set; } = [];

    public long[] EndedMs { get; private set; } = [];

    public int[] Users { get; private set; } = [];

    public int[] Places { get; private set; } = [];

    public int[] Devices { get; private set; } = [];

    public int[] Natures { get; private set; } = [];

    public byte[] States { get; private set; } = [];

    /// <summary>0 of a session without an end.</summary>
    public byte[] EndSources { get; private set; } = [];

    /// <summary>A bit a row: whether there is such a session.</summary>
    public ulong[] Present { get; private set; } = [];

    public int Capacity => States.Length;

    /// <summary>No session of the block began before it; never shrinks.</summary>
    public long OldestStartMs { get; private set; } = long.MaxValue;

    /// <summary>No session of the block began after it; never shrinks.</summary>
    public long NewestStartMs { get; private set; } = long.MinValue;

    /// <summary>No session of the block ended after it; <see cref="Open"/> while one is open.</summary>
    public long NewestEndMs { get; private set; } = long.MinValue;

    /// <summary>No session of the block that has ended did so after it; never shrinks.</summary>
    public long NewestClosedEndMs { get; private set; } = long.MinValue;

    /// <summary>Sessions in the block.</summary>
    public int Count { get; private set; }

    public bool Has(int index) => index < Capacity && (Present[index / WordRows] >> index & 1) != 0;

    /// <summary>Writes a row, over the one that stands there.</summary>
    public void Set(int index, in SessionCells cells)
    {
        Grow(index + 1);
        Count += Has(index) ? 0 : 1;
        Forget(index);
        (StartedMs[index], EndedMs[index]) = (cells.StartedMs, cells.EndedMs);
        (Users[index], Places[index], Devices[index], Natures[index]) = (cells.User, cells.Place, cells.Device, cells.Nature);
        (States[index], EndSources[index]) = (cells.State, cells.EndSource);
        Present[index / WordRows] |= 1UL << index;
        OldestStartMs = Math.Min(OldestStartMs, cells.StartedMs);
        NewestStartMs = Math.Max(NewestStartMs, cells.StartedMs);
        openCount += cells.EndedMs is Open ? 1 : 0;
        NewestClosedEndMs = cells.EndedMs is Open ? NewestClosedEndMs : Math.Max(NewestClosedEndMs, cells.EndedMs);
        NewestEndMs = openCount > 0 ? Open : NewestEndMs is Open ? NewestEndOfAll() : Math.Max(NewestEndMs, cells.EndedMs);
    }

    public void Remove(int index)
    {
        if (!Has(index))
            return;

        Forget(index);
        Count--;
        Present[index / WordRows] &= ~(1UL << index);
        if (openCount == 0 && NewestEndMs is Open)
            NewestEndMs = NewestEndOfAll();
    }

    /// <summary>Which rows of a word have a value from the first to the last.</summary>
    public static ulong Within(long[] column, int word, long first, long last)
    {
        ref var from = ref MemoryMarshal.GetArrayDataReference(column);
        var (low, high, mask) = (Vector256.Create(first), Vector256.Create(last), 0UL);
        for (var lane = 0; lane < WordRows; lane += Vector256<long>.Count)
        {
            var values = Vector256.LoadUnsafe(ref from, (nuint)((word * WordRows) + lane));
            var isWithin = Vector256.GreaterThanOrEqual(values, low) & Vector256.LessThanOrEqual(values, high);
            mask |= (ulong)isWithin.ExtractMostSignificantBits() << lane;
        }

        return mask;
    }

    /// <summary>Which rows of a word have a value.</summary>
    public static ulong Equal<T>(T[] column, int word, T value)
        where T : unmanaged
    {
        ref var from = ref MemoryMarshal.GetArrayDataReference(column);
        var (wanted, mask) = (Vector256.Create(value), 0UL);
        for (var lane = 0; lane < WordRows; lane += Vector256<T>.Count)
            mask |= (ulong)Vector256.Equals(Vector256.LoadUnsafe(ref from, (nuint)((word * WordRows) + lane)), wanted).ExtractMostSignificantBits() << lane;
        return mask;
    }

    private void Forget(int index) => openCount -= Has(index) && EndedMs[index] is Open ? 1 : 0;

    private long NewestEndOfAll()
    {
        var newest = long.MinValue;
        for (var index = 0; index < Capacity; index++)
            newest = Has(index) ? Math.Max(newest, EndedMs[index]) : newest;
        return newest;
    }

    /// <summary>Doubles, so that a small tenant takes little.</summary>
    private void Grow(int rows)
    {
        if (rows <= Capacity)
            return;

        var capacity = Math.Max(WordRows, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows));
        (StartedMs, EndedMs) = (Resized(StartedMs, capacity), Resized(EndedMs, capacity));
        (Users, Places, Devices, Natures) = (Resized(Users, capacity), Resized(Places, capacity), Resized(Devices, capacity), Resized(Natures, capacity));
        (States, EndSources, Present) = (Resized(States, capacity), Resized(EndSources, capacity), Resized(Present, capacity / WordRows));
    }

    private static T[] Resized<T>(T[] column, int length)
    {
        Array.Resize(ref column, length);
        return column;
    }
}

/// <summary>One row's cells.</summary>
/// <param name="EndedMs"><see cref="SessionBlock.Open"/> when it has not ended.</param>
internal readonly record struct SessionCells(long StartedMs, long EndedMs, int User, int Place, int Device, int Nature, byte State, byte EndSource);
