namespace Rollcall.Core.Tabular;

/// <summary>What a cell holds, and what the cells of a column may hold besides nothing.</summary>
public enum TableKind
{
    /// <summary>Nothing. No column is of this kind.</summary>
    Empty,

    /// <summary>Text as a person or a machine wrote it; never a formula.</summary>
    Text,

    /// <summary>A point in time, written in UTC and to the millisecond.</summary>
    Instant,

    /// <summary>A point in time as the clocks of a zone show it; the column's header names the zone.</summary>
    LocalTime,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Flag,
}

/// <summary>One column of a table. Its cells are empty or of its kind.</summary>
public sealed record TableColumn
{
    /// <summary>The longest header, in UTF-16 code units, and the widest column, in characters.</summary>
    /// <remarks>Source: Excel specifications and limits, "Column width: 255 characters"; headers keep the same bound.</remarks>
    public const int HeaderLengthMax = 255, WidthCharsMax = 255;

    public TableColumn(string header, TableKind kind, int widthChars)
    {
        ArgumentNullException.ThrowIfNull(header);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(header.Length, HeaderLengthMax, nameof(header));
        ArgumentOutOfRangeException.ThrowIfEqual(kind, TableKind.Empty);
        ArgumentOutOfRangeException.ThrowIfLessThan(widthChars, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(widthChars, WidthCharsMax);
        Header = header;
        Kind = kind;
        WidthChars = widthChars;
    }

    public string Header { get; }

    public TableKind Kind { get; }

    /// <summary>Digits of the default font that fit side by side, 1 to 255. Formats without widths ignore it.</summary>
    public int WidthChars { get; }
}
