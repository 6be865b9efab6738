using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using Rollcall.Core.Tabular;
using Rollcall.Tests.Support;
using TableCell = Rollcall.Core.Tabular.TableCell;
using TableColumn = Rollcall.Core.Tabular.TableColumn;

namespace Rollcall.Tests.Core.Tabular;

/// <summary>Files at the real limits of a sheet.</summary>
public sealed class BigFileTests
{
    private const int RowsMax = XlsxTableOptions.RowsPerSheetMax;

    [Fact, Trait("Category", "Long")]
    public async Task More_rows_than_a_sheet_holds_go_on_in_another_and_none_is_lost()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("big.xlsx");
        const int rows = RowsMax + 1_000;

        await WriteAsync(path, rows);

        Assert.Equal([("Sessions", RowsMax), ("Sessions 2", rows - (RowsMax - 1) + 1)], CountRows(path));
    }

    private static async Task WriteAsync(string path, int rows)
    {
        TableColumn[] columns = [new("Number", TableKind.Number, 10), new("User", TableKind.Text, 20)];
        await using var file = new FileStream(path, FileMode.CreateNew);
        await using var table = new XlsxTableWriter(file, columns, new XlsxTableOptions { SheetName = "Sessions" });
        var cells = new TableCell[2];
        for (long row = 0; row < rows; row++)
        {
            cells[0] = TableCell.Of(row);
            cells[1] = TableCell.Of($"user{row % 1000}");
            await table.WriteRowAsync(cells, default);
        }

        await table.CompleteAsync(default);
        Assert.Equal(rows, table.RowCount);
    }

    /// <summary>Streams through the sheets: a document of this size is not read into memory.</summary>
    private static List<(string Name, int Rows)> CountRows(string path)
    {
        using var document = SpreadsheetDocument.Open(path, isEditable: false);
        var book = document.WorkbookPart!;
        var counts = new List<(string, int)>();
        foreach (var sheet in book.Workbook.Descendants<Sheet>())
        {
            using var reader = OpenXmlReader.Create(book.GetPartById(sheet.Id!));
            var rows = 0;
            while (reader.Read())
            {
                if (reader.ElementType == typeof(Row) && reader.IsStartElement)
                    rows++;
            }

            counts.Add((sheet.Name!, rows));
        }

        return counts;
    }
}
