using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Dialects.Native;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Dialects.Native.NativeExports;

namespace Rollcall.Tests.Exports;

/// <summary>Exports that are ordered again and again, and the mails about them (design 6).</summary>
public sealed partial class ScheduleTests(NativeServer shared) : IClassFixture<NativeServer>, IDisposable
{
    private const string Monthly = """{"name":"month","cron":"0 6 1 * *","time_zone":"Asia/Shanghai","period":"last_month","export":{"what":"sessions","format":"csv","filter":{"host":"RDS-07"},"columns":["user"]}}""";

    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task A_schedule_orders_the_period_before_it_is_due_by_the_clocks_of_its_zone()
    {
        await using var server = await NativeServer.StartAsync(); // it is 2030-03-01 09:00
        await server.Server.Native.SendAsync(
            NativeServer.Session("started", Instant("2030-01-31T15:59:59Z"), "1", "before"), NativeServer.Session("ended", Instant("2030-01-31T15:59:59.500Z"), "1", "before"),
            NativeServer.Session("started", Instant("2030-02-28T15:59:59Z"), "2", "within"), NativeServer.Session("ended", Instant("2030-02-28T16:00:00Z"), "2", "within"),
            NativeServer.Session("started", Instant("2030-02-28T16:00:00Z"), "3", "after"));
        var made = (await server.SendAsync("POST", "export-schedules", Monthly.Replace("0 6 1 * *", "30 18 1 * *", StringComparison.Ordinal))).Is(201).Json;
        Assert.Equal("2030-03-01T10:30:00.000Z", Text(made, "next_at"));

        server.Clock.Advance(TimeSpan.FromHours(2));
        var after = await DueAsync(server, Text(made, "id"));
        var place = $"exports/{Text(after, "last_export_id")}";
        var task = await server.EndedAsync(place);

        Assert.Equal(("2030-04-01T10:30:00.000Z", "2030-03-01T10:30:00.000Z"), (Text(after, "next_at"), Text(after, "last_at")));
        Assert.Equal(["2030-01-31T16:00:00.0000000+00:00", "2030-02-28T16:00:00.0000000+00:00"], new[] { "from", "to" }.Select(name => task.GetProperty("filter").GetProperty(name)[0].GetString()));
        Assert.Equal("\uFEFFUser\r\nwithin\r\n", (await server.GetAsync(place + "/file")).Is(200).Text);
        Assert.Equal("schedule month (the administrator)", Text(task, "requested_by"));
    }

    [Theory]
    [InlineData("""{"cron":"0 6 1 * *","export":{"what":"users"}}""", "name")]
    [InlineData("""{"name":"a","cron":"every day","export":{"what":"users"}}""", "cron")]
    [InlineData("""{"name":"a","cron":"0 0 30 2 *","export":{"what":"users"}}""", "cron")]
    [InlineData("""{"name":"a","cron":"0 6 1 * *"}""", "export")]
    [InlineData("""{"name":"a","cron":"0 6 1 * *","export":{"what":"hosts"}}""", "what")]
    [InlineData("""{"name":"a","cron":"0 6 1 * *","export":{"what":"users","format":"pdf"}}""", "format")]
    [InlineData("""{"name":"a","cron":"0 6 1 * *","period":"next_month","export":{"what":"sessions"}}""", "period")]
    [InlineData("""{"name":"a","cron":"0 6 1 * *","period":"last_month","export":{"what":"sessions","filter":{"from":"2030-01-01T00:00:00Z"}}}""", "period")]
    [InlineData("""{"name":"a","cron":"0 6 1 * *","period":"last_month","export":{"what":"users"}}""", "filter.from")]
    [InlineData("""{"name":"a","cron":"0 6 1 * *","time_zone":"Mars/Olympus","export":{"what":"users"}}""", "time_zone")]
    [InlineData("""{"name":"a","cron":"0 6 1 * *","mail_to":["a@example.org"],"export":{"what":"users"}}""", "mail_to")]
    [InlineData("""{"name":"a","cron":"0 6 1 * *","mail_to":["ü@example.org"],"export":{"what":"users"}}""", "mail_to")]
    [InlineData("""{"name":"a","cron":"0 6 1 * *","when":"soon","export":{"what":"users"}}""", "when")]
    public async Task What_is_not_understood_is_refused_by_its_name(string body, string field) =>
        (await shared.SendAsync("POST", "export-schedules", body)).As(400, "malformed", field);

