using System.Globalization;
using Rollcall.Cli.Sample;
using Rollcall.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Core.Tabular;

/// <summary>What openpyxl reads of a workbook, cell by cell.</summary>
public sealed class OpenpyxlTests
{
    private const int Rows = 2000, RowsPerSheet = 700;

    private static readonly TableColumn[] Columns =
    [
        new("Text", TableKind.Text, 20), new("At", TableKind.Instant, 24), new("There", TableKind.LocalTime, 24), new("Count", TableKind.Number, 20), new("Ok", TableKind.Flag, 8),
        new("More", TableKind.Text, 20),
    ];

    [Theory, InlineData(1), InlineData(2)]
    public async Task Random_rows_of_every_kind_and_every_nasty_text_are_read_as_they_were_written(int seed)
    {
        var random = new SplitMix64((ulong)seed);
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");
        var written = new List<string?[]>();
        using var folder = new TemporaryFolder();
        var path = folder.File("random.xlsx");
        await using (var file = File.Create(path))
        {
            await using var writer = new XlsxTableWriter(file, Columns, new XlsxTableOptions { SheetName = "Random", RowsPerSheet = RowsPerSheet });
            for (var row = 0; row < Rows; row++)
            {
                var (first, more) = (row < Nasty.Texts.Length ? Nasty.Texts[row] : TextOf(random), TextOf(random));
                DateTimeOffset? at = random.Between(0, 5) == 0 ? null : new DateTimeOffset(2030, 1, 7, 0, 0, 0, TimeSpan.Zero).AddMilliseconds(random.Between(-1_000_000_000, 1_000_000_000));
                long? number = random.Between(0, 5) == 0 ? null : random.Between(-999_999, 999_999) * 1_000_000_000L;
                bool? flag = random.Between(0, 5) == 0 ? null : random.Between(0, 1) == 0;
                await writer.WriteRowAsync(new[] { TableCell.Of(first), TableCell.Of(at), TableCell.Of(at, zone), TableCell.Of(number), TableCell.Of(flag), TableCell.Of(more) }, default);
                written.Add([Text(first), Time(at?.UtcDateTime), Time(at?.AddHours(8).UtcDateTime), number is null ? null : string.Create(CultureInfo.InvariantCulture, $"n:{number}"), flag is null ? null : flag.Value ? "b:true" : "b:false", Text(more)]);
            }

            await writer.CompleteAsync(default);
        }

        var sheets = (await Openpyxl.ReadAsync(path)).Sheets;

        Assert.Equal((Rows + RowsPerSheet - 2) / (RowsPerSheet - 1), sheets.Count);
        var read = sheets.SelectMany(sheet => sheet.Rows.Skip(1)).ToList();
        Assert.Equal(written.Count, read.Count);
        for (var row = 0; row < read.Count; row++)
            Assert.Equal(written[row], read[row].Select(value => Openpyxl.TextOf(value) is { } text ? "s:" + text : value));
    }

    private static string? Text(string text) => text.Length == 0 ? null : "s:" + text;

    private static string? Time(DateTime? at) => at is { } known ? "d:" + known.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture) : null;

    /// <summary>Nasty texts and single characters of all planes' halves beside each other, some of them very long.</summary>
    private static string TextOf(SplitMix64 random)
    {
        var text = string.Concat(Enumerable.Range(0, random.Between(0, 6)).Select(_ => random.Between(0, 2) == 0 ? ((char)random.Between(0, char.MaxValue)).ToString() : random.Pick(Nasty.Texts)));
        return random.Between(0, 50) == 0 ? text + new string('长', 5000) : text;
    }
}
