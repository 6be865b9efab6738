using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Tabular;

namespace Rollcall.Tests.Core.Tabular;

/// <summary>One JSON object a line, whatever stands in the cells.</summary>
public sealed class NdjsonTableWriterTests
{
    private static readonly TableColumn[] Columns =
    [
        new("text", TableKind.Text, 10), new("at", TableKind.Instant, 10), new("local", TableKind.LocalTime, 10), new("number", TableKind.Number, 10), new("flag", TableKind.Flag, 10),
    ];

    [Fact]
    public async Task Each_kind_of_cell_becomes_its_json()
    {
        var at = new DateTimeOffset(2030, 7, 1, 12, 0, 0, 5, TimeSpan.Zero);
        var paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

        var text = await WriteAsync([TableCell.Of("张\"伟"), TableCell.Of(at), TableCell.Of(at, paris), TableCell.Of(123456789012345678L), TableCell.Of(false)], new TableCell[5]);

        Assert.Equal(
            """
            {"text":"张\u0022伟","at":"2030-07-01T12:00:00.005Z","local":"2030-07-01T14:00:00.005+02:00","number":123456789012345678,"flag":false}
            {"text":null,"at":null,"local":null,"number":null,"flag":null}

            """,
            text);
    }

    [Fact]
    public void Any_text_comes_back_with_each_lone_surrogate_replaced() => Prop.ForAll(Nasty.AnyText.ListOf().ToArbitrary(), texts =>
    {
        var text = WriteAsync([.. texts.Select(text => new[] { TableCell.Of(text), default, default, default, default })]).GetAwaiter().GetResult();

        var lines = text.Split('\n');
        Assert.Equal(string.Empty, lines[^1]);
        Assert.Equal(texts.Select(Replaced), lines[..^1].Select(line => JsonElement.Parse(line).GetProperty("text").GetString()));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_text_and_time_is_byte_for_byte_what_the_frameworks_json_writer_writes() => Prop.ForAll(
        Nasty.AnyText.ListOf().ToArbitrary(), ArbMap.Default.ArbFor<DateTime>(), (texts, time) =>
        {
            var local = new DateTimeOffset(time.Ticks, TimeSpan.FromMinutes((time.Ticks % 1600) - 800));
            var at = time.Year is 1 or 9999 ? DateTimeOffset.UnixEpoch : local;

            var text = WriteAsync([.. texts.Select(text => new[] { TableCell.Of(text), TableCell.Of(at), default, TableCell.Of(at.Ticks), default })]).GetAwaiter().GetResult();

            Assert.Equal(string.Concat(texts.Select(text => Reference(text, at))), text);
        }).QuickCheckThrowOnFailure();

    private static string Reference(string? text, DateTimeOffset at)
    {
        using var stream = new MemoryStream();
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) });
        json.WriteStartObject();
        json.WriteString("text", string.IsNullOrEmpty(text) ? null : text);
        json.WriteString("at", at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteNull("local");
        json.WriteNumber("number", at.Ticks);
        json.WriteNull("flag");
        json.WriteEndObject();
        json.Flush();
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static string? Replaced(string? text) => string.IsNullOrEmpty(text) ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static async Task<string> WriteAsync(params TableCell[][] rows)
    {
        using var stream = new MemoryStream();
        await using var writer = new NdjsonTableWriter(stream, Columns);
        foreach (var row in rows)
            await writer.WriteRowAsync(row, default);
        await writer.CompleteAsync(default);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
