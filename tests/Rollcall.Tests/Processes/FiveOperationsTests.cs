using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Rollcall.Tests.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>
/// From real hosts' logs to the five answers, with the real binaries. The golden files and the reasoning behind them stand in
/// tests/data/golden/five-operations.
/// </summary>
public sealed partial class FiveOperationsTests
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task Real_logs_become_the_five_answers()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        await ImportAsync(server);

        var sessions = await server.WorkspaceJsonAsync(
            HttpMethod.Get, "/v1/{p}/session/list-sessions?limit=100&query_begin_time=2026-11-21T00:00:00Z&query_end_time=2026-11-22T23:59:59Z");
        AssertGolden(server, JsonSerializer.Serialize(sessions, Readable), "list-sessions.json");

        var window = JsonContent.Create(new JsonObject { ["query_begin_time"] = "2026-11-21T00:00:00Z", ["query_end_time"] = "2026-11-22T23:59:59Z" });
        AssertGolden(server, await ExportedAsync(server, "/v1/{p}/session/list-sessions/export", window), "sessions.txt");

        using var connections = await server.WorkspaceAsync(HttpMethod.Get, "/v2/{p}/connections/desktops/export", accept: "text/csv");
        AssertGolden(server, await connections.Content.ReadAsStringAsync(), "connections.csv");

        var chinese = JsonContent.Create(new JsonObject { ["language"] = "zh_CN" });
        AssertGolden(server, await ExportedAsync(server, "/v3/{p}/users/export", chinese), "users.txt");

        AssertGolden(server, await SignInsAsync(server), "sign-ins.xml");
    }

    [Fact]
    public async Task Importing_the_same_logs_again_adds_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var server = await ServerProcess.StartAsync(folder.File("data"));
        await ImportAsync(server);

        var again = await server.RunCliAsync("import", "xrdp", "--host", "lin-rdp-01", "--time-zone", "UTC", Log("xrdp.log"), Log("xorgxrdp.10.log"), Log("xrdp-sesman.log"));

        Assert.Contains("Sent: 0 accepted", again, StringComparison.Ordinal);
    }

    private static async Task ImportAsync(ServerProcess server)
    {
        await server.RunCliAsync("import", "xrdp", "--host", "lin-rdp-01", "--time-zone", "UTC", Log("xrdp-sesman.log"), Log("xrdp.log"), Log("xorgxrdp.10.log"));
        await server.RunCliAsync("import", "wtmp", "--host", "lin-rdp-01", Log("wtmp.bin"));
        await server.RunCliAsync("import", "sshd", Log("sshd-rfc5424.log"));
        await server.RunCliAsync("import", "users", Checkout.PathOf("tests", "data", "golden", "five-operations", "users.csv"));
    }

    private static string Log(string name) => Checkout.PathOf("samples", "hosts", name);

    /// <summary>The file of an export as text, one row a line, read by the Open XML SDK.</summary>
    private static async Task<string> ExportedAsync(ServerProcess server, string path, HttpContent body)
    {
        var started = await server.WorkspaceJsonAsync(HttpMethod.Post, path, body);
        var id = started.GetProperty("task_id").GetString()!;
        var task = await server.FinishedTaskAsync(id, TimeSpan.FromMinutes(1));
        Assert.Equal("SUCCESS", task.GetProperty("status").GetString());
        using var file = await server.WorkspaceAsync(HttpMethod.Get, $"/v2/{{p}}/export-tasks/{id}/download");
        var sheet = Assert.Single(OpenXmlReading.Read(await file.Content.ReadAsByteArrayAsync()));
        var text = new StringBuilder(sheet.Name).Append('\n');
        foreach (var row in sheet.Rows)
            text.AppendJoin(" | ", row.Select(TextOf)).Append('\n');
        return text.ToString();
    }

    private static string TextOf(object? cell) => cell switch
    {
        null => string.Empty,
        DateTime at => at.ToString("yyyy-MM-dd HH:mm:ss.fff"),
        _ => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{cell}"),
    };

    private static async Task<string> SignInsAsync(ServerProcess server)
    {
        var login = new JsonObject
        {
            ["username"] = server.Bootstrap.GetProperty("operator").GetString(),
            ["password"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(server.Bootstrap.GetProperty("password").GetString()!)),
            ["deviceId"] = "client.example.org",
        };
        using var signedIn = await server.Http.PostAsJsonAsync("/commandcenter/api/Login", login);
        var token = (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/commandcenter/api/Session?userId=1");
        request.Headers.Add("Authtoken", token);
        request.Headers.Accept.ParseAdd("application/xml");
        using var answer = await server.Http.SendAsync(request);
        return (await answer.Content.ReadAsStringAsync()).Replace("><", ">\n<", StringComparison.Ordinal);
    }

    /// <summary>Ids and times of this very run get names; those of the logs stay.</summary>
    private static void AssertGolden(ServerProcess server, string actual, string name)
    {
        var text = actual.Replace(server.Tenant, "TENANT", StringComparison.Ordinal).Replace("\r\n", "\n", StringComparison.Ordinal);
        text = HexId().Replace(text, "ID");
        text = Guid().Replace(text, "GUID");
        text = UnixTime().Replace(text, "${name}=\"TIME\"");
        Checkout.AssertGolden(text.TrimEnd('\n') + "\n", "tests", "data", "golden", "five-operations", name);
    }

    [GeneratedRegex(@"\b[0-9a-f]{32}\b", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex HexId();

    [GeneratedRegex(@"\b[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Guid();

    [GeneratedRegex(@"(?<name>loginTime|logoutTime)=""[1-9][0-9]+""", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex UnixTime();
}
