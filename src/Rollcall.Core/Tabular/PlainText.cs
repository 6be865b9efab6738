using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rollcall.Core.Tabular;

/// <summary>What most cells hold: printable ASCII without a blank at either end and without the characters that mean more than themselves in a format.</summary>
/// <param name="special">ASCII characters.</param>
internal sealed class PlainText(string special)
{
    /// <summary>Room behind the text that <see cref="TryCopy(string, ref byte)"/> may write to.</summary>
    public const int SlackBytes = LaneChars;

    private const int LaneChars = 8, LanesChars = 2 * LaneChars, HalfLaneChars = LaneChars / 2;

    // A byte is looked up by its halves: each row of sixteen characters has a bit, a byte is special when its column's entry has its row's bit.
    private readonly Vector128<byte> _rowsOfColumn = Vector128.Create<byte>(RowsOfColumn(special));
    private readonly Vector128<byte> _bitOfRow = Vector128.Create<byte>([1, 1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1, 1, 1, 1, 1, 1, 1, 1]);

    // A bit for each plain character.
    private readonly ulong _plainBelow64 = PlainOf(special, 0), _plainFrom64 = PlainOf(special, 64);

    /// <summary>Copies plain text as UTF-8, a byte a character; false when it is not plain, and then what stands in <paramref name="to"/> means nothing.</summary>
    /// <param name="to">At least as long as the text.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCopy(ReadOnlySpan<char> text, Span<byte> to)
    {
        if (text.IsEmpty || text[0] == ' ' || text[^1] == ' ')
            return false;

        return Vector128.IsHardwareAccelerated && text.Length >= HalfLaneChars ? TryCopyByVector<Utf16, ushort>(ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text)), ref MemoryMarshal.GetReference(to[..text.Length]), text.Length) : TryCopyByCharacter(text, to);
    }

    /// <summary>The same for a text of at least one character, without asking how long the target is.</summary>
    /// <param name="to">Where at least the text and <see cref="SlackBytes"/> have room.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCopy(string text, ref byte to)
    {
        if (text[0] == ' ' || text[^1] == ' ')
            return false;
        if (!Vector128.IsHardwareAccelerated || text.Length < HalfLaneChars)
            return TryCopyByCharacter<char>(text, MemoryMarshal.CreateSpan(ref to, text.Length));

        return TryCopyByVector<Utf16, ushort>(ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text.AsSpan())), ref to, text.Length);
    }

    /// <summary>The same for text that is UTF-8 already: what is not ASCII is not plain, well-formed or not.</summary>
    /// <param name="to">At least as long as the text.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCopy(ReadOnlySpan<byte> utf8, Span<byte> to)
    {
        if (utf8.IsEmpty || utf8[0] == ' ' || utf8[^1] == ' ')
            return false;

        ref var target = ref MemoryMarshal.GetReference(to[..utf8.Length]);
        return Vector128.IsHardwareAccelerated && utf8.Length >= HalfLaneChars ? TryCopyByVector<Utf8, byte>(ref MemoryMarshal.GetReference(utf8), ref target, utf8.Length) : TryCopyByCharacter(utf8, to);
    }

    /// <summary>The same without vector instructions.</summary>
    internal bool TryCopyByCharacter<T>(ReadOnlySpan<T> text, Span<byte> to)
        where T : unmanaged, IBinaryInteger<T>
    {
        to = to[..text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            var c = int.CreateTruncating(text[i]);
            if (c > '~' || (((c < 64 ? _plainBelow64 : _plainFrom64) >> (c & 63)) & 1) == 0)
                return false;

            to[i] = (byte)c;
        }

        return true;
    }

    // Two lanes at a time from the front, then two that end with the text and may overlap the last; a short text is both its ends.
    // The reads and writes are unchecked, because this is the busiest code of the thread that fills; all stay within the text, whose length is checked above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryCopyByVector<TSource, T>(ref T from, ref byte target, int length)
        where TSource : struct, ISource<T>
    {
        if (length < LanesChars)
            return length < LaneChars ? TryCopyHalves<TSource, T>(ref from, ref target, length) : TryCopyLanes<TSource, T>(ref from, ref target, length);

        var other = Vector128<byte>.Zero;
        var last = length - LanesChars;
        for (var i = 0; i < last; i += LanesChars)
            other |= Copy<TSource, T>(ref from, ref target, (nuint)i);

        other |= Copy<TSource, T>(ref from, ref target, (nuint)last);
        return other == Vector128<byte>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<byte> Copy<TSource, T>(ref T from, ref byte to, nuint at)
        where TSource : struct, ISource<T>
    {
        var bytes = TSource.Lanes(ref from, at);
        bytes.StoreUnsafe(ref to, at);
        return NotPlain(bytes);
    }

    private bool TryCopyLanes<TSource, T>(ref T from, ref byte to, int length)
        where TSource : struct, ISource<T>
    {
        var last = (nuint)(length - LaneChars);
        var bytes = TSource.LaneEnds(ref from, last);
        bytes.GetLower().StoreUnsafe(ref to);
        bytes.GetUpper().StoreUnsafe(ref to, last);
        return NotPlain(bytes) == Vector128<byte>.Zero;
    }

    private bool TryCopyHalves<TSource, T>(ref T from, ref byte to, int length)
        where TSource : struct, ISource<T>
    {
        var last = (nuint)(length - HalfLaneChars);
        var bytes = TSource.HalfLaneEnds(ref from, last);
        Unsafe.WriteUnaligned(ref to, bytes.AsUInt32()[0]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, last), bytes.AsUInt32()[1]);
        return NotPlain(bytes) == Vector128<byte>.Zero;
    }

    /// <summary>Other than zero for each byte that is not a plain character; what did not fit a byte is 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<byte> NotPlain(Vector128<byte> bytes)
    {
        var half = Vector128.Create((byte)0x0F);
        return Vector128.ShuffleNative(_rowsOfColumn, bytes & half) & Vector128.ShuffleNative(_bitOfRow, (bytes.AsUInt16() >> 4).AsByte() & half);
    }

    private static ulong PlainOf(string special, int first)
    {
        var plain = 0UL;
        for (var c = first; c < first + 64; c++)
        {
            if (c is >= ' ' and <= '~' && !special.Contains((char)c, StringComparison.Ordinal))
                plain |= 1UL << (c - first);
        }

        return plain;
    }

    /// <summary>Control characters and everything beyond ASCII share the first bit, which every column has.</summary>
    private static byte[] RowsOfColumn(string special)
    {
        const int columns = 16, firstRow = ' ' / columns;
        var rows = new byte[columns];
        Array.Fill(rows, (byte)1);
        foreach (var c in special + '\x7F')
            rows[c % columns] |= (byte)(1 << ((c / columns) - firstRow + 1));

        return rows;
    }

    /// <summary>Reads characters of one width as bytes; one that does not fit a byte as 255.</summary>
    private interface ISource<T>
    {
        /// <summary>The sixteen from there on.</summary>
        static abstract Vector128<byte> Lanes(ref T from, nuint at);

        /// <summary>The first eight, then the eight from <paramref name="last"/> on.</summary>
        static abstract Vector128<byte> LaneEnds(ref T from, nuint last);

        /// <summary>The first four, then the four from <paramref name="last"/> on, then both again.</summary>
        static abstract Vector128<byte> HalfLaneEnds(ref T from, nuint last);
    }

    private readonly struct Utf16 : ISource<ushort>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Lanes(ref ushort from, nuint at) => Vector128.NarrowWithSaturation(Vector128.LoadUnsafe(ref from, at), Vector128.LoadUnsafe(ref from, at + LaneChars));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> LaneEnds(ref ushort from, nuint last) => Vector128.NarrowWithSaturation(Vector128.LoadUnsafe(ref from), Vector128.LoadUnsafe(ref from, last));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> HalfLaneEnds(ref ushort from, nuint last)
        {
            var chars = Vector128.Create(Vector64.LoadUnsafe(ref from), Vector64.LoadUnsafe(ref from, last));
            return Vector128.NarrowWithSaturation(chars, chars);
        }
    }

    private readonly struct Utf8 : ISource<byte>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> Lanes(ref byte from, nuint at) => Vector128.LoadUnsafe(ref from, at);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> LaneEnds(ref byte from, nuint last) => Vector128.Create(Vector64.LoadUnsafe(ref from), Vector64.LoadUnsafe(ref from, last));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector128<byte> HalfLaneEnds(ref byte from, nuint last)
        {
            var (head, tail) = (Unsafe.ReadUnaligned<uint>(ref from), Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref from, last)));
            return Vector128.Create(head, tail, head, tail).AsByte();
        }
    }
}
