using System.Globalization;
using Rollcall.Cli.Sample;
using Rollcall.Core.Tabular;

namespace Rollcall.Tests.Core.Tabular;

/// <summary>What LibreOffice shows of a workbook, cell by cell.</summary>
public sealed class LibreOfficeTests
{
    private const int RandomTexts = 500;

    private static readonly DateTimeOffset Nine = new(2030, 1, 7, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_text_is_the_text_it_was()
    {
        // Control characters but line ends are not kept by LibreOffice itself, nor are lone surrogates and what Unicode calls no character.
        string[] known =
        [
            .. Nasty.Texts.Where(text => !text.Any(c => (char.IsControl(c) && c is not ('\n' or '\t')) || char.IsSurrogate(c) || c is '\uFFFE' or '\uFFFF')),
            "😀", "=1+1", "=SUM(A1:A2)", "+49 30 1234", "-2", "@SUM(A1)", "=HYPERLINK(\"http://example.org\",\"x\")", "2030-01-07", "12:30", "1,5", "1.5", "00123", "1e3", "张伟", "资源池-上海",
            new string('长', 32_767), new string('x', 32_766) + "\"",
        ];
        var random = new SplitMix64(7);
        string[] texts = [.. known, .. Enumerable.Range(0, RandomTexts).Select(_ => string.Concat(Enumerable.Range(0, random.Between(2, 5)).Select(_ => random.Pick(known[..^2]))))];

        var rows = await LibreOffice.ReadAsync(await WriteAsync([new("Text", TableKind.Text, 20)], [.. texts.Select(text => new[] { TableCell.Of(text) })]), "Sessions");

        Assert.Equal("Text", Assert.Single(rows[0]));
        Assert.Equal(texts.Length, rows.Count - 1);
        foreach (var (text, row) in texts.Zip(rows.Skip(1)))
            Assert.Equal(text, Assert.Single(row));
    }

    [Fact]
    public async Task Times_numbers_flags_and_empty_cells_are_shown_as_such()
    {
        TableColumn[] columns = [new("At", TableKind.Instant, 24), new("There", TableKind.LocalTime, 24), new("Count", TableKind.Number, 20), new("Ok", TableKind.Flag, 8), new("Text", TableKind.Text, 8)];
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");
        TableCell[][] rows =
        [
            .. Enumerable.Range(0, 200).Select(i => new[]
            {
                TableCell.Of(Nine.AddHours(37 * i).AddSeconds(i)), TableCell.Of(Nine.AddHours(37 * i), zone), TableCell.Of((i - 100) * 123_456_789_012L), TableCell.Of(i % 2 == 0), TableCell.Of($"行 {i}"),
            }),
            new TableCell[5],
        ];

        var read = await LibreOffice.ReadAsync(await WriteAsync(columns, rows), "Sessions");

        Assert.Equal(["At", "There", "Count", "Ok", "Text"], read[0]);
        for (var i = 0; i < 200; i++)
        {
            string[] expected =
            [
                Shown(Nine.AddHours(37 * i).AddSeconds(i)), Shown(Nine.AddHours((37 * i) + 8)), ((i - 100) * 123_456_789_012L).ToString(CultureInfo.InvariantCulture),
                i % 2 == 0 ? "TRUE" : "FALSE", $"行 {i}",
            ];
            Assert.Equal(expected, read[i + 1]);
        }

        Assert.True(read.Count == 201 || read[201].All(cell => cell.Length == 0));
    }

    private static string Shown(DateTimeOffset at) => at.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    private static async Task<byte[]> WriteAsync(TableColumn[] columns, TableCell[][] rows)
    {
        using var stream = new MemoryStream();
        await using var writer = new XlsxTableWriter(stream, columns, new XlsxTableOptions { SheetName = "Sessions" });
        foreach (var row in rows)
            await writer.WriteRowAsync(row, default);
        await writer.CompleteAsync(default);
        return stream.ToArray();
    }
}
