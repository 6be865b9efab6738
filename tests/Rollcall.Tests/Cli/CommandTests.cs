using System.Net.Http.Headers;
using System.Text.Json;
using Rollcall.Cli.Commands;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Tests.Cli;

/// <summary>The command line as a person uses it, against a server that answers to order.</summary>
public sealed class CommandTests : IDisposable
{
    private const string Receipt = """{"accepted":8,"duplicate":0,"rejected":[]}""";

    private static readonly string Log = Path.Combine(ImportData.Root, "samples", "hosts", "sshd-rfc5424.log");

    private readonly StringWriter output = new();
    private readonly StringWriter errors = new();
    private readonly string folder = Directory.CreateTempSubdirectory("rollcall-cli").FullName;

    [Fact]
    public async Task An_import_sends_a_batch_with_its_token_and_tells_what_became_of_it()
    {
        await using var server = new FakeServer(FakeServer.Json(200, Receipt));

        var code = await RunAsync("import", "sshd", Log, "--server", server.Address, "--tenant", "acme", "--token", "t0k");

        Assert.Equal((ExitCode.Ok, ""), (code, errors.ToString()));
        var (head, authorization, body) = Assert.Single(server.Requests);
        Assert.Equal(("POST /api/v1/tenants/acme/events HTTP/1.1", "Bearer t0k"), (head, authorization));
        Assert.Equal(8, JsonElement.Parse(body).GetArrayLength());
        Assert.Contains("Taken: 8 events", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Sent: 8 accepted, 0 known already, 0 rejected", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_server_is_asked_again_after_the_time_it_names()
    {
        await using var server = new FakeServer(
            FakeServer.Json(429, "{}", "Retry-After: 0\r\n"), FakeServer.Json(503, "{}", "Retry-After: 0\r\n"), FakeServer.Json(200, Receipt));

        var code = await RunAsync("import", "sshd", Log, "--server", server.Address, "--tenant", "acme", "--token", "t0k");

        Assert.Equal(ExitCode.Ok, code);
        Assert.Equal(3, server.Requests.Count);
        Assert.Single(server.Requests.Select(r => r.Body).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_server_that_stays_busy_is_given_up_in_the_end()
    {
        await using var server = new FakeServer([.. Enumerable.Repeat(FakeServer.Json(429, """{"detail":"Too many."}""", "Retry-After: 0\r\n"), 20)]);

        var code = await RunAsync("import", "sshd", Log, "--server", server.Address, "--tenant", "acme", "--token", "t0k");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal(8, server.Requests.Count);
        Assert.Contains("nothing is stored twice", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_event_is_told_with_its_line_and_fails_the_command()
    {
        await using var server = new FakeServer(FakeServer.Json(200, """{"accepted":7,"duplicate":0,"rejected":[{"index":0,"id":"x","field":"time","reason":"conflict"}]}"""));

        var code = await RunAsync("import", "sshd", Log, "--server", server.Address, "--tenant", "acme", "--token", "t0k");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains($"time: conflict (first: {Log}:2)", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_told_in_the_servers_words_with_its_fields()
    {
        await using var server = new FakeServer(FakeServer.Json(400, """{"title":"Bad","detail":"limit is wrong","errors":{"limit":["a number"],"user":"a name"},"request_id":"r1"}"""));

        var code = await RunAsync("sessions", "--server", server.Address, "--tenant", "acme", "--token", "t0k");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal("The server refused (400): limit is wrong\n  limit: a number\n  user: a name\nRequest r1\n", errors.ToString());
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named()
    {
        var code = await RunAsync("sessions", "--server", "http://127.0.0.1:1", "--tenant", "acme", "--token", "t0k");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("http://127.0.0.1:1/", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("rollcalld", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_of_something_else_than_Rollcall_is_no_crash()
    {
        await using var server = new FakeServer(FakeServer.Json(200, "<html>"), FakeServer.Json(502, "<html>"));

        Assert.Equal(ExitCode.Failed, await RunAsync("sessions", "--server", server.Address, "--tenant", "acme", "--token", "t0k"));
        Assert.Equal(ExitCode.Failed, await RunAsync("sessions", "--server", server.Address, "--tenant", "acme", "--token", "t0k"));
        Assert.Contains("Is it a Rollcall server?", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("refused (502)", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_operator_signs_in_works_and_signs_out()
    {
        await using var server = new FakeServer(
            FakeServer.Json(200, """{"token":"s1gned","expires_at":"2026-03-02T09:00:00Z"}"""),
            FakeServer.Json(201, """{"id":42,"name":"anna"}"""),
            FakeServer.Json(204, ""));

        var code = await RunAsync("operators", "add", "anna", "--role", "Auditor", "--server", server.Address, "--tenant", "acme", "--operator", "root", "--password", "pw");

        Assert.Equal(ExitCode.Ok, code);
        Assert.Equal(
            [("POST /api/v1/signin HTTP/1.1", ""), ("POST /api/v1/tenants/acme/operators HTTP/1.1", "Bearer s1gned"), ("POST /api/v1/signout HTTP/1.1", "Bearer s1gned")],
            server.Requests.Select(r => (r.Head, r.Authorization)));
        var asked = JsonElement.Parse(server.Requests[1].Body);
        Assert.Equal(20, asked.GetProperty("password").GetString()!.Length);
        Assert.Equal($"Operator anna: 42\nPassword, shown only now: {asked.GetProperty("password").GetString()}\n", output.ToString());
    }

    [Fact]
    public async Task The_bootstrap_file_gives_agents_their_token_and_administrators_their_password()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "bootstrap.json"), """{"tenant_id":"first","tenant_name":"x","operator":"admin","operator_id":1,"password":"pw","agent_token":"ag3nt","secret_key":"s"}""");
        await using var server = new FakeServer(
            FakeServer.Json(200, Receipt),
            FakeServer.Json(200, """{"token":"s1gned"}"""), FakeServer.Json(200, """{"items":[],"next_cursor":null}"""), FakeServer.Json(204, ""));

        await RunAsync("import", "sshd", Log, "--server", server.Address, "--data", folder);
        await RunAsync("tokens", "list", "--server", server.Address, "--data", folder);

        Assert.Equal("Bearer ag3nt", server.Requests[0].Authorization);
        Assert.Equal("""{"name":"admin","password":"pw"}""", server.Requests[1].Body);
        Assert.Equal("GET /api/v1/tenants/first/tokens?limit=1000 HTTP/1.1", server.Requests[2].Head);
    }

    [Fact]
    public async Task Sessions_are_asked_with_every_filter_and_printed_without_escape_sequences()
    {
        await using var server = new FakeServer(
            FakeServer.Json(200, """{"items":[{"user":"a\u001b[2Jb","host":{"name":"RDS-07"},"os_session_id":"3","state":"active","start_time":"2026-03-02T08:00:00.000Z","end_time":null,"client":{"ip":"10.0.0.1"}}],"next_cursor":"c 1"}"""),
            FakeServer.Json(200, """{"items":[],"next_cursor":null}"""));

        var code = await RunAsync("sessions", "--user", "CORP\\anna", "--state", "Active", "--state", "ended", "--from", "2026-03-01", "--limit", "5", "--server", server.Address, "--tenant", "acme", "--token", "t");

        Assert.Equal(ExitCode.Ok, code);
        Assert.Equal("GET /api/v1/tenants/acme/sessions?count=none&user=CORP%5Canna&state=active&state=ended&from=2026-03-01T00%3A00%3A00.000Z&limit=5 HTTP/1.1", server.Requests[0].Head);
        Assert.Contains("&limit=4&cursor=c%201 ", server.Requests[1].Head, StringComparison.Ordinal);
        Assert.Contains("a?[2Jb", output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output.ToString());
    }

    [Fact]
    public async Task A_session_is_closed_and_corrected_with_a_reason()
    {
        const string Answer = """{"user":"anna","start_time":"2026-03-02T08:00:00.000Z","end_time":"2026-03-02T09:00:00.000Z","end_time_source":"operator"}""";
        await using var server = new FakeServer(FakeServer.Json(200, Answer), FakeServer.Json(200, Answer));
        string[] to = ["--server", server.Address, "--tenant", "acme", "--token", "t"];

        Assert.Equal(ExitCode.Ok, await RunAsync(["sessions", "close", "3f/0c", "--reason", "scrapped", .. to]));
        Assert.Equal(ExitCode.Ok, await RunAsync(["sessions", "correct", "3f", "--reason", "clock", "--end", "2026-03-02T09:00:00Z", .. to]));

        Assert.Equal(("POST /api/v1/tenants/acme/sessions/3f%2F0c/close HTTP/1.1", """{"reason":"scrapped"}"""), (server.Requests[0].Head, server.Requests[0].Body));
        Assert.Equal("""{"reason":"clock","set":{"end_time":"2026-03-02T09:00:00.000Z"}}""", server.Requests[1].Body);
        Assert.Contains("anna: 2026-03-02T08:00:00.000Z to 2026-03-02T09:00:00.000Z, known by operator.", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_are_sent_as_they_stand_and_rejected_lines_are_told()
    {
        var csv = Path.Combine(folder, "users.csv");
        await File.WriteAllTextAsync(csv, "name,email\nanna,a@x\n");
        await using var server = new FakeServer(FakeServer.Json(200, """{"created":0,"updated":1,"unchanged":0,"rejected":[{"line":2,"field":"email","reason":"no address"}]}"""));

        var code = await RunAsync("import", "users", csv, "--server", server.Address, "--tenant", "acme", "--token", "t");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Equal(("POST /api/v1/tenants/acme/users:import HTTP/1.1", "name,email\nanna,a@x\n"), (server.Requests[0].Head, server.Requests[0].Body));
        Assert.Contains("line 2: email: no address", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_events_than_a_batch_holds_go_in_several()
    {
        var log = Path.Combine(folder, "e.csv");
        await File.WriteAllLinesAsync(log, Enumerable.Range(0, 1_001).Select(i => $"host.started,2026-03-02T08:00:00Z,h{i}").Prepend("type,time,host"));
        await using var server = new FakeServer(FakeServer.Json(200, """{"accepted":1000}"""), FakeServer.Json(200, """{"accepted":1}"""));

        await RunAsync("import", "csv", log, "--server", server.Address, "--tenant", "acme", "--token", "t");

        Assert.Equal([1_000, 1], server.Requests.Select(r => JsonElement.Parse(r.Body).GetArrayLength()));
        Assert.Contains("Sent: 1001 accepted", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_prints_what_the_ndjson_import_takes()
    {
        Assert.Equal(ExitCode.Ok, await RunAsync("import", "sshd", "--dry-run", Log));

        var events = ImportData.Lines("e.ndjson", output.ToString().TrimEnd().Split('\n'));
        var tally = new Tally();
        Assert.Equal(8, Rollcall.Cli.Imports.Ndjson.NdjsonImporter.Read([events], tally).Count());
        Assert.Empty(tally.Skipped);
        Assert.Contains("Taken: 8 events", errors.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("import", "sshd", "no-such.log")]
    [InlineData("import", "xrdp", "no-host.log")]
    [InlineData("import", "sshd", "--year", "26", "x.log")]
    [InlineData("operators", "add", "anna", "--role", "king")]
    [InlineData("sessions", "close", "x", "--tenant", "t", "--token", "t")]
    [InlineData("sessions", "correct", "x", "--reason", "r", "--tenant", "t", "--token", "t")]
    [InlineData("sessions", "close", "x", "--reason", "r", "--end", "soon", "--tenant", "t", "--token", "t")]
    [InlineData("sessions", "--tenant", "t")]
    [InlineData("sessions", "--token", "t")]
    [InlineData("sessions", "--server", "nonsense", "--tenant", "t", "--token", "t")]
    [InlineData("sessions", "--tenant", "t", "--token", "t", "--from", "soon")]
    [InlineData("sessions", "--limit", "0", "--tenant", "t", "--token", "t")]
    [InlineData("tokens", "add", "x", "--role", "agent", "--expires", "later", "--tenant", "t", "--token", "t")]
    [InlineData("nonsense")]
    public async Task A_command_line_that_cannot_be_meant_says_why_and_exits_with_2(params string[] args)
    {
        Assert.Equal(ExitCode.Usage, await RunAsync([.. args, .. args[0] == "nonsense" ? (string[])[] : ["--data", folder]]));
        Assert.NotEqual("", errors.ToString());
    }

    [Fact]
    public async Task Every_command_has_help_with_an_example()
    {
        foreach (var path in LeavesOf(RollcallCommand.Create(Context()), []))
        {
            output.GetStringBuilder().Clear();
            Assert.Equal(ExitCode.Ok, await RunAsync([.. path, "--help"]));
            Assert.Contains("Example: rollcall " + string.Join(' ', path), output.ToString(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1, null, 1)]
    [InlineData(4, null, 8)]
    [InlineData(7, null, 30)]
    [InlineData(1, 5, 5)]
    [InlineData(1, 3_600, 30)]
    public void The_wait_for_a_busy_server_grows_and_is_bounded(int attempt, int? asked, int expected)
    {
        var header = asked is null ? null : new RetryConditionHeaderValue(TimeSpan.FromSeconds(asked.Value));

        Assert.Equal(TimeSpan.FromSeconds(expected), new BusyWait(TimeProvider.System).DelayOf(attempt, header));
    }

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        output.Dispose();
        errors.Dispose();
    }

    private Task<int> RunAsync(params string[] args) => RollcallCommand.InvokeAsync(Context(), args, CancellationToken.None);

    private CliContext Context() => new() { Out = output, Error = errors, Time = TimeProvider.System, Variable = _ => null, IsWatched = false };

    private static IEnumerable<string[]> LeavesOf(System.CommandLine.Command command, string[] path) => command.Subcommands.Count == 0
        ? [path]
        : command.Subcommands.SelectMany(c => LeavesOf(c, [.. path, c.Name]));
}
