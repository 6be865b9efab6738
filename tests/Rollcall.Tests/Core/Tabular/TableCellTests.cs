using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Tabular;

namespace Rollcall.Tests.Core.Tabular;

public sealed class TableCellTests
{
    private static readonly TableColumn[] _columns = [new("A", TableKind.Text, 9), new("B", TableKind.Text, 9)];

    [Fact]
    public async Task A_file_is_the_same_whether_its_texts_are_strings_or_utf8()
    {
        string[] texts = [.. Nasty.Texts, new string('x', 32_767), new string('x', 32_768), new string('é', 32_768), .. Enumerable.Range(0, 40).Select(length => new string('p', length))];

        await AssertAlikeAsync([.. texts.Select(text => (text, (string?)"plain"))]);
        Prop.ForAll(Nasty.AnyText.Two().ArrayOf().ToArbitrary(), pairs => AssertAlikeAsync(pairs!).GetAwaiter().GetResult()).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Bytes_that_are_no_utf8_read_as_replacement_characters()
    {
        var cell = TableCell.OfUtf8([(byte)'a', 0xC3, 0x28, 0xFF], 0, 4);

        Assert.Equal("a\uFFFD(\uFFFD", cell.Text);
        Assert.Equal(TableCell.Of("a\uFFFD(\uFFFD"), cell);
    }

    [Fact]
    public void A_cell_of_utf8_is_a_part_of_an_array_and_nothing_is_an_empty_cell()
    {
        var bytes = Encoding.UTF8.GetBytes("abcdef");

        Assert.Equal("cde", TableCell.OfUtf8(bytes, 2, 3).Text);
        Assert.Equal(TableCell.Of("cde").GetHashCode(), TableCell.OfUtf8(bytes, 2, 3).GetHashCode());
        Assert.Equal(TableCell.Empty, TableCell.OfUtf8(bytes, 6, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TableCell.OfUtf8(bytes, 4, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => TableCell.OfUtf8(bytes, -1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => TableCell.OfUtf8(bytes, 0, -1));
    }

    [Theory, InlineData(0), InlineData(-62_135_596_800_000), InlineData(253_402_300_799_999), InlineData(1_900_000_000_123)]
    public void An_instant_is_the_same_by_its_milliseconds(long ms)
    {
        Assert.Equal(TableCell.Of(DateTimeOffset.FromUnixTimeMilliseconds(ms)), TableCell.OfUnixMilliseconds(ms));
        Assert.Equal(TableCell.Empty, TableCell.OfUnixMilliseconds(null));
        Assert.Throws<ArgumentOutOfRangeException>(() => TableCell.OfUnixMilliseconds(long.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => TableCell.OfUnixMilliseconds(-62_135_596_800_001));
    }

    private static async Task AssertAlikeAsync((string?, string?)[] rows)
    {
        foreach (var make in (Func<Stream, ITableWriter>[])[Xlsx, Csv, Ndjson])
        {
            // A string that goes by way of UTF-8 has lost its lone surrogates.
            var strings = await WriteAsync(make, rows, text => TableCell.Of(text is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))));
            var utf8 = await WriteAsync(make, rows, Utf8Of);
            Assert.Equal(strings, utf8);
        }
    }

    /// <summary>Within a longer array, so that a wrong bound shows.</summary>
    private static TableCell Utf8Of(string? text)
    {
        var bytes = Encoding.UTF8.GetBytes("<" + text + ">");
        return TableCell.OfUtf8(bytes, 1, bytes.Length - 2);
    }

    private static async Task<byte[]> WriteAsync(Func<Stream, ITableWriter> make, (string?, string?)[] rows, Func<string?, TableCell> cell)
    {
        using var stream = new MemoryStream();
        await using var writer = make(stream);
        foreach (var (one, other) in rows)
            await writer.WriteRowAsync(new[] { cell(one), cell(other) }, default);
        await writer.CompleteAsync(default);
        return stream.ToArray();
    }

    private static XlsxTableWriter Xlsx(Stream to) => new(to, _columns, new XlsxTableOptions { SheetName = "Sheet" });

    private static CsvTableWriter Csv(Stream to) => new(to, _columns, new CsvTableOptions());

    private static NdjsonTableWriter Ndjson(Stream to) => new(to, _columns);
}