    [Fact]
    public async Task Schedules_are_listed_bounded_removed_and_not_for_everybody()
    {
        await using var server = new NativeServer { Options = new ServerOptions { Exports = new() { SchedulesMax = 1 } } };
        await server.InitializeAsync();
        var id = Text((await server.SendAsync("POST", "export-schedules", Monthly, "auditor")).Is(201).Json, "id");

        (await server.SendAsync("POST", "export-schedules", Monthly)).As(409, "conflict");
        (await server.SendAsync("POST", "export-schedules", Monthly, "helpdesk")).As(403, "not-allowed");
        (await server.SendAsync("DELETE", $"export-schedules/{id}", role: "helpdesk")).As(403, "not-allowed");
        Assert.Equal(id, Text(Assert.Single(NativeServer.Items(await server.GetAsync("export-schedules", "helpdesk"))), "id"));
        Assert.Equal(204, (await server.SendAsync("DELETE", $"export-schedules/{id}")).Status);
        (await server.GetAsync($"export-schedules/{id}")).As(404, "not-found");
        (await server.SendAsync("DELETE", $"export-schedules/{id}")).As(404, "not-found");
    }

    [Fact]
    public async Task What_was_missed_is_ordered_once_and_a_full_queue_is_said()
    {
        await using var server = new NativeServer { Options = new ServerOptions { Exports = new() { UnfinishedMax = 1, RunningMax = 0 } } };
        await server.InitializeAsync();
        var id = Text((await server.SendAsync("POST", "export-schedules", """{"name":"hourly","cron":"0 * * * *","export":{"what":"users"}}""")).Is(201).Json, "id");

        server.Clock.Advance(TimeSpan.FromHours(5));
        var first = await DueAsync(server, id);
        Assert.Equal(("2030-03-01T10:00:00.000Z", "2030-03-01T15:00:00.000Z"), (Text(first, "last_at"), Text(first, "next_at")));
        Assert.Equal(1, (await server.GetAsync("exports")).Json.GetProperty("count").GetInt64());

        server.Clock.Advance(TimeSpan.FromHours(1));
        var full = await UntilAsync(server, id, schedule => schedule.GetProperty("tries").GetInt32() == 1);
        Assert.Equal(
            ("1 exports of this tenant are waiting already", "2030-03-01T15:00:00.000Z", "2030-03-01T15:01:00.000Z", "2030-03-01T10:00:00.000Z"),
            (Text(full, "last_failure"), Text(full, "retried_at"), Text(full, "next_at"), Text(full, "last_at")));

        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(server, id, schedule => schedule.GetProperty("tries").GetInt32() == 2);
        (await server.SendAsync("POST", $"exports/{Text(first, "last_export_id")}/cancel")).Is(200);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = await DueAsync(server, id, lastAt: "2030-03-01T15:00:00.000Z");

        Assert.Equal(("2030-03-01T16:00:00.000Z", JsonValueKind.Null, 0), (Text(second, "next_at"), second.GetProperty("last_failure").ValueKind, second.GetProperty("tries").GetInt32()));
        Assert.Equal("queued", Text((await server.GetAsync($"exports/{Text(second, "last_export_id")}")).Json, "state"));
    }

