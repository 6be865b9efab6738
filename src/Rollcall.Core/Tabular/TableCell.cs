namespace Rollcall.Core.Tabular;

/// <summary>One value in a table row. The default is an empty cell.</summary>
public readonly record struct TableCell
{
    private readonly string? _text;

    // UTC ticks of an instant, ticks of a wall time, a whole number, or 1 and 0 for a flag: one field keeps a row of cells small.
    private readonly long _bits;

    private readonly short _offsetMinutes;

    private TableCell(TableKind kind, string? text, long bits, short offsetMinutes = 0)
    {
        Kind = kind;
        _text = text;
        _bits = bits;
        _offsetMinutes = offsetMinutes;
    }

    public static TableCell Empty => default;

    public TableKind Kind { get; }

    /// <summary>The text, at least one code unit long.</summary>
    public string Text => Kind == TableKind.Text ? _text! : throw NotA(TableKind.Text);

    /// <summary>The text; null when the cell is of another kind.</summary>
    internal string? TextOrNull => _text;

    /// <summary>The instant, in UTC.</summary>
    public DateTimeOffset Instant => Kind == TableKind.Instant ? new(_bits, TimeSpan.Zero) : throw NotA(TableKind.Instant);

    /// <summary>The wall time with its offset.</summary>
    public DateTimeOffset LocalTime => Kind == TableKind.LocalTime ? new(_bits, TimeSpan.FromMinutes(_offsetMinutes)) : throw NotA(TableKind.LocalTime);

    public long Number => Kind == TableKind.Number ? _bits : throw NotA(TableKind.Number);

    public bool Flag => Kind == TableKind.Flag ? _bits != 0 : throw NotA(TableKind.Flag);

    /// <summary>A text cell. Null and the empty text are both an empty cell: no file format here tells them apart.</summary>
    public static TableCell Of(string? text) => string.IsNullOrEmpty(text) ? default : new(TableKind.Text, text, 0);

    /// <summary>An instant cell; null is an empty cell. The offset is not kept.</summary>
    public static TableCell Of(DateTimeOffset? instant) =>
        instant is { } known ? new(TableKind.Instant, null, known.UtcTicks) : default;

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

    private InvalidOperationException NotA(TableKind wanted) => new($"the cell is {Kind}, not {wanted}");
}
