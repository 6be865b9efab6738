using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Rollcall.Core.Tabular;
using Rollcall.Server.Exports;

namespace Rollcall.Tests.Exports;

/// <summary>A file that is streamed begins before its first row is found.</summary>
public sealed class StreamedExportTests
{
    private static readonly TableColumn[] Columns = [new("A", TableKind.Text, 9)];

    [Theory]
    [InlineData("csv")]
    [InlineData("xlsx")]
    public async Task The_first_byte_is_there_while_the_scan_still_looks_for_the_first_row(string format)
    {
        var pipe = new Pipe();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using ITableWriter table = format == "csv"
            ? new CsvTableWriter(pipe.Writer.AsStream(), Columns, new CsvTableOptions())
            : new XlsxTableWriter(pipe.Writer.AsStream(), Columns, new XlsxTableOptions { SheetName = "Sheet" });

        var writing = ExportSheets.StreamAsync(new ExportSheet("Sheet", Columns, RowsAsync(gate.Task, limit.Token)), table, limit.Token);
        var first = await pipe.Reader.ReadAsync(limit.Token);

        Assert.False(first.Buffer.IsEmpty);
        Assert.False(writing.IsCompleted);
        pipe.Reader.AdvanceTo(first.Buffer.Start, first.Buffer.End);
        gate.SetResult();
        await writing;
        await pipe.Writer.CompleteAsync();
        using var whole = new MemoryStream();
        await pipe.Reader.CopyToAsync(whole, limit.Token);
        if (format == "csv")
            Assert.Equal("\uFEFFA\r\nrow\r\n", System.Text.Encoding.UTF8.GetString(whole.ToArray()));
        else
            Assert.Equal(["A", "row"], Assert.Single(Core.Tabular.OpenXmlReading.Read(whole.ToArray())).Rows.Select(row => row[0]));
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<TableCell>> RowsAsync(Task gate, [EnumeratorCancellation] CancellationToken cancel)
    {
        await gate.WaitAsync(cancel);
        yield return new[] { TableCell.Of("row") };
    }
}
