using System.Globalization;
using System.Text.RegularExpressions;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;

namespace Rollcall.Tests.Core.Tabular;

/// <summary>Reads a workbook back with the Open XML SDK, after its validator found nothing to say.</summary>
internal static partial class OpenXmlReading
{
    public static List<Sheet> Read(byte[] file)
    {
        using var stream = new MemoryStream(file);
        using var document = SpreadsheetDocument.Open(stream, isEditable: false);
        var complaints = new OpenXmlValidator(FileFormatVersions.Office2019).Validate(document);
        Assert.Empty(complaints.Select(c => $"{c.Part?.Uri} {c.Path?.XPath}: {c.Description}"));

        var book = document.WorkbookPart!;
        return [.. book.Workbook.Descendants<DocumentFormat.OpenXml.Spreadsheet.Sheet>().Select(sheet => ReadSheet(book, sheet))];
    }

    private static Sheet ReadSheet(WorkbookPart book, DocumentFormat.OpenXml.Spreadsheet.Sheet sheet)
    {
        var part = ((WorksheetPart)book.GetPartById(sheet.Id!)).Worksheet;
        Assert.Equal(PaneStateValues.Frozen, part.Descendants<Pane>().Single().State!.Value);
        var formats = book.WorkbookStylesPart!.Stylesheet.CellFormats!.Elements<CellFormat>().Select(f => f.NumberFormatId!.Value).ToList();
        var rows = part.Descendants<Row>().Select(row => row.Elements<Cell>().Select(cell => ValueOf(cell, formats)).ToArray());
        return new Sheet(sheet.Name!, part.Descendants<AutoFilter>().Single().Reference!, [.. rows]);
    }

    private static object? ValueOf(Cell cell, List<uint> formats)
    {
        if (cell.DataType is { } type && type == CellValues.InlineString)
            return Kept(cell.InlineString!.Text!);

        if (cell.DataType is { } flag && flag == CellValues.Boolean)
            return cell.CellValue!.Text == "1";

        if (cell.CellValue is null)
            return null;

        var number = double.Parse(cell.CellValue.Text, CultureInfo.InvariantCulture);
        const uint firstOwnFormat = 164;
        return formats[(int)cell.StyleIndex!.Value] >= firstOwnFormat ? DateTime.FromOADate(number) : number;
    }

    // Neither reader here drops white space at the ends of a text, but Excel does unless told not to.
    private static string Kept(Text text)
    {
        Assert.True(text.Text == text.Text.Trim() || text.Space?.Value == SpaceProcessingModeValues.Preserve, "white space is asked to stay");
        return Unescape(text.Text);
    }

    // The SDK hands ST_Xstring over as it is written.
    private static string Unescape(string text) =>
        Escape().Replace(text, m => ((char)int.Parse(m.Groups["unit"].ValueSpan, NumberStyles.HexNumber)).ToString());

    [GeneratedRegex("_x(?<unit>[0-9A-Fa-f]{4})_", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Escape();

    /// <param name="Rows">Values as string, double, DateTime or bool; null is empty.</param>
    internal sealed record Sheet(string Name, string Filter, IReadOnlyList<object?[]> Rows);
}
