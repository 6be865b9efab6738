using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Core.Tabular;

public sealed class XlsxTableWriterTests
{
    private static readonly XlsxTableOptions _options = new() { SheetName = "Sessions" };
    private static readonly TableColumn[] _text = [new("Text", TableKind.Text, 20)];
    private static readonly DateTimeOffset _nine = new(2030, 1, 1, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Nasty_texts_reach_both_readers_unchanged()
    {
        var file = await WriteAsync(_text, _options, [.. Nasty.Texts.Select(text => Row(text))]);

        var sdk = Assert.Single(OpenXmlReading.Read(file));
        Assert.Equal(Nasty.Texts, sdk.Rows.Skip(1).Select(row => (string?)row.Single()));
        var python = Assert.Single((await ReadWithOpenpyxlAsync(file)).Sheets);
        Assert.Equal(Nasty.Texts, python.Rows.Skip(1).Select(row => Openpyxl.TextOf(row.Single())));
    }

    [Fact]
    public void Any_text_in_any_column_survives() =>
        Prop.ForAll(Nasty.AnyText.Two().ArrayOf().ToArbitrary(), pairs =>
        {
            TableColumn[] columns = [new("A", TableKind.Text, 9), new("B", TableKind.Text, 9)];
            TableCell[][] rows = [.. pairs.Select(pair => new[] { TableCell.Of(pair.Item1), TableCell.Of(pair.Item2) })];
            var read = Assert.Single(OpenXmlReading.Read(WriteAsync(columns, _options, rows).GetAwaiter().GetResult()));
            Assert.Equal(pairs.SelectMany(p => new object?[] { OrNull(p.Item1), OrNull(p.Item2) }), read.Rows.Skip(1).SelectMany(row => row));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Instants_numbers_and_flags_are_typed_cells_for_both_readers()
    {
        TableColumn[] columns = [new("At", TableKind.Instant, 20), new("Count", TableKind.Number, 9), new("Ok", TableKind.Flag, 5)];
        DateTimeOffset[] instants = [_nine, _nine.AddMilliseconds(1), _nine.AddDays(1).AddMilliseconds(-1), new(1900, 3, 1, 0, 0, 0, TimeSpan.Zero),
            new(2030, 1, 1, 1, 0, 0, TimeSpan.FromHours(8)), DateTimeOffset.MaxValue];
        long[] numbers = [0, -1, 42, 999_999_999_999_999, -999_999_999_999_999, 7];
        TableCell[][] rows = [.. instants.Select((at, i) => new[] { TableCell.Of(at), TableCell.Of(numbers[i]), TableCell.Of(i % 2 == 0) }), new TableCell[3]];
        var file = await WriteAsync(columns, _options, rows);

        var sdk = Assert.Single(OpenXmlReading.Read(file)).Rows.Skip(1).ToList();
        var python = Assert.Single((await ReadWithOpenpyxlAsync(file)).Sheets).Rows.Skip(1).ToList();
        for (var i = 0; i < instants.Length; i++)
        {
            var utc = new DateTime(instants[i].UtcTicks / TimeSpan.TicksPerMillisecond * TimeSpan.TicksPerMillisecond);
            Assert.Equal([utc, (double)numbers[i], i % 2 == 0], sdk[i]);
            object?[] printed = [$"d:{utc:yyyy-MM-ddTHH:mm:ss.fff}", $"n:{numbers[i]}", i % 2 == 0 ? "b:true" : "b:false"];
            Assert.Equal(printed, python[i]);
        }

        Assert.Equal([null, null, null], sdk[^1]);
        Assert.Equal(instants.Length + 1, sdk.Count);
    }

    [Fact]
    public async Task Numbers_and_instants_that_a_sheet_cannot_hold_become_text()
    {
        TableColumn[] columns = [new("At", TableKind.Instant, 20), new("Count", TableKind.Number, 9)];
        var early = new DateTimeOffset(1900, 2, 28, 23, 59, 59, TimeSpan.Zero);
        var file = await WriteAsync(columns, _options,
            [TableCell.Of(early), TableCell.Of(1_000_000_000_000_000)],
            [TableCell.Of(DateTimeOffset.MinValue), TableCell.Of(long.MinValue)]);

        var rows = Assert.Single(OpenXmlReading.Read(file)).Rows;
        Assert.Equal(["1900-02-28T23:59:59Z", "1000000000000000"], rows[1]);
        Assert.Equal(["0001-01-01T00:00:00Z", "-9223372036854775808"], rows[2]);
    }

    [Fact]
    public async Task A_cell_longer_than_the_limit_is_cut_and_counted()
    {
        var pairAcrossTheCut = new string('x', 32_765) + "😀" + new string('y', 7_000);
        string[] texts = [new('a', 40_000), new('b', 32_767), pairAcrossTheCut, new('\r', 32_767)];
        var stream = new MemoryStream();
        await using var writer = new XlsxTableWriter(stream, _text, _options);
        foreach (var text in texts)
            await writer.WriteRowAsync(Row(text), default);

        await writer.CompleteAsync(default);

        string[] expected = [new string('a', 32_766) + '…', texts[1], new string('x', 32_765) + '…', texts[3]];
        Assert.Equal(2, writer.CellsCut);
        Assert.Equal(4, writer.RowCount);
        Assert.Equal(expected, Assert.Single(OpenXmlReading.Read(stream.ToArray())).Rows.Skip(1).Select(row => row[0]));
        Assert.Equal(expected, (await ReadWithOpenpyxlAsync(stream.ToArray())).Sheets[0].Rows.Skip(1).Select(row => Openpyxl.TextOf(row[0])));
    }

    [Fact]
    public async Task A_full_sheet_is_followed_by_another_with_the_same_header()
    {
        var file = await WriteAsync(_text, _options with { RowsPerSheet = 3 }, [.. Enumerable.Range(1, 5).Select(i => Row($"row {i}"))]);

        var sheets = OpenXmlReading.Read(file);
        Assert.Equal(["Sessions", "Sessions 2", "Sessions 3"], sheets.Select(sheet => sheet.Name));
        Assert.Equal(["A1:A3", "A1:A3", "A1:A2"], sheets.Select(sheet => sheet.Filter));
        Assert.All(sheets, sheet => Assert.Equal("Text", sheet.Rows[0][0]));
        Assert.Equal(["row 1", "row 2", "row 3", "row 4", "row 5"], sheets.SelectMany(sheet => sheet.Rows.Skip(1)).Select(row => row[0]));
        Assert.Equal(3, (await ReadWithOpenpyxlAsync(file)).Sheets.Count);
    }

    [Fact]
    public async Task A_sheet_ends_before_its_bytes_pass_what_a_plain_zip_entry_holds()
    {
        var file = await WriteAsync(_text, _options with { SheetBytes = 4_000_000 }, [.. Enumerable.Range(1, 300).Select(_ => Row(new string('a', 30_000)))]);

        using var zip = new ZipArchive(new MemoryStream(file));
        Assert.All(zip.Entries, entry => Assert.InRange(entry.Length, 1, 4_100_000));
        var sheets = OpenXmlReading.Read(file);
        Assert.Equal(3, sheets.Count);
        Assert.Equal(300, sheets.Sum(sheet => sheet.Rows.Count - 1));
    }

    [Fact]
    public async Task A_table_without_rows_is_a_valid_sheet_with_a_bold_frozen_filtered_header()
    {
        var options = _options with { Title = "Sessions <of> \u0001 A&B", CreatedAt = _nine };
        var file = await WriteAsync([new("Who & <what>", TableKind.Text, 20), new("When", TableKind.Instant, 9)], options);

        Assert.Equal(["Who & <what>", "When"], Assert.Single(Assert.Single(OpenXmlReading.Read(file)).Rows));
        var book = await ReadWithOpenpyxlAsync(file);
        var sheet = Assert.Single(book.Sheets);
        Assert.Equal(("Sessions <of> \uFFFD A&B", "2030-01-01T09:00:00"), (book.Title, book.Created));
        Assert.Equal(("A2", "A1:B1", true), (sheet.Frozen, sheet.Filter, sheet.Bold));
        Assert.InRange(sheet.Width, 20.5, 21);
    }

    [Theory]
    [InlineData("a/b\\c?d*e[f]g:h", "a_b_c_d_e_f_g_h", "a_b_c_d_e_f_g_h 2")]
    [InlineData("'O'Hara'", "_O'Hara_", "_O'Hara_ 2")]
    [InlineData("12345678901234567890123456789'😀", "12345678901234567890123456789_", "12345678901234567890123456789 2")]
    [InlineData("", "_", "_ 2")]
    [InlineData("history", "history_", "history_ 2")]
    [InlineData("a\r\0b\uFFFE<&>\"", "a__b_<&>\"", "a__b_<&>\" 2")]
    [InlineData("123456789012345678901234567890😀", "123456789012345678901234567890", "12345678901234567890123456789 2")]
    [InlineData("12345678901234567890123456789 2", "12345678901234567890123456789 2", "1234567890123456789012345678_ 2")]
    public async Task A_sheet_name_is_made_fit_and_stays_unique(string wanted, string first, string second)
    {
        var file = await WriteAsync(_text, new() { SheetName = wanted, RowsPerSheet = 2 }, Row("a"), Row("b"));

        Assert.Equal([first, second], OpenXmlReading.Read(file).Select(sheet => sheet.Name));
        Assert.Equal([first, second], (await ReadWithOpenpyxlAsync(file)).Sheets.Select(sheet => sheet.Name));
    }

    [Fact]
    public async Task A_lone_surrogate_in_a_sheet_name_is_replaced()
    {
        var file = await WriteAsync(_text, new() { SheetName = "\uDC00a\uD800" }, Row("a"));
        Assert.Equal("_a_", Assert.Single(OpenXmlReading.Read(file)).Name);
    }

    [Fact]
    public async Task The_same_rows_give_the_same_bytes()
    {
        var options = _options with { CreatedAt = _nine, Title = "T", RowsPerSheet = 50 };
        TableCell[][] rows = [.. Nasty.Texts.Select(text => Row(text))];

        var once = await WriteAsync(_text, options, rows);

        Assert.Equal(once, await WriteAsync(_text, options, rows));
        using var zip = new ZipArchive(new MemoryStream(once));
        Assert.All(zip.Entries, entry => Assert.Equal(_nine.DateTime, entry.LastWriteTime.DateTime));
    }

    [Fact]
    public async Task A_last_sheet_says_what_was_written_once_it_is_known()
    {
        var options = _options with
        {
            SheetName = "about",
            RowsPerSheet = 3,
            About = table => new XlsxAbout("About", "What", "Value", [("Rows", TableCell.Of(table.RowCount)), ("Made", TableCell.Of(_nine)), ("From", TableCell.Of("a=1 & b_x0041_"))]),
        };
        var file = await WriteAsync(_text, options, Row("a"), Row("b"), Row("c"));

        var sheets = OpenXmlReading.Read(file);
        Assert.Equal(["about", "about 2", "About 3"], sheets.Select(sheet => sheet.Name));
        Assert.Equal("A1:B4", sheets[^1].Filter);
        object?[][] said = [["What", "Value"], ["Rows", 3.0], ["Made", _nine.UtcDateTime], ["From", "a=1 & b_x0041_"]];
        Assert.Equal(said, sheets[^1].Rows);
        Assert.Equal("s:", (await ReadWithOpenpyxlAsync(file)).Sheets[^1].Rows[3][1]?[..2]);
    }

    [Fact]
    public async Task Both_compressions_give_the_same_sheets()
    {
        TableColumn[] columns = [new("A", TableKind.Text, 9), new("B", TableKind.Instant, 9), new("C", TableKind.Number, 9), new("D", TableKind.Flag, 9)];
        TableCell[][] rows = [.. Enumerable.Range(0, 30_000).Select(i => new[]
        {
            TableCell.Of(i % 7 == 0 ? Nasty.Texts[i / 7 % Nasty.Texts.Length] : $"user{i % 50}@example"), TableCell.Of(_nine.AddSeconds(i)), TableCell.Of(i % 5 == 0 ? null : (long?)i * i), TableCell.Of(i % 3 == 0),
        })];
        var options = _options with { RowsPerSheet = 20_000 };

        var ours = await WriteAsync(columns, options, rows);
        var fallBack = await WriteAsync(columns, options with { Compression = XlsxCompression.Stream }, rows);

        Assert.NotEqual(ours, fallBack);
        var (a, b) = (Parts(ours), Parts(fallBack));
        Assert.Equal(8, a.Count);
        Assert.Equal(a.Keys, b.Keys);
        Assert.All(a, part => Assert.True(part.Value.AsSpan().SequenceEqual(b[part.Key]), part.Key));
    }

    [Theory]
    [InlineData(XlsxCompression.Rows)]
    [InlineData(XlsxCompression.Stream)]
    public async Task Sheets_of_a_thousand_rows_are_whole_to_unzip_and_openpyxl(XlsxCompression compression)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("book.xlsx");
        TableCell[][] rows = [.. Enumerable.Range(0, 4500).Select(i => Row($"row {i}"))];
        await File.WriteAllBytesAsync(path, await WriteAsync(_text, _options with { RowsPerSheet = 1000, Compression = compression }, rows));

        const string unzip = "/usr/bin/unzip";
        RealPart.Require("unzip", () => File.Exists(unzip));
        Assert.Contains("No errors detected", await RealPart.TryRunAsync(unzip, "-t", path), StringComparison.Ordinal);
        var sheets = (await Openpyxl.ReadAsync(path)).Sheets;
        Assert.Equal([1000, 1000, 1000, 1000, 505], sheets.Select(sheet => sheet.Rows.Count));
        Assert.Equal(rows.Select(row => row[0].Text), sheets.SelectMany(sheet => sheet.Rows.Skip(1)).Select(row => Openpyxl.TextOf(row[0])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50_000)]
    public async Task A_file_that_was_not_completed_is_no_archive(int rows)
    {
        var stream = new MemoryStream();
        await using (var writer = new XlsxTableWriter(new ForwardOnlyStream(stream), _text, _options))
        {
            for (var i = 0; i < rows; i++)
                await writer.WriteRowAsync(Row("row " + i), default);
        }

        Assert.Throws<InvalidDataException>(() => new ZipArchive(new MemoryStream(stream.ToArray())));
    }

    [Fact]
    public async Task A_writer_whose_call_was_cancelled_refuses_to_complete()
    {
        await using var writer = new XlsxTableWriter(new ForwardOnlyStream(Stream.Null), _text, _options);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await writer.WriteRowAsync(Row("a"), new CancellationToken(canceled: true)));

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CompleteAsync(default));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.WriteRowAsync(Row("b"), default));
    }