    [Fact]
    public async Task A_due_time_that_never_finds_room_is_left_out_before_the_next_one_and_said()
    {
        await using var server = new NativeServer { Options = new ServerOptions { Exports = new() { UnfinishedMax = 1, RunningMax = 0 } } };
        await server.InitializeAsync();
        var id = Text((await server.SendAsync("POST", "export-schedules", """{"name":"often","cron":"*/2 * * * *","export":{"what":"users"}}""")).Is(201).Json, "id");
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        await DueAsync(server, id, lastAt: "2030-03-01T09:02:00.000Z");

        server.Clock.Advance(TimeSpan.FromMinutes(2));
        await UntilAsync(server, id, schedule => schedule.GetProperty("tries").GetInt32() == 1);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        var left = await DueAsync(server, id, lastAt: "2030-03-01T09:04:00.000Z");

        Assert.Equal("1 exports of this tenant are waiting already; tried 2 times and left out", Text(left, "last_failure"));
        Assert.Equal(("2030-03-01T09:06:00.000Z", JsonValueKind.Null), (Text(left, "next_at"), left.GetProperty("last_export_id").ValueKind));
    }

    [Fact]
    public async Task A_schedule_ends_with_the_rights_of_whoever_it_orders_for_and_can_be_resumed()
    {
        await using var server = await NativeServer.StartAsync();
        const string hourly = """{"name":"hourly","cron":"0 * * * *","export":{"what":"users","format":"csv","columns":["name"],"language":"zh_CN","time_zone":"Asia/Shanghai"}}""";
        var made = (await server.SendAsync("POST", "export-schedules", hourly, "auditor")).Is(201);
        var id = Text(made.Json, "id");
        Assert.Equal($"/api/v1/tenants/{server.Tenant}/export-schedules/{id}", made.Header("Location"));
        Assert.Equal(("the auditor", "zh_CN", "Asia/Shanghai", "UTC", "name"), (
            Text(made.Json, "runs_for"), Text(made.Json, "language"), Text(made.Json, "export_time_zone"), Text(made.Json, "time_zone"), made.Json.GetProperty("columns")[0].GetString()));
        (await server.SendAsync("POST", $"export-schedules/{id}/resume")).As(409, "conflict");

        var token = NativeServer.Items(await server.GetAsync("tokens")).Single(item => Text(item, "name") == "the auditor");
        Assert.Equal(204, (await server.SendAsync("DELETE", $"tokens/{Text(token, "id")}")).Status);
        server.Clock.Advance(TimeSpan.FromHours(1));
        var suspended = await UntilAsync(server, id, schedule => schedule.GetProperty("suspended").ValueKind is JsonValueKind.String);
        Assert.Equal(("The API token the auditor was removed", JsonValueKind.Null), (Text(suspended, "suspended"), suspended.GetProperty("last_at").ValueKind));
        Assert.Equal(0, (await server.GetAsync("exports")).Json.GetProperty("count").GetInt64());

        (await server.SendAsync("POST", $"export-schedules/{id}/resume", role: "agent")).As(403, "not-allowed");
        var resumed = (await server.SendAsync("POST", $"export-schedules/{id}/resume")).Is(200).Json;
        Assert.Equal(("the administrator", "2030-03-01T11:00:00.000Z", JsonValueKind.Null), (Text(resumed, "runs_for"), Text(resumed, "next_at"), resumed.GetProperty("suspended").ValueKind));
        server.Clock.Advance(TimeSpan.FromHours(1));
        var task = await server.EndedAsync($"exports/{Text(await DueAsync(server, id), "last_export_id")}");
        Assert.Equal("schedule hourly (the administrator)", Text(task, "requested_by"));
    }

