using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Rollcall.Cli.Commands;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Cli;

/// <summary>Recorded logs through the real command line into a real server, against what a person read out of them: Golden/hosts has the reasons.</summary>
public sealed class GoldenHostTests
{
    private static readonly string Samples = Path.Combine(ImportData.Root, "samples", "hosts");

    [Fact]
    public Task An_xrdp_host() => CheckAsync(
        "xrdp.txt", "xrdp", "--host", "lin-01", "--time-zone", "UTC", Sample("xrdp-sesman.log"), Sample("xrdp.log"), Sample("xorgxrdp.10.log"));

    [Fact]
    public Task An_sshd_host_in_the_older_form() => CheckAsync("sshd-rfc3164.txt", "sshd", "--time-zone", "UTC", "--year", "2026", Sample("sshd-rfc3164.log"));

    [Fact]
    public Task An_sshd_host_in_the_newer_form() => CheckAsync("sshd-rfc5424.txt", "sshd", Sample("sshd-rfc5424.log"));

    [Fact]
    public Task A_host_with_login_records() => CheckAsync("wtmp.txt", "wtmp", "--host", "lin-01", Sample("wtmp.bin"));

    [Fact]
    public Task A_Windows_host()
    {
        var path = Path.Combine(ImportData.Root, "..", "shared", "data", "hosts", "otrf-lsm-events.jsonl");
        Assert.SkipUnless(File.Exists(path), "The recording is not part of the sources: its licence is another.");

        return CheckAsync("windows.txt", "windows-lsm", "--time-zone", "America/New_York", path);
    }

    private static string Sample(string name) => Path.Combine(Samples, name);

    private static async Task CheckAsync(string golden, params string[] import)
    {
        await using var server = await RunningServer.StartAsync();
        using var output = new StringWriter();
        var context = new CliContext { Out = output, Error = output, Time = TimeProvider.System, Variable = _ => null, IsWatched = false };
        string[] there = ["--server", server.BaseAddress.ToString().TrimEnd('/'), "--tenant", server.Bootstrap.TenantId, "--token", server.Bootstrap.AgentToken];

        var code = await RollcallCommand.InvokeAsync(context, ["import", .. import, .. there], CancellationToken.None);

        Assert.True(code is ExitCode.Ok, output.ToString());
        var expected = (await File.ReadAllLinesAsync(Path.Combine(ImportData.Root, "tests", "Rollcall.Tests", "Golden", "hosts", golden))).Where(line => line.Length > 0 && line[0] != '#');
        Assert.Equal(string.Join('\n', expected), string.Join('\n', await LinesAsync(server)));
    }

    private static async Task<IEnumerable<string>> LinesAsync(RunningServer server)
    {
        var list = await GetAsync(server, "sessions");
        var details = new List<JsonElement>();
        foreach (var item in list.GetProperty("items").EnumerateArray())
            details.Add(await GetAsync(server, $"sessions/{item.GetProperty("id").GetString()}"));
        return details
            .OrderBy(detail => Text(detail, "start_time"), StringComparer.Ordinal).ThenBy(detail => Text(detail, "os_session_id"), StringComparer.Ordinal)
            .SelectMany(detail => detail.GetProperty("connections").EnumerateArray().Select(Connection).Prepend(Session(detail)));
    }

    private static async Task<JsonElement> GetAsync(RunningServer server, string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/tenants/{server.Bootstrap.TenantId}/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await server.Native.TokenAsync());
        using var response = await server.Http.SendAsync(request);
        return JsonElement.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
    }

    private static string Session(JsonElement session)
    {
        var os = Text(session, "os_session_id");
        var isOpen = session.GetProperty("end_time").ValueKind is JsonValueKind.Null;
        var why = session.GetProperty("failure") is { ValueKind: JsonValueKind.Object } failure ? Text(failure, "code") : Text(session, "end_reason");
        var spent = isOpen ? "-" : string.Create(CultureInfo.InvariantCulture, $"{session.GetProperty("connected_ms").GetInt64()} {session.GetProperty("disconnected_ms").GetInt64()}");
        return string.Join(
            " | ",
            Text(session.GetProperty("host"), "name"), os.StartsWith("auth-", StringComparison.Ordinal) ? "auth" : os, Text(session, "user"), Text(session, "protocol"),
            Text(session, "state"), Time(session, "start_time"), isOpen ? "-" : End(session), why, spent);
    }

    private static string End(JsonElement session)
    {
        var (end, earliest, latest) = (Time(session, "end_time"), Time(session, "end_time_earliest"), Time(session, "end_time_latest"));
        var known = $"{end} {Text(session, "end_time_source")}";
        return earliest == end && latest == end ? known : $"{known}, {earliest} to {latest}";
    }

    private static string Connection(JsonElement connection)
    {
        var client = connection.GetProperty("client");
        var who = client.ValueKind is JsonValueKind.Null ? "-" : string.Join(' ', new[] { Text(client, "ip"), Text(client, "name") }.Where(text => text is not "-"));
        var how = connection.GetProperty("failure").ValueKind is not JsonValueKind.Null ? "failed" : connection.GetProperty("is_reconnect").GetBoolean() ? "again" : "first";
        return $"  {Time(connection, "requested_at")} | {Time(connection, "established_at")} | {Time(connection, "ended_at")} | {who} | {how}";
    }

    private static string Time(JsonElement json, string member) =>
        Text(json, member) is "-" ? "-" : Text(json, member).Replace('T', ' ').TrimEnd('Z');

    private static string Text(JsonElement json, string member) => json.GetProperty(member).GetString() ?? "-";
}