    [Fact]
    public async Task A_row_that_does_not_fit_the_columns_is_refused_and_the_table_goes_on()
    {
        var stream = new MemoryStream();
        await using var writer = new XlsxTableWriter(stream, _text, _options);
        await Assert.ThrowsAsync<ArgumentException>(async () => await writer.WriteRowAsync(new TableCell[2], default));
        await Assert.ThrowsAsync<ArgumentException>(async () => await writer.WriteRowAsync(new[] { TableCell.Of(1) }, default));
        await writer.WriteRowAsync(Row("a"), default);
        await writer.CompleteAsync(default);

        Assert.Equal(2, Assert.Single(OpenXmlReading.Read(stream.ToArray())).Rows.Count);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.WriteRowAsync(Row("b"), default));
    }

    [Fact]
    public void Memory_does_not_grow_with_the_rows()
    {
        // Wide, because the base library's transcoder allocates until it has been compiled for good.
        const int slackBytes = 20 << 20;
        TableColumn[] columns = [new("A", TableKind.Text, 9), new("B", TableKind.Instant, 9), new("C", TableKind.Number, 9)];
        TableCell[][] rows = [.. Enumerable.Range(0, 1000).Select(i => new[] { TableCell.Of(Noise(i)), TableCell.Of(_nine), TableCell.Of(i) })];

        var few = AllocatedBytes(columns, rows, 1000);
        var many = AllocatedBytes(columns, rows, 100_000);

        Assert.True(many.Written > 2 * slackBytes, "what is written dwarfs the slack");
        Assert.InRange(many.Allocated - few.Allocated, -slackBytes, slackBytes);
    }

    // The thread's own count leaves out what other tests do meanwhile, but also the compressing thread, see RowDeflateTests.
    private static (long Allocated, long Written) AllocatedBytes(TableColumn[] columns, TableCell[][] rows, int count)
    {
        var stream = new ForwardOnlyStream(kept: null);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var writer = new XlsxTableWriter(stream, columns, _options);
        for (var i = 0; i < count; i++)
            Finish(writer.WriteRowAsync(rows[i % rows.Length], default));

        Finish(writer.CompleteAsync(default));
        Finish(writer.DisposeAsync());
        return (GC.GetAllocatedBytesForCurrentThread() - before, stream.SizeBytes);
    }

    // Waits on this thread, so that the next row is written on it as well.
    private static void Finish(ValueTask step)
    {
        if (!step.IsCompletedSuccessfully)
            step.AsTask().GetAwaiter().GetResult();
    }

    // Does not compress, and repeats only beyond deflate's window.
    private static string Noise(int seed) =>
        string.Concat(Enumerable.Range(0, 16).Select(i => Convert.ToHexString(SHA256.HashData([(byte)seed, (byte)(seed >> 8), (byte)i]))));

    private static TableCell[] Row(string? text) => [TableCell.Of(text)];

    private static string? OrNull(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static async Task<byte[]> WriteAsync(TableColumn[] columns, XlsxTableOptions options, params TableCell[][] rows)
    {
        var stream = new MemoryStream();
        await using var writer = new XlsxTableWriter(new ForwardOnlyStream(stream), columns, options);
        foreach (var row in rows)
            await writer.WriteRowAsync(row, default);

        await writer.CompleteAsync(default);
        return stream.ToArray();
    }

    private static Dictionary<string, byte[]> Parts(byte[] file)
    {
        using var zip = new ZipArchive(new MemoryStream(file));
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var content = entry.Open();
            var bytes = new MemoryStream();
            content.CopyTo(bytes);
            return bytes.ToArray();
        });
    }

    private static async Task<Openpyxl.Book> ReadWithOpenpyxlAsync(byte[] file)
    {
        var path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"{Guid.NewGuid():N}.xlsx"));
        await File.WriteAllBytesAsync(path, file);
        try
        {
            return await Openpyxl.ReadAsync(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
