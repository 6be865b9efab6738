using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>Events in: receipts, forms and bounds (native API, "Events in").</summary>
public sealed class EventTests(NativeServer shared) : IClassFixture<NativeServer>
{
    private static readonly DateTimeOffset Ten = new(2030, 1, 7, 10, 0, 0, TimeSpan.Zero);

    /// <summary>What is put into a good event, and the field that the rejection names.</summary>
    public static TheoryData<string, string?> Bad => new()
    {
        { "7", null }, { "null", null }, { "[]", null }, { "{}", "specversion" }, { """{"\ud800":1}""", null },
        { """{"specversion":"0.3"}""", "specversion" }, { """{"type":"rollcall.session.vanished"}""", "type" }, { """{"type":"rollcall.session.closed"}""", "type" },
        { """{"id":""}""", "id" }, { """{"id":7}""", "id" }, { """{"source":null}""", "source" }, { """{"time":"2030-01-07"}""", "time" }, { """{"time":"2030-01-07T10:00:00"}""", "time" },
        { """{"time":"1969-12-31T23:59:59Z"}""", "time" }, { """{"time":"01/07/2030T10:00:00Z"}""", "time" }, { """{"time":"2030/01/07T10:00:00Z"}""", "time" },
        { """{"data":7}""", "data" }, { """{"data":{}}""", "data.host" }, { """{"data":{"host":{}}}""", "data.host.name" }, { """{"data":{"host":{"name":7}}}""", "data.host.name" },
        { """{"data":{"host":{"name":"h"}}}""", "data.os_session_id" }, { """{"data":{"host":{"name":"h"},"os_session_id":"1"}}""", "data.user" },
        { """{"data":{"host":{"name":"\ud800"},"os_session_id":"1","user":"u"}}""", "data.host.name" }, { """{"data":{"host":{"name":"h","\ud800":1},"os_session_id":"1","user":"u"}}""", "data.host" },
        { """{"data":{"host":{"name":"h"},"os_session_id":"1","user":"u","kind":"phone"}}""", "data.kind" },
        { """{"data":{"host":{"name":"h"},"os_session_id":"1","user":"u","network_rtt_ms":-1}}""", "data.network_rtt_ms" },
        { """{"data":{"host":{"name":"h"},"os_session_id":"1","user":"u","client":"c"}}""", "data.client" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task A_bad_event_is_rejected_by_its_field_and_never_spoils_its_batch(string change, string? field)
    {
        var bad = change is "{}" or "7" or "null" or "[]" || change.Contains("\\ud800\":1}", StringComparison.Ordinal) && field is null ? change : Changed(change);
        var batch = $"[{Good()},{bad},{Good()}]";

        var inBatch = (await SendAsync(batch, NativeServer.BatchType)).Is(200).Json;
        var inLines = (await SendAsync($"{Good()}\n{bad}\r\n\n{Good()}", NativeServer.LinesType)).Is(200).Json;

        foreach (var receipt in (JsonElement[])[inBatch, inLines])
        {
            Assert.Equal((2, 0), (receipt.GetProperty("accepted").GetInt32(), receipt.GetProperty("duplicate").GetInt32()));
            var rejected = Assert.Single(receipt.GetProperty("rejected").EnumerateArray());
            Assert.Equal(["index", "id", "field", "reason"], rejected.EnumerateObject().Select(member => member.Name));
            Assert.Equal((1, field), (rejected.GetProperty("index").GetInt32(), rejected.GetProperty("field").GetString()));
            Assert.NotEmpty(rejected.GetProperty("reason").GetString()!);
        }
    }

    [Fact]
    public async Task A_repeated_event_is_a_duplicate_and_the_same_id_with_another_time_a_conflict()
    {
        var good = NativeServer.Session("started", Ten, "dup");
        var moved = good.DeepClone();
        moved["time"] = "2030-01-07T11:00:00Z";

        var first = (await SendAsync($"[{good.ToJsonString()},{good.ToJsonString()}]", NativeServer.BatchType)).Is(200).Json;
        var second = (await SendAsync($"[{good.ToJsonString()},{moved.ToJsonString()}]", NativeServer.BatchType)).Is(200).Json;

        Assert.Equal("""{"accepted":1,"duplicate":1,"rejected":[]}""", first.GetRawText());
        Assert.Equal((0, 1), (second.GetProperty("accepted").GetInt32(), second.GetProperty("duplicate").GetInt32()));
        var conflict = Assert.Single(second.GetProperty("rejected").EnumerateArray());
        Assert.Equal((1, good["id"]!.GetValue<string>(), "time"), (conflict.GetProperty("index").GetInt32(), conflict.GetProperty("id").GetString(), conflict.GetProperty("field").GetString()));
    }

    [Fact]
    public async Task Lines_may_be_packed_and_need_no_last_line_end()
    {
        NativeServer.GZip(string.Join('\n', Enumerable.Range(0, 2500).Select(_ => Good())) + "\nnot JSON", out var packed);
        var ask = new Ask("POST", shared.PathOf("events")) { Token = await shared.TokenAsync("agent"), Body = packed, ContentType = NativeServer.LinesType }.With("Content-Encoding", "gzip");

        var receipt = (await ask.SendAsync(shared.Server.Http)).Is(200).Json;

        Assert.Equal(2500, receipt.GetProperty("accepted").GetInt32());
        var rejected = Assert.Single(receipt.GetProperty("rejected").EnumerateArray());
        Assert.Equal((2500, JsonValueKind.Null), (rejected.GetProperty("index").GetInt32(), rejected.GetProperty("id").ValueKind));
        (await (ask with { Body = [1, 2, 3] }).SendAsync(shared.Server.Http)).As(400, "unreadable");
        (await (ask with { Headers = [] }).With("Content-Encoding", "br").SendAsync(shared.Server.Http)).As(415, "media-type");
    }

    [Fact]
    public async Task A_line_that_is_too_long_is_refused_alone_wherever_it_stands()
    {
        var tooLong = new string('x', (1024 * 1024) + (200 * 1024));

        var receipt = (await SendAsync($"{Good()}\n{tooLong}\n{Good()}\n{tooLong}", NativeServer.LinesType)).Is(200).Json;

        Assert.Equal(2, receipt.GetProperty("accepted").GetInt32());
        Assert.Equal([1, 3], receipt.GetProperty("rejected").EnumerateArray().Select(one => one.GetProperty("index").GetInt32()));
        Assert.Contains("longer than", receipt.GetProperty("rejected")[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_batch_of_ten_thousand_is_taken_and_one_more_is_413()
    {
        string[] beats = [.. Enumerable.Range(0, 10_001).Select(n => NativeClient.Event("rollcall.host.beat", Ten.AddSeconds(n), new JsonObject { ["host"] = new JsonObject { ["name"] = "H" } }).ToJsonString())];

        (await SendAsync($"[{string.Join(',', beats)}]", NativeServer.BatchType)).As(413, "too-large");
        var receipt = (await SendAsync($"[{string.Join(',', beats.Take(10_000))}]", NativeServer.BatchType)).Is(200).Json;

        Assert.Equal(10_000, receipt.GetProperty("accepted").GetInt32()); // so nothing of the larger one was stored
    }

    [Fact]
    public async Task A_batch_over_16_MiB_is_413_packed_or_not()
    {
        var text = "[" + new string(' ', 16 * 1024 * 1024) + "]";
        // Asked first, a client does not write into a connection that is being closed.
        var plain = new Ask("POST", shared.PathOf("events")) { Token = await shared.TokenAsync("agent"), Body = System.Text.Encoding.UTF8.GetBytes(text), ContentType = NativeServer.BatchType };
        (await plain.With("Expect", "100-continue").SendAsync(shared.Server.Http)).As(413, "too-large");
        NativeServer.GZip(text, out var packed);

        var ask = new Ask("POST", shared.PathOf("events")) { Token = await shared.TokenAsync("agent"), Body = packed, ContentType = NativeServer.BatchType }.With("Content-Encoding", "gzip");

        (await ask.SendAsync(shared.Server.Http)).As(413, "too-large");
        (await SendAsync("[]", NativeServer.BatchType)).Is(200);
    }

    [Theory]
    [InlineData("{}", NativeServer.BatchType, 400, "unreadable")]
    [InlineData("[", NativeServer.BatchType, 400, "unreadable")]
    [InlineData("", NativeServer.BatchType, 400, "unreadable")]
    [InlineData("[]", "application/json", 415, "media-type")]
    [InlineData("[]", "text/plain", 415, "media-type")]
    public async Task A_body_that_is_no_batch_is_refused(string body, string type, int status, string kind) => (await SendAsync(body, type)).As(status, kind);

    private static string Good() => NativeServer.Session("started", Ten, Guid.NewGuid().ToString("N")).ToJsonString();

    /// <summary>A good event with the members of the change in place of its own. They are put in as text: they may be no valid Unicode.</summary>
    private static string Changed(string change)
    {
        var good = NativeServer.Session("started", Ten, "1");
        foreach (var member in (string[])["specversion", "type", "id", "source", "time", "data"])
        {
            if (change.StartsWith($"{{\"{member}\"", StringComparison.Ordinal))
                good.Remove(member);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{good.ToJsonString()[..^1]},{change[1..]}");
    }

    private Task<Answer> SendAsync(string body, string type) => shared.SendAsync("POST", "events", body, "agent", type);
}
