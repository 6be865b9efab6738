using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Tabular;

namespace Rollcall.Tests.Core.Tabular;

public sealed class CsvTableWriterTests
{
    private static readonly CsvTableOptions _plain = new() { ByteOrderMark = false };
    private static readonly TableColumn[] _text = [new("Text", TableKind.Text, 20)];

    [Fact]
    public async Task Headers_and_typed_cells_are_written_plain_with_a_mark_and_CRLF()
    {
        TableColumn[] columns = [new("Who", TableKind.Text, 9), new("At", TableKind.Instant, 9), new("Count", TableKind.Number, 9), new("Ok", TableKind.Flag, 9)];
        var nine = new DateTimeOffset(2030, 1, 1, 10, 0, 0, TimeSpan.FromHours(1));
        var file = await WriteAsync(columns, new CsvTableOptions(),
            [TableCell.Of("anna"), TableCell.Of(nine), TableCell.Of(-5), TableCell.Of(true)],
            [TableCell.Of("007"), TableCell.Of(nine.AddMilliseconds(20)), TableCell.Of(long.MaxValue), TableCell.Of(false)],
            new TableCell[4]);

        Assert.Equal(
            "\uFEFFWho,At,Count,Ok\r\nanna,2030-01-01T09:00:00Z,-5,true\r\n007,2030-01-01T09:00:00.020Z,9223372036854775807,false\r\n,,,\r\n",
            Encoding.UTF8.GetString(file));
    }

    [Theory]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [InlineData("+1", "'+1")]
    [InlineData("-1", "'-1")]
    [InlineData("@x", "'@x")]
    [InlineData("＝1", "'＝1")]
    [InlineData("  =1", "\"'  =1\"")]
    [InlineData("\u00A0=1", "\"'\u00A0=1\"")]
    [InlineData("\0=1", "\"'\0=1\"")]
    [InlineData("\uFEFF=1", "'\uFEFF=1")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("\rx", "\"'\rx\"")]
    [InlineData(" \nx", "\"' \nx\"")]
    [InlineData("=\"a\"", "\"'=\"\"a\"\"\"")]
    [InlineData("a=1", "a=1")]
    [InlineData("'=1", "'=1")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("a;b", "a;b")]
    [InlineData("x;=1+1;y", "x;=1+1;y")] // by whom it is split at semicolons: docs/exports.md says what to do
    [InlineData(" a", "\" a\"")]
    [InlineData("a ", "\"a \"")]
    [InlineData("a\"b", "\"a\"\"b\"")]
    [InlineData("a\0b", "\"a\0b\"")]
    public async Task A_text_becomes_exactly_this_field(string text, string field)
    {
        var file = await WriteAsync(_text, _plain, [TableCell.Of(text)]);

        Assert.Equal($"Text\r\n{field}\r\n", Encoding.UTF8.GetString(file));
    }

    // Not among the cases above: an attribute cannot hold a lone surrogate.
    [Fact]
    public async Task A_lone_surrogate_becomes_the_replacement_character()
    {
        var file = await WriteAsync(_text, _plain, [TableCell.Of("a\uD800b")], [TableCell.Of("\uDC00\"😀昇")]);

        Assert.Equal("Text\r\na\uFFFDb\r\n\"\uFFFD\"\"😀昇\"\r\n", Encoding.UTF8.GetString(file));
    }

    [Theory]
    [InlineData(',')]
    [InlineData(';')]
    [InlineData('\t')]
    [InlineData('|')]
    public void Any_text_survives_but_for_the_apostrophe_and_lone_surrogates(char delimiter) =>
        Prop.ForAll(Nasty.AnyText.Two().ArrayOf().ToArbitrary(), pairs =>
        {
            TableColumn[] columns = [new("A", TableKind.Text, 9), new("B", TableKind.Text, 9)];
            TableCell[][] rows = [.. pairs.Select(pair => new[] { TableCell.Of(pair.Item1), TableCell.Of(pair.Item2) })];
            var file = WriteAsync(columns, _plain with { Delimiter = delimiter }, rows).GetAwaiter().GetResult();
            var read = Rfc4180.Read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(file), delimiter);

            Assert.Equal(pairs.Length + 1, read.Count);
            Assert.All(read, row => Assert.Equal(2, row.Count));
            var wanted = pairs.SelectMany(pair => new[] { pair.Item1, pair.Item2 }).Select(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text ?? "")));
            Assert.All(read.Skip(1).SelectMany(row => row).Zip(wanted), cell =>
            {
                Assert.Contains(cell.First, new[] { cell.Second, "'" + cell.Second });
                Assert.False(cell.First.TrimStart() is ['=' or '+' or '-' or '@', ..], "a spreadsheet could run it");
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task An_empty_cell_in_the_only_column_is_still_a_row() =>
        Assert.Equal("Text\r\n\"\"\r\na\r\n", Encoding.UTF8.GetString(await WriteAsync(_text, _plain, [default], [TableCell.Of("a")])));

    [Fact]
    public async Task A_text_of_40_000_characters_is_whole()
    {
        var text = new string('昇', 40_000);
        Assert.Equal($"Text\r\n{text}\r\n", Encoding.UTF8.GetString(await WriteAsync(_text, _plain, [TableCell.Of(text)])));
    }

    [Fact]
    public void Memory_does_not_grow_with_the_rows_and_every_row_arrives()
    {
        const int count = 100_000, slackBytes = 1 << 20;
        TableCell[] row = [TableCell.Of(new string('a', 98))];
        var stream = new ForwardOnlyStream(kept: null);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var writer = new CsvTableWriter(stream, _text, _plain);
        for (var i = 0; i < count; i++)
            AssertDone(writer.WriteRowAsync(row, default));

        AssertDone(writer.CompleteAsync(default));
        AssertDone(writer.DisposeAsync());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, slackBytes);
        Assert.Equal((count * 100L) + "Text\r\n".Length, stream.SizeBytes);
        Assert.Equal(count, writer.RowCount);
    }

    [Theory]
    [InlineData('"')]
    [InlineData('-')]
    [InlineData('\n')]
    [InlineData('0')]
    public void A_delimiter_that_could_be_part_of_a_value_is_refused(char delimiter) =>
        Assert.Throws<ArgumentException>(() => new CsvTableWriter(Stream.Null, _text, new() { Delimiter = delimiter }));

    private static void AssertDone(ValueTask step) => Assert.True(step.IsCompletedSuccessfully);

    private static async Task<byte[]> WriteAsync(TableColumn[] columns, CsvTableOptions options, params TableCell[][] rows)
    {
        var stream = new MemoryStream();
        await using var writer = new CsvTableWriter(new ForwardOnlyStream(stream), columns, options);
        foreach (var row in rows)
            await writer.WriteRowAsync(row, default);

        await writer.CompleteAsync(default);
        return stream.ToArray();
    }
}
