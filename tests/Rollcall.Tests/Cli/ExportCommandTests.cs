using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Rollcall.Cli.Commands;
using Rollcall.Tests.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Cli;

/// <summary><c>rollcall export</c> against a real server, over a good and a bad network.</summary>
public sealed class ExportCommandTests : IDisposable
{
    private readonly StringWriter output = new();
    private readonly StringWriter errors = new();
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Sessions_are_ordered_fetched_and_checked_in_one_command()
    {
        await using var server = await FilledAsync(sessions: 3);
        var file = folder.File("march.xlsx");

        var code = await RunAsync(server, server.BaseAddress.ToString(), "sessions", "--host", "RDS-07", "--from", "2025-03-01", "--columns", "user,start_time", "-o", file);

        Assert.Equal((ExitCode.Ok, ""), (code, errors.ToString()));
        var sheet = OpenXmlReading.Read(await File.ReadAllBytesAsync(file))[0];
        Assert.Equal(["User", "Start (UTC)"], sheet.Rows[0]);
        Assert.Equal(4, sheet.Rows.Count);
        Assert.Contains($"3 rows, {new FileInfo(file).Length} bytes, SHA-256 {Sha256Of(file)}", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Schedules_are_made_listed_and_removed()
    {
        await using var server = await FilledAsync(sessions: 1);
        var address = server.BaseAddress.ToString();

        Assert.Equal(ExitCode.Ok, await RunAsync(
            server, address, "schedules", "add", "sessions", "--name", "month", "--cron", "0 6 1 * *", "--cron-zone", "Europe/Paris", "--period", "last_month", "--host", "RDS-07", "--format", "csv"));
        var id = output.ToString().Split(": ")[1].Split(',')[0];
        Assert.Equal(ExitCode.Ok, await RunAsync(server, address, "schedules", "list"));
        Assert.Contains($"{id}  month", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("last_month", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await RunAsync(server, address, "schedules", "resume", id));
        Assert.Contains("not suspended", errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await RunAsync(server, address, "schedules", "remove", id));
        Assert.Equal(ExitCode.Failed, await RunAsync(server, address, "schedules", "remove", id));
    }

    [Fact]
    public async Task A_download_that_breaks_off_goes_on_where_it_was()
    {
        await using var server = await FilledAsync(sessions: 400);
        await using var network = new CuttingProxy(server.BaseAddress, answerBytesMax: 20_000, cuts: 3);
        var file = folder.File("all.csv");

        var code = await RunAsync(server, network.Address, "sessions", "-o", file);

        Assert.Equal((ExitCode.Ok, ""), (code, errors.ToString()));
        Assert.Equal(3, network.Cuts);
        Assert.Equal(401, (await File.ReadAllLinesAsync(file)).Length);
        Assert.Contains(Sha256Of(file), output.ToString(), StringComparison.Ordinal);
        Assert.Equal([file], Directory.GetFiles(folder.Path));
    }

    [Fact]
    public async Task An_export_without_rows_is_a_file_all_the_same()
    {
        await using var server = await FilledAsync(sessions: 1);
        var file = folder.File("none.ndjson");

        var code = await RunAsync(server, server.BaseAddress.ToString(), "sessions", "--user", "nobody", "-o", file);

        Assert.Equal((ExitCode.Ok, ""), (code, errors.ToString()));
        Assert.Equal(0, new FileInfo(file).Length);
    }

    [Fact]
    public async Task A_part_that_is_not_of_this_file_is_never_taken_for_it()
    {
        await using var server = await FilledAsync(sessions: 5);
        await RunAsync(server, server.BaseAddress.ToString(), "sessions", "-o", folder.File("first.csv"));
        var id = await OnlyExportAsync(server);
        var file = folder.File("again.csv");
        await File.WriteAllTextAsync($"{file}.{id}.part", "something else");

        var code = await RunAsync(server, server.BaseAddress.ToString(), "fetch", id, "-o", file);

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("SHA-256 differs", errors.ToString(), StringComparison.Ordinal);
        Assert.Equal([folder.File("first.csv")], Directory.GetFiles(folder.Path));
        Assert.Equal(ExitCode.Ok, await RunAsync(server, server.BaseAddress.ToString(), "fetch", id, "-o", file));
        Assert.Equal(Sha256Of(folder.File("first.csv")), Sha256Of(file));
    }

    [Fact]
    public async Task What_the_server_refuses_is_told_in_its_words()
    {
        await using var server = await FilledAsync(sessions: 1);

        Assert.Equal(ExitCode.Failed, await RunAsync(server, server.BaseAddress.ToString(), "users", "--columns", "name,shoe_size", "-o", folder.File("u.csv")));
        Assert.Equal(ExitCode.Usage, await RunAsync(server, server.BaseAddress.ToString(), "users", "-o", folder.File("u.pdf")));
        Assert.Equal(ExitCode.Failed, await RunAsync(server, server.BaseAddress.ToString(), "fetch", "nothing"));
        Assert.Equal(ExitCode.Failed, await RunAsync(server, server.BaseAddress.ToString(), "cancel", "nothing"));

        Assert.Contains("columns must be any of id, sid, name", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("Which format is .pdf?", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("There is no export with this id", errors.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    public void Dispose()
    {
        output.Dispose();
        errors.Dispose();
        folder.Dispose();
    }

    private static async Task<RunningServer> FilledAsync(int sessions)
    {
        var server = await RunningServer.StartAsync();
        var start = new DateTimeOffset(2025, 3, 1, 9, 0, 0, TimeSpan.Zero);
        await server.Native.SendAsync([.. Enumerable.Range(0, sessions).Select(number => NativeClient.Event(
            "rollcall.session.started",
            start.AddMinutes(number),
            new JsonObject { ["host"] = new JsonObject { ["name"] = "RDS-07" }, ["os_session_id"] = $"{number}", ["user"] = $"user{number}" }))]);
        return server;
    }

    private async Task<string> OnlyExportAsync(RunningServer server)
    {
        var before = output.ToString().Length;
        await RunAsync(server, server.BaseAddress.ToString(), "list", "--json");
        return JsonNode.Parse(output.ToString()[before..])!["id"]!.GetValue<string>();
    }

    private Task<int> RunAsync(RunningServer server, string address, params string[] arguments) => RollcallCommand.InvokeAsync(
        new CliContext { Out = output, Error = errors, Time = TimeProvider.System, Variable = _ => null, IsWatched = false },
        ["export", .. arguments, "--server", address, "--tenant", server.Bootstrap.TenantId, "--operator", server.Bootstrap.OperatorName, "--password", server.Bootstrap.Password],
        CancellationToken.None);

    private static string Sha256Of(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));
}