    [Fact]
    public async Task A_mail_brings_the_link_and_waits_for_a_mail_server_that_is_away()
    {
        NodePeer.Require();
        var port = FreePort();
        await using var server = new NativeServer
        {
            Options = new ServerOptions { PublicUrl = "https://rollcall.example/", Mail = new() { Host = "127.0.0.1", Port = port, From = "rollcall@example.org" } },
        };
        await server.InitializeAsync();
        var id = Text((await server.SendAsync("POST", "export-schedules",
            """{"name":"users","cron":"0 10 * * *","mail_to":["anna@example.org","li@example.org"],"export":{"what":"users","format":"csv"}}""")).Is(201).Json, "id");

        server.Clock.Advance(TimeSpan.FromHours(1));
        var task = await server.EndedAsync($"exports/{Text(await DueAsync(server, id), "last_export_id")}");
        await using var mail = await NodePeer.StartAsync(
            "maildev/bin/maildev", Listening(), "--smtp", $"{port}", "--ip", "127.0.0.1", "--web", $"{FreePort()}", "--web-ip", "127.0.0.1", "--mail-directory", folder.Path);
        var text = await MailAsync(server);

        Assert.Contains($"Subject: {Text(task, "file_name")}: 0 rows are ready", text, StringComparison.Ordinal);
        Assert.True(text.Contains("anna@example.org", StringComparison.Ordinal) != text.Contains("li@example.org", StringComparison.Ordinal), "each gets a mail of their own");
        Assert.Contains($"https://rollcall.example/api/v1/tenants/{server.Tenant}/exports/{Text(task, "id")}/file", text, StringComparison.Ordinal);
        Assert.DoesNotContain("attachment", text, StringComparison.OrdinalIgnoreCase);

        // Each is told once: when the last mail is out, there is nothing left to send however long we wait.
        await UntilAsync(() => Directory.GetFiles(folder.Path, "*.eml").Length == 2, server);
        await UntilAsync(async () => await server.Server.Services.GetRequiredService<IExportMailbox>().TryTakeAsync(server.Clock.GetUtcNow().AddDays(1), _ => DateTimeOffset.UnixEpoch, default) is null);
        Assert.Equal(2, Directory.GetFiles(folder.Path, "*.eml").Length);
    }

    [Theory]
    [InlineData(ExportPeriod.Yesterday, "2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z")]
    [InlineData(ExportPeriod.LastWeek, "2026-03-22T23:00:00Z", "2026-03-29T22:00:00Z")] // an hour short: the clocks changed on the Sunday
    [InlineData(ExportPeriod.LastMonth, "2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z")]
    [InlineData(ExportPeriod.Last24Hours, "2026-03-30T12:00:00Z", "2026-03-31T12:00:00Z")]
    [InlineData(ExportPeriod.Last7Days, "2026-03-24T12:00:00Z", "2026-03-31T12:00:00Z")]
    [InlineData(ExportPeriod.Last30Days, "2026-03-01T12:00:00Z", "2026-03-31T12:00:00Z")]
    public void Periods_are_cut_at_the_midnights_of_the_zone(ExportPeriod period, string from, string to) => Assert.Equal(
        new TimeRange(Instant(from), Instant(to)),
        ExportPeriods.Of(period, Instant("2026-03-31T12:00:00Z"), TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris")));

    public void Dispose() => folder.Dispose();

    private static async Task<JsonElement> UntilAsync(NativeServer server, string id, Func<JsonElement, bool> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var schedule = (await server.GetAsync($"export-schedules/{id}")).Is(200).Json;
            if (holds(schedule))
                return schedule;
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>The schedule once it has been due.</summary>
    private static async Task<JsonElement> DueAsync(NativeServer server, string id, string? lastAt = null)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var schedule = (await server.GetAsync($"export-schedules/{id}")).Is(200).Json;
            if (schedule.GetProperty("last_at").GetString() is { } last && (lastAt is null || last == lastAt))
                return schedule;
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>The one mail that arrives; the server's clock is moved on so that it tries again.</summary>
    private async Task<string> MailAsync(NativeServer server)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (Directory.GetFiles(folder.Path, "*.eml") is [var file, ..] && await File.ReadAllTextAsync(file) is { Length: > 0 } text && text.Contains("command line", StringComparison.Ordinal))
                return text.Replace("=\r\n", "", StringComparison.Ordinal);
            server.Clock.Advance(TimeSpan.FromMinutes(1));
            await Task.Delay(100, limit.Token);
        }
    }

    private static Task UntilAsync(Func<bool> holds, NativeServer server) => UntilAsync(() =>
    {
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        return Task.FromResult(holds());
    });

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
            await Task.Delay(100, limit.Token);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text);

    [GeneratedRegex("SMTP Server running", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();
}
