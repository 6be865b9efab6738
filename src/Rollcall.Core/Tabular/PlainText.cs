using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Rollcall.Core.Tabular;

/// <summary>What most cells hold: printable ASCII without a blank at either end and without the characters that mean more than themselves in a format.</summary>
/// <param name="special">Up to four ASCII characters.</param>
internal sealed class PlainText(string special)
{
    private const int LaneChars = 8, LanesChars = 2 * LaneChars, HalfLaneChars = LaneChars / 2;

    private readonly Vector128<byte> _a = Vector128.Create((byte)special[0]);
    private readonly Vector128<byte> _b = Vector128.Create((byte)special[1 % special.Length]);
    private readonly Vector128<byte> _c = Vector128.Create((byte)special[2 % special.Length]);
    private readonly Vector128<byte> _d = Vector128.Create((byte)special[3 % special.Length]);

    /// <summary>Copies plain text as UTF-8, a byte a character; false when it is not plain, and then what stands in <paramref name="to"/> means nothing.</summary>
    /// <param name="to">At least as long as the text.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryCopy(ReadOnlySpan<char> text, Span<byte> to)
    {
        if (text.IsEmpty || text[0] == ' ' || text[^1] == ' ')
            return false;

        return Vector128.IsHardwareAccelerated && text.Length >= HalfLaneChars ? TryCopyByVector(text, to[..text.Length]) : TryCopyByCharacter(text, to);
    }

    /// <summary>The same without vector instructions.</summary>
    internal bool TryCopyByCharacter(ReadOnlySpan<char> text, Span<byte> to)
    {
        to = to[..text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is < ' ' or > '~' || special.Contains(c, StringComparison.Ordinal))
                return false;

            to[i] = (byte)c;
        }

        return true;
    }

    // Two lanes at a time from the front, then two that end with the text and may overlap the last; a short text is both its ends.
    // The reads and writes are unchecked, because this is the busiest code of the thread that fills; all stay within the text, whose length is checked above.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryCopyByVector(ReadOnlySpan<char> text, Span<byte> to)
    {
        ref var from = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(text));
        ref var target = ref MemoryMarshal.GetReference(to);
        if (text.Length < LanesChars)
            return text.Length < LaneChars ? TryCopyHalves(ref from, ref target, text.Length) : TryCopyLanes(ref from, ref target, text.Length);

        var other = Vector128<byte>.Zero;
        var last = text.Length - LanesChars;
        for (var i = 0; i < last; i += LanesChars)
            other |= Copy(ref from, ref target, i);

        other |= Copy(ref from, ref target, last);
        return other == Vector128<byte>.Zero;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<byte> Copy(ref ushort from, ref byte to, int at)
    {
        var bytes = Vector128.NarrowWithSaturation(Vector128.LoadUnsafe(ref from, (nuint)at), Vector128.LoadUnsafe(ref from, (nuint)(at + LaneChars)));
        bytes.StoreUnsafe(ref to, (nuint)at);
        return NotPlain(bytes);
    }

    private bool TryCopyLanes(ref ushort from, ref byte to, int length)
    {
        var last = (nuint)(length - LaneChars);
        var bytes = Vector128.NarrowWithSaturation(Vector128.LoadUnsafe(ref from), Vector128.LoadUnsafe(ref from, last));
        bytes.GetLower().StoreUnsafe(ref to);
        bytes.GetUpper().StoreUnsafe(ref to, last);
        return NotPlain(bytes) == Vector128<byte>.Zero;
    }

    private bool TryCopyHalves(ref ushort from, ref byte to, int length)
    {
        var last = (nuint)(length - HalfLaneChars);
        var chars = Vector128.Create(Vector64.LoadUnsafe(ref from), Vector64.LoadUnsafe(ref from, last));
        var bytes = Vector128.NarrowWithSaturation(chars, chars);
        Unsafe.WriteUnaligned(ref to, bytes.AsUInt32()[0]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref to, last), bytes.AsUInt32()[1]);
        return NotPlain(bytes) == Vector128<byte>.Zero;
    }

    /// <summary>All ones for each byte that is not a plain character; what did not fit a byte is 255.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<byte> NotPlain(Vector128<byte> bytes) =>
        Vector128.GreaterThan(bytes - Vector128.Create((byte)' '), Vector128.Create((byte)('~' - ' ')))
        | Vector128.Equals(bytes, _a) | Vector128.Equals(bytes, _b) | Vector128.Equals(bytes, _c) | Vector128.Equals(bytes, _d);
}
