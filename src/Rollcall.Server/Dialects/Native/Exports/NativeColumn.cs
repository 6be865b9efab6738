using Rollcall.Core.Tabular;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>One column that may be asked for.</summary>
/// <param name="Name">As callers ask for it, and as NDJSON names the member.</param>
/// <param name="CellIn">Of a row, its value; words of the API are in the language.</param>
internal sealed record NativeColumn<T>(
    string Name, string English, string Chinese, TableKind Kind, int WidthChars, Func<ExportLanguage, Func<T, TableCell>> CellIn, Func<T, TableCell>? Instant = null);

/// <summary>How a file's columns are laid out.</summary>
/// <param name="Zone">Null: UTC alone.</param>
/// <param name="HasMachineNames">Headers are the columns' names, and words are the API's: for programs.</param>
internal sealed record ColumnLayout(ExportLanguage Language, TimeZoneInfo? Zone, bool HasMachineNames)
{
    private const int InstantWidthChars = 24;

    public IReadOnlyList<ExportColumn<T>> Of<T>(IReadOnlyList<NativeColumn<T>> columns) => [.. columns.SelectMany(Of)];

    /// <summary>A time in another zone stands beside the same in UTC: what auditors compare.</summary>
    private IEnumerable<ExportColumn<T>> Of<T>(NativeColumn<T> column)
    {
        if (column.Instant is not { } instant)
        {
            yield return new ExportColumn<T>(HeaderOf(column), column.Kind, column.WidthChars, column.CellIn(Words));
            yield break;
        }

        if (Zone is { } zone)
        {
            var header = HasMachineNames ? column.Name + "_local" : $"{HeaderOf(column)} ({zone.Id})";
            yield return new ExportColumn<T>(header, TableKind.LocalTime, WidthOf(header), row => instant(row) is { Kind: TableKind.Instant } cell ? TableCell.Of(cell.Instant, zone) : default);
        }

        var utc = HasMachineNames ? column.Name : $"{HeaderOf(column)} (UTC)";
        yield return new ExportColumn<T>(utc, TableKind.Instant, WidthOf(utc), instant);
    }

    private ExportLanguage Words => HasMachineNames ? ExportLanguage.None : Language;

    private string HeaderOf<T>(NativeColumn<T> column) =>
        HasMachineNames ? column.Name : Language == ExportLanguage.Chinese ? column.Chinese : column.English;

    private static int WidthOf(string header) => Math.Max(InstantWidthChars, header.Length + 2);
}

/// <summary>Makes columns.</summary>
internal static class Column
{
    public static NativeColumn<T> Text<T>(string name, string english, string chinese, int width, Func<T, string?> value) =>
        new(name, english, chinese, TableKind.Text, width, _ => row => TableCell.Of(value(row)));

    public static NativeColumn<T> Text<T>(string name, string english, string chinese, int width, Func<T, TableCell> cell) =>
        new(name, english, chinese, TableKind.Text, width, _ => cell);

    public static NativeColumn<T> Word<T>(string name, string english, string chinese, int width, Func<T, string?> value) =>
        new(name, english, chinese, TableKind.Text, width, language => row => TableCell.Of(value(row) is { } word ? language.WordOf(word) : null));

    public static NativeColumn<T> Instant<T>(string name, string english, string chinese, Func<T, DateTimeOffset?> value) =>
        Instant<T>(name, english, chinese, row => TableCell.Of(value(row)));

    public static NativeColumn<T> Instant<T>(string name, string english, string chinese, Func<T, TableCell> cell) =>
        new(name, english, chinese, TableKind.Instant, 24, _ => cell, cell);

    public static NativeColumn<T> Number<T>(string name, string english, string chinese, int width, Func<T, long?> value) =>
        new(name, english, chinese, TableKind.Number, width, _ => row => TableCell.Of(value(row)));

    public static NativeColumn<T> Flag<T>(string name, string english, string chinese, int width, Func<T, bool?> value) =>
        new(name, english, chinese, TableKind.Flag, width, _ => row => TableCell.Of(value(row)));
}
