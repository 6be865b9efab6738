using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Core.Tabular;
using static Rollcall.Tests.Dialects.Native.NativeExports;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>Writing out (native API, "Out"): order, progress, columns, formats, list, calling off.</summary>
public sealed class ExportTests(NativeServer shared) : IClassFixture<NativeServer>
{
    private static readonly DateTimeOffset Ten = new(2030, 1, 7, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task An_order_answers_202_with_its_place_and_ends_with_the_file_and_its_manifest()
    {
        await SendAsync("basic", "11");
        var ordered = (await shared.SendAsync("POST", "exports", """{"what":"sessions","filter":{"user":"basic"}}""", "auditor")).Is(202);
        var place = ordered.Header("Location")!;

        var task = await shared.FinishedAsync(place);
        var file = await shared.GetAsync(place + "/file");
        var manifest = (await shared.GetAsync(place + "/manifest")).Is(200).Json;

        Assert.Equal("queued", ordered.Json.GetProperty("state").GetString());
        Assert.Equal(("finished", 1L, 1L, "sessions", "xlsx", "the auditor"), (
            Text(task, "state"), task.GetProperty("rows").GetInt64(), task.GetProperty("rows_expected").GetInt64(), Text(task, "what"), Text(task, "format"), Text(task, "requested_by")));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(file.Bytes)), Text(task, "sha256"));
        Assert.Equal($"\"{Text(task, "sha256")}\"", file.Header("ETag"));
        Assert.Equal(file.Bytes.Length, task.GetProperty("bytes").GetInt64());
        Assert.Equal((Text(task, "sha256"), Text(task, "snapshot_at"), 0L, 0L, 1, "UTC", "en_US"), (
            Text(manifest, "sha256"), Text(manifest, "snapshot_at"), manifest.GetProperty("rows_cut").GetInt64(), manifest.GetProperty("cells_cut").GetInt64(),
            manifest.GetProperty("sheets").GetInt32(), Text(manifest, "time_zone"), Text(manifest, "language")));
        Assert.Equal("basic", Text(manifest.GetProperty("filter").GetProperty("user")[0]));
        Assert.StartsWith("rollcalld ", Text(manifest, "version"), StringComparison.Ordinal);
        Assert.Equal(1, (await shared.GetAsync(place)).Json.GetProperty("downloads").GetInt32());
    }

    [Fact]
    public async Task Columns_come_as_asked_with_a_column_in_the_zone_beside_each_utc_one()
    {
        await SendAsync("columns", "21");

        var sheets = OpenXmlReading.Read((await shared.FileAsync(
            """{"what":"sessions","filter":{"user":"columns"},"columns":["start_time","user","state","end_time"],"language":"zh_CN","time_zone":"Asia/Shanghai"}""")).Bytes);
        var (sheet, about) = (sheets[0], sheets[1]);

        Assert.Equal(["开始时间 (Asia/Shanghai)", "开始时间 (UTC)", "用户", "状态", "结束时间 (Asia/Shanghai)", "结束时间 (UTC)"], sheet.Rows[0]);
        Assert.Equal([Ten.UtcDateTime.AddHours(8), Ten.UtcDateTime, "columns", "活动", null, null], sheet.Rows[1]);
        Assert.Equal(("会话", "关于", 2), (sheet.Name, about.Name, sheets.Count));
        Assert.Equal("""{"user":["columns"]}""", about.Rows.Single(row => Equals(row[0], "筛选条件"))[1]);
        Assert.Equal("Asia/Shanghai", about.Rows.Single(row => Equals(row[0], "时区"))[1]);
        Assert.Equal(1.0, about.Rows.Single(row => Equals(row[0], "行数"))[1]);
        Assert.Equal(0.0, about.Rows.Single(row => Equals(row[0], "截去的行数"))[1]);
    }

    [Fact]
    public async Task Csv_has_the_mark_and_the_delimiter_asked_for_and_offsets_in_local_times()
    {
        await SendAsync("csv", "31");

        var plain = await shared.FileAsync("""{"what":"sessions","format":"csv","filter":{"user":"csv"},"columns":["user","start_time"]}""");
        var asked = await shared.FileAsync("""{"what":"sessions","format":"csv","filter":{"user":"csv"},"columns":["user","start_time"],"bom":false,"delimiter":";","time_zone":"America/New_York"}""");

        Assert.Equal("\uFEFFUser,Start (UTC)\r\ncsv,2030-01-07T10:00:00Z\r\n", plain.Text);
        Assert.Equal("User;Start (America/New_York);Start (UTC)\r\ncsv;2030-01-07T05:00:00-05:00;2030-01-07T10:00:00Z\r\n", asked.Text);
        Assert.Equal("text/csv; charset=utf-8", plain.ContentType);
        Assert.Contains("attachment", plain.Header("Content-Disposition"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ndjson_has_machine_names_and_words_in_any_language()
    {
        await SendAsync("张伟", "41");

        var file = await shared.FileAsync("""{"what":"sessions","format":"ndjson","filter":{"user":"张伟"},"columns":["user","state","start_time","end_time","revision"],"language":"zh_CN","time_zone":"Asia/Kolkata"}""");

        Assert.Equal(
            """{"user":"张伟","state":"active","start_time_local":"2030-01-07T15:30:00.000+05:30","start_time":"2030-01-07T10:00:00.000Z","end_time_local":null,"end_time":null,"revision":1}""" + "\n",
            file.Text);
    }

    [Fact]
    public async Task Connections_and_users_can_be_written_out_too()
    {
        await SendAsync("links", "51");
        await shared.Server.Native.PutUserAsync("links", new JsonObject { ["email"] = "links@example.org", ["locked"] = true });

        var connections = await shared.FileAsync("""{"what":"connections","format":"csv","filter":{"user":"links","from":"2030-01-07T10:00:00Z"},"columns":["user","requested_at","is_reconnect"]}""");
        var users = await shared.FileAsync("""{"what":"users","format":"csv","columns":["name","email","locked"]}""");

        Assert.Equal("\uFEFFUser,Requested (UTC),Reconnect\r\nlinks,2030-01-07T10:00:00Z,false\r\n", connections.Text);
        Assert.Contains("links,links@example.org,true\r\n", users.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_column_can_be_written_in_every_format_and_language()
    {
        await SendAsync("whole", "61");
        await shared.Server.Native.PutUserAsync("whole", []);
        foreach (var what in new[] { "sessions", "connections", "users", "signins" })
        {
            foreach (var (format, language) in new[] { ("xlsx", "en_US"), ("xlsx", "zh_CN"), ("csv", "en_US"), ("ndjson", "en_US") })
            {
                var file = await shared.FileAsync($$"""{"what":"{{what}}","format":"{{format}}","language":"{{language}}","time_zone":"Europe/Paris"}""");

                Assert.NotEmpty(file.Bytes);
                if (format == "xlsx")
                    Assert.Equal(OpenXmlReading.Read(file.Bytes)[0].Rows[0].Distinct().Count(), OpenXmlReading.Read(file.Bytes)[0].Rows[0].Length);
            }
        }
    }

    [Theory]
    [InlineData("""{}""", "what")]
    [InlineData("""{"what":"hosts"}""", "what")]
    [InlineData("""{"what":"audit"}""", "what")]
    [InlineData("""{"what":"signins","filter":{"user":"a"}}""", "filter.user")]
    [InlineData("""{"what":"sessions","format":"pdf"}""", "format")]
    [InlineData("""{"what":"sessions","colums":["id"]}""", "colums")]
    [InlineData("""{"what":"sessions","columns":["ids"]}""", "columns")]
    [InlineData("""{"what":"sessions","columns":["id","id"]}""", "columns")]
    [InlineData("""{"what":"sessions","columns":[]}""", "columns")]
    [InlineData("""{"what":"sessions","columns":"id"}""", "columns")]
    [InlineData("""{"what":"sessions","filter":{"usr":"a"}}""", "filter.usr")]
    [InlineData("""{"what":"sessions","filter":{"user":["a","b"]}}""", "filter.user")]
    [InlineData("""{"what":"sessions","filter":{"user":7}}""", "user")]
    [InlineData("""{"what":"sessions","filter":{"state":["gone"]}}""", "state")]
    [InlineData("""{"what":"sessions","filter":{"from":"yesterday"}}""", "from")]
    [InlineData("""{"what":"users","filter":{"user":"a"}}""", "filter.user")]
    [InlineData("""{"what":"sessions","filter":[]}""", "filter")]
    [InlineData("""{"what":"sessions","language":"fr_FR"}""", "language")]
    [InlineData("""{"what":"sessions","time_zone":"../etc/passwd"}""", "time_zone")]
    [InlineData("""{"what":"sessions","time_zone":"Mars/Olympus"}""", "time_zone")]
    [InlineData("""{"what":"sessions","time_zone":"posix/Europe/Paris"}""", "time_zone")]
    [InlineData("""{"what":"sessions","bom":true}""", "bom")]
    [InlineData("""{"what":"sessions","format":"ndjson","delimiter":";"}""", "delimiter")]
    [InlineData("""{"what":"sessions","format":"csv","delimiter":"x"}""", "delimiter")]
    [InlineData("""{"what":"sessions","format":"csv","bom":"yes"}""", "bom")]
    public async Task What_is_not_understood_is_refused_by_its_name(string body, string field) =>
        (await shared.SendAsync("POST", "exports", body)).As(400, "malformed", field);

    [Fact]
    public async Task Sign_ins_are_written_out_by_operator_and_time_for_those_who_may_see_them()
    {
        await using var own = await NativeServer.StartAsync();
        const string name = "nightwatch";
        (await own.SendAsync("POST", "operators", $$"""{"name":"{{name}}","password":"{{NativeServer.Password}}","roles":["auditor"]}""")).Is(201);
        await own.SignInAsync(name, NativeServer.Password); // at nine
        async Task<string> WriteAsync(string filter)
        {
            var body = $$"""{"what":"signins","format":"csv","bom":false,"filter":{{filter}},"columns":["user","scope","started_at","ended_at","signed_out"]}""";
            var place = await own.OrderAsync(body);
            Assert.Equal("finished", Text(await own.EndedAsync(place), "state"));
            return (await own.GetAsync(place + "/file")).Is(200).Text;
        }

        const string header = "User,Scope,Start (UTC),End (UTC),Signed out\r\n";
        Assert.Equal($"{header}{name},console,2030-03-01T09:00:00Z,,false\r\n", await WriteAsync($$"""{"operator":"NIGHTWATCH","from":"2030-03-01T09:00:00Z"}"""));
        Assert.Equal(header, await WriteAsync($$"""{"operator":"{{name}}","to":"2030-03-01T09:00:00Z"}"""));
        Assert.Equal(header, await WriteAsync("""{"operator":"nobody"}"""));
        (await own.SendAsync("POST", "exports", """{"what":"signins"}""", "auditor")).As(403, "not-allowed");
    }

    [Fact]
    public async Task The_list_shows_every_dialects_tasks_newest_first_page_by_page()
    {
        await using var own = await NativeServer.StartAsync();
        var places = new List<string>();
        for (var number = 0; number < 3; number++)
        {
            places.Add(await own.OrderAsync("""{"what":"users"}"""));
            own.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var first = (await own.GetAsync("exports?limit=2")).Is(200).Json;
        var second = (await own.GetAsync($"exports?limit=2&cursor={Text(first, "next_cursor")}")).Is(200).Json;

        Assert.Equal(3, first.GetProperty("count").GetInt64());
        Assert.Equal(
            Enumerable.Reverse(places).Select(place => place.Split('/')[^1]),
            first.GetProperty("items").EnumerateArray().Concat(second.GetProperty("items").EnumerateArray()).Select(item => Text(item, "id")));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next_cursor").ValueKind);
        Assert.Equal(0, (await own.GetAsync("exports?state=failed&state=expired")).Json.GetProperty("count").GetInt64());
        (await own.GetAsync("exports?state=done")).As(400, "malformed", "state");
        (await own.GetAsync("exports?cursor=x")).As(400, "malformed", "cursor");
    }

    [Fact]
    public async Task An_unknown_export_is_not_found_and_a_finished_one_cannot_be_called_off()
    {
        var place = await shared.OrderAsync("""{"what":"users"}""");
        await shared.FinishedAsync(place);
        var unknown = shared.PathOf("exports/00000000000000000000000000000009");

        (await shared.SendAsync("POST", place + "/cancel")).As(409, "conflict");
        foreach (var path in new[] { unknown, unknown + "/file", unknown + "/manifest" })
            (await shared.GetAsync(path)).As(404, "not-found");
        (await shared.SendAsync("POST", unknown + "/cancel")).As(404, "not-found");
        (await shared.SendAsync("DELETE", unknown)).As(404, "not-found");
        Assert.Equal(204, (await shared.SendAsync("DELETE", place)).Status);
        (await shared.GetAsync(place)).As(404, "not-found");
    }

    [Fact]
    public async Task An_export_that_waits_can_be_called_off_and_says_so_from_then_on()
    {
        await using var idle = new NativeServer { Options = new ServerOptions { Exports = new() { RunningMax = 0 } } };
        await idle.InitializeAsync();
        var place = await idle.OrderAsync("""{"what":"users"}""");

        (await idle.GetAsync(place + "/file")).As(409, "conflict");
        var cancelled = (await idle.SendAsync("POST", place + "/cancel")).Is(200).Json;

        Assert.Equal("cancelled", Text(cancelled, "state"));
        Assert.Equal("cancelled", Text((await idle.GetAsync(place)).Json, "state"));
        (await idle.GetAsync(place + "/manifest")).As(409, "conflict");
        Assert.Equal("cancelled", Text((await idle.SendAsync("POST", place + "/cancel")).Is(200).Json, "state"));
    }

    private Task SendAsync(string user, string os) => shared.Server.Native.SendAsync(NativeServer.Session("started", Ten, os, user));
}
