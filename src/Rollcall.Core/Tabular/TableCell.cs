using System.Runtime.CompilerServices;
using System.Text;

namespace Rollcall.Core.Tabular;

/// <summary>One value in a table row. The default is an empty cell.</summary>
public readonly record struct TableCell
{
    private static readonly long UnixMillisecondsMin = DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), UnixMillisecondsMax = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    // A string, or the array in which UTF-8 stands.
    private readonly object? _text;

    // UTC ticks of an instant, ticks of a wall time, a whole number, 1 and 0 for a flag, or the first byte of UTF-8 and in the upper half how many: one
    // field keeps a row of cells small.
    private readonly long _bits;

    private readonly short _offsetMinutes;

    private TableCell(TableKind kind, object? text, long bits, short offsetMinutes = 0)
    {
        Kind = kind;
        _text = text;
        _bits = bits;
        _offsetMinutes = offsetMinutes;
    }

    public static TableCell Empty => default;

    public TableKind Kind { get; }

    /// <summary>The text, at least one code unit long.</summary>
    public string Text => Kind == TableKind.Text ? StringOrNull ?? Encoding.UTF8.GetString(Utf8) : throw NotA(TableKind.Text);

    /// <summary>The text when it is a string; null when it is UTF-8, or the cell is of another kind.</summary>
    internal string? StringOrNull => _text as string;

    /// <summary>The text when it is UTF-8, as it was given: nobody has looked whether it is well-formed. Empty when it is a string, or the cell is of another kind.</summary>
    /// <remarks>Not by a cast: one to an array of bytes asks the runtime, because arrays of other bytes pass for it.</remarks>
    internal ReadOnlySpan<byte> Utf8 => _text is null or string ? default : Unsafe.As<byte[]>(_text).AsSpan((int)_bits, (int)(_bits >> 32));

    /// <summary>The instant, in UTC.</summary>
    public DateTimeOffset Instant => Kind == TableKind.Instant ? new(_bits, TimeSpan.Zero) : throw NotA(TableKind.Instant);

    /// <summary>The wall time with its offset.</summary>
    public DateTimeOffset LocalTime => Kind == TableKind.LocalTime ? new(_bits, TimeSpan.FromMinutes(_offsetMinutes)) : throw NotA(TableKind.LocalTime);

    public long Number => Kind == TableKind.Number ? _bits : throw NotA(TableKind.Number);

    public bool Flag => Kind == TableKind.Flag ? _bits != 0 : throw NotA(TableKind.Flag);

    /// <summary>A text cell. Null and the empty text are both an empty cell: no file format here tells them apart.</summary>
    public static TableCell Of(string? text) => string.IsNullOrEmpty(text) ? default : new(TableKind.Text, text, 0);

    /// <summary>A text cell of UTF-8, which is not copied: good as long as the array is left alone. What is not well-formed reads as U+FFFD.</summary>
    public static TableCell OfUtf8(byte[] buffer, int start, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)buffer.Length, nameof(length));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)start, (uint)(buffer.Length - length), nameof(start));
        return length == 0 ? default : new(TableKind.Text, buffer, ((long)length << 32) | (uint)start);
    }

    /// <summary>An instant cell; null is an empty cell. The offset is not kept.</summary>
    public static TableCell Of(DateTimeOffset? instant) =>
        instant is { } known ? new(TableKind.Instant, null, known.UtcTicks) : default;

    /// <summary>An instant cell; null is an empty cell.</summary>
    /// <param name="unixMilliseconds">Since 1970, from the year 1 to 9999.</param>
    public static TableCell OfUnixMilliseconds(long? unixMilliseconds)
    {
        if (unixMilliseconds is not { } known)
            return default;

        ArgumentOutOfRangeException.ThrowIfLessThan(known, UnixMillisecondsMin, nameof(unixMilliseconds));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(known, UnixMillisecondsMax, nameof(unixMilliseconds));
        return new(TableKind.Instant, null, DateTime.UnixEpoch.Ticks + (known * TimeSpan.TicksPerMillisecond));
    }

    /// <summary>A cell with the wall time of <paramref name="zone"/>; null is an empty cell.</summary>
    public static TableCell Of(DateTimeOffset? instant, TimeZoneInfo zone)
    {
        if (instant is not { } known)
            return default;

        var local = TimeZoneInfo.ConvertTime(known, zone);
        return new(TableKind.LocalTime, null, local.Ticks, (short)local.TotalOffsetMinutes);
    }

    /// <summary>A number cell; null is an empty cell.</summary>
    public static TableCell Of(long? number) => number is { } known ? new(TableKind.Number, null, known) : default;

    /// <summary>A flag cell; null is an empty cell.</summary>
    public static TableCell Of(bool? flag) => flag is { } known ? new(TableKind.Flag, null, known ? 1 : 0) : default;

    /// <summary>By value: a text is the same whether it is a string or UTF-8.</summary>
    public bool Equals(TableCell other) => Kind == other.Kind
        && (Kind == TableKind.Text ? Text == other.Text : _bits == other._bits && _offsetMinutes == other._offsetMinutes);

    public override int GetHashCode() => Kind == TableKind.Text ? Text.GetHashCode(StringComparison.Ordinal) : HashCode.Combine(Kind, _bits, _offsetMinutes);

    private InvalidOperationException NotA(TableKind wanted) => new($"the cell is {Kind}, not {wanted}");
}
