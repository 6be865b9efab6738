using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Rollcall.Cli.Commands;
using Rollcall.Cli.Imports;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Cli;

/// <summary>What an import tells whoever started it, and what the real server made of the events.</summary>
public sealed class ImportOutcomeTests : IDisposable
{
    private readonly StringWriter output = new();
    private readonly StringWriter errors = new();
    private readonly string folder = Directory.CreateTempSubdirectory("rollcall-import").FullName;
    private byte[] piped = [];

    [Theory]
    [InlineData("windows-wevtutil.xml")]
    [InlineData("windows-powershell-5.1.json")]
    public async Task A_day_of_Windows_becomes_sessions_whose_ends_say_how_they_are_known(string file)
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal((ExitCode.Ok, ""), (await SendAsync(server, "windows-lsm", Written(file)), errors.ToString()));

        Assert.Equal(
            [
                @"CORP\anna 2 ended reported 2026-03-03T17:00:01.200Z..2026-03-03T17:00:01.200Z",
                @"CORP\bo 2 ended host_event 2026-03-03T17:05:00.250Z..2026-03-03T20:00:00.000Z",
                @"CORP\cléo 1 disconnected  ..",
            ],
            await SessionsAsync(server));
    }

    [Fact]
    public async Task The_forms_of_one_log_add_nothing_to_each_other()
    {
        await using var server = await RunningServer.StartAsync();
        await SendAsync(server, "windows-lsm", Written("windows-wevtutil.xml"));
        output.GetStringBuilder().Clear();

        var code = await SendAsync(server, "windows-lsm", Written("windows-winlogbeat-8.jsonl"), Written("windows-powershell-7.json"));

        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("Sent: 0 accepted, 14 known already, 0 rejected", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_with_whole_seconds_is_rejected_event_by_event_and_doubles_nothing()
    {
        await using var server = await RunningServer.StartAsync();
        await SendAsync(server, "windows-lsm", Written("windows-wevtutil.xml"));
        var before = await SessionsAsync(server);

        var code = await SendAsync(server, "windows-lsm", "--time-zone", "Europe/Berlin", Written("windows-nxlog.jsonl"));

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("Sent: 0 accepted, 3 known already, 11 rejected", output.ToString(), StringComparison.Ordinal);
        Assert.Equal(before, await SessionsAsync(server));
    }

    [Theory]
    [InlineData("guacamole", "guacamole-history.json", "anna guacamole-41 ended reported 2026-03-03T12:22:11.000Z..2026-03-03T12:22:11.000Z", "bo guacamole-42 ended unknown 2026-03-03T09:26:40.000Z..2", "cléo guacamole-43 active  ..")]
    [InlineData("guacamole", "guacamole-history.csv", "anna guacamole-41 ended reported 2026-03-03T12:22:11.000Z..2026-03-03T12:22:11.000Z", "bo guacamole-42 ended unknown 2026-03-03T09:26:40.000Z..2", "cléo guacamole-43 ended unknown 2026-03-03T10:00:00.000Z..2")]
    [InlineData(
        "jumpserver",
        "jumpserver-zh.csv",
        "anna 0a51c6de-52c9-4d0e-8f6a-000000000001 ended reported 2026-03-03T12:22:11.000Z..2026-03-03T12:22:11.000Z",
        "bo 1a51c6de-52c9-4d0e-8f6a-000000000002 ended unknown 2026-03-03T09:26:40.000Z..2",
        "cleo 2a51c6de-52c9-4d0e-8f6a-000000000003 active  ..",
        "anna 3a51c6de-52c9-4d0e-8f6a-000000000004 failed reported 2026-03-03T10:05:00.000Z..2026-03-03T10:05:00.000Z")]
    public async Task A_brokers_history_becomes_sessions_and_again_adds_nothing(string kind, string file, params string[] sessions)
    {
        await using var server = await RunningServer.StartAsync();

        Assert.Equal(ExitCode.Ok, await SendAsync(server, kind, Written(file)));
        Assert.Equal(ExitCode.Ok, await SendAsync(server, kind, Written(file)));

        Assert.Contains("Sent: 0 accepted", output.ToString(), StringComparison.Ordinal);
        // An end at an unknown time was over by the import, so that instant is the test's own.
        Assert.Collection(await SessionsAsync(server), [.. sessions.Select<string, Action<string>>(expected => seen => Assert.StartsWith(expected, seen, StringComparison.Ordinal))]);
    }

    [Theory]
    [InlineData("sshd", "windows-wevtutil.xml")]
    [InlineData("windows-lsm", "guacamole-history.json")]
    [InlineData("guacamole", "windows-winlogbeat-8.jsonl")]
    [InlineData("ndjson", "windows-nxlog.jsonl")]
    public async Task A_file_of_which_every_line_was_skipped_fails_with_a_sentence(string kind, string file)
    {
        Assert.Equal(ExitCode.Failed, await RunAsync("import", kind, "--dry-run", Written(file)));
        Assert.Contains($"Nothing was taken: all of it was skipped. Are these the files for rollcall import {kind}?", errors.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("windows-lsm", "")]
    [InlineData("windows-lsm", "[]")]
    [InlineData("windows-lsm", "<Events></Events>")]
    [InlineData("guacamole", "[ ]")]
    [InlineData("guacamole", "username,connection_name,start_date\n")]
    [InlineData("jumpserver", "用户,资产,开始日期\n")]
    public async Task A_quiet_hour_is_no_failure(string kind, string content)
    {
        Assert.Equal(ExitCode.Ok, await RunAsync("import", kind, "--dry-run", await WriteAsync("quiet", Encoding.UTF8.GetBytes(content))));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(400)]
    public async Task Half_a_compressed_file_is_told_and_fails(int missing)
    {
        var lines = Enumerable.Range(0, 2_000).Select(i => $"Nov 22 00:39:15 vm sshd[{i}]: Accepted password for user{i} from 10.0.0.{i % 250} port {i * 7919 % 60_000} ssh2\n");
        var packed = Packed(string.Concat(lines));
        var file = await WriteAsync("auth.log.gz", packed[..^missing]);

        Assert.Equal(ExitCode.Failed, await RunAsync("import", "sshd", "--dry-run", "--year", "2026", "--time-zone", "UTC", file));
        Assert.Contains("the file breaks off", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("could not be read to its end", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Files_packed_one_after_the_other_are_one_whole_file()
    {
        var (one, two) = (Packed("one\n"), Packed(string.Concat(Enumerable.Range(0, 50_000).Select(i => $"line {i}\n"))));
        var (whole, half) = (new Tally(), new Tally());

        Assert.Equal(50_001, LineReader.Read(LogFile.Of("a.gz", [.. one, .. two]), whole).Count());
        Assert.Equal(50_001, LineReader.Read(LogFile.Of("a.gz", [.. two, .. one]), whole).Count());
        Assert.NotEmpty(LineReader.Read(LogFile.Of("a.gz", [.. one, .. two[..(two.Length / 2)]]), half).ToList());

        Assert.Equal((false, true), (whole.IsIncomplete, half.IsIncomplete));
    }

    [Theory]
    [InlineData("guacamole", """[{"startDate":1772525645120,"username":"anna","connectionName":"RDS\u000707"}]""", "control characters in the host")]
    [InlineData("guacamole", """[{"startDate":1772525645120,"username":"\u009banna","connectionName":"RDS-07"}]""", "control characters in the user")]
    [InlineData("guacamole", """[{"startDate":1772525645120,"username":" \u3000 ","connectionName":"RDS-07"}]""", "no user name")]
    [InlineData("windows-lsm", """{"Id":21,"MachineName":" ","TimeCreated":"2026-03-03T08:00:00Z","Properties":[{"Value":"a"},{"Value":1}]}""", "names no event or no host")]
    [InlineData("windows-lsm", """{"Id":21,"MachineName":"H","TimeCreated":"2026-03-03T08:00:00Z","Properties":[{"Value":"a\u0000b"},{"Value":1}]}""", "control characters in the user")]
    [InlineData("csv", "type,time,host,os_session_id,user\nsession.started,2026-03-03T08:00:00Z,h,1,\"anna\nroot\"", "control characters in the user")]
    [InlineData("ndjson", """{"specversion":"1.0","id":"1","source":"s","type":"rollcall.host.beat","time":"2026-03-03T08:00:00Z","data":{"host":{"name":" "}}}""", "a blank host")]
    [InlineData("ndjson", """{"specversion":"1.0","id":"1","source":"s","type":"rollcall.session.started","time":"2026-03-03T08:00:00Z","data":{"host":{"name":"h"},"os_session_id":"1","user":"a\u001bb"}}""", "control characters in the user")]
    public async Task Names_that_are_blank_or_hold_control_characters_are_refused_row_by_row(string kind, string content, string reason)
    {
        Assert.Equal(ExitCode.Failed, await RunAsync("import", kind, "--dry-run", await WriteAsync("names", Encoding.UTF8.GetBytes(content))));
        Assert.Contains(reason, errors.ToString(), StringComparison.Ordinal);
        Assert.Equal("", output.ToString());
    }

    [Fact]
    public async Task What_is_piped_in_is_a_file_like_any_other()
    {
        piped = await File.ReadAllBytesAsync(Written("windows-wevtutil.xml"));

        Assert.Equal(ExitCode.Ok, await RunAsync("import", "windows-lsm", "--dry-run", "-", Written("windows-powershell-7.json")));

        Assert.Contains("Taken: 14 events", errors.ToString(), StringComparison.Ordinal);
        Assert.Contains("standard input:", errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_piped_in_leaves_nothing_behind()
    {
        using var stream = new MemoryStream("one\n"u8.ToArray());
        var spool = await Spool.FillAsync(stream, "standard input", CancellationToken.None);
        Assert.Equal("one", Assert.Single(LineReader.Read(spool.File, new Tally())).Text);

        await spool.DisposeAsync();

        Assert.Throws<FileNotFoundException>(spool.File.OpenRaw);
    }

    [Fact]
    public async Task A_blank_host_is_refused_on_the_command_line()
    {
        var log = Path.Combine(ImportData.Root, "samples", "hosts", "wtmp.bin");

        Assert.Equal(ExitCode.Usage, await RunAsync("import", "wtmp", "--dry-run", "--host", " ", log));
        Assert.Contains("a blank host", errors.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        Directory.Delete(folder, recursive: true);
        output.Dispose();
        errors.Dispose();
    }

    private static string Written(string name) => Path.Combine(ImportData.Root, "tests", "data", "import", name);

    private static byte[] Packed(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
            gzip.Write(Encoding.UTF8.GetBytes(text));

        return packed.ToArray();
    }

    /// <summary>Oldest first.</summary>
    private static async Task<string[]> SessionsAsync(RunningServer server)
    {
        var token = await server.Native.AddApiTokenAsync($"reader {Guid.NewGuid()}", "auditor");
        var answer = (await Ask.Get($"/api/v1/tenants/{server.Bootstrap.TenantId}/sessions?limit=100").With("Authorization", $"Bearer {token}").SendAsync(server.Http)).Is(200);
        return [.. answer.Json.GetProperty("items").EnumerateArray().Reverse().Select(s =>
            $"{Text(s, "user")} {Text(s, "os_session_id")} {Text(s, "state")} {Text(s, "end_time_source")} {Text(s, "end_time_earliest")}..{Text(s, "end_time_latest")}")];
    }

    private static string? Text(JsonElement session, string member) => session.TryGetProperty(member, out var value) ? value.ToString() : null;

    private async Task<string> WriteAsync(string name, byte[] content)
    {
        var path = Path.Combine(folder, name);
        await File.WriteAllBytesAsync(path, content);
        return path;
    }

    private Task<int> SendAsync(RunningServer server, string kind, params string[] rest) =>
        RunAsync(["import", kind, .. rest, "--server", server.BaseAddress.ToString(), "--tenant", server.Bootstrap.TenantId, "--token", server.Bootstrap.AgentToken]);

    private Task<int> RunAsync(params string[] args) => RollcallCommand.InvokeAsync(
        new CliContext { Out = output, Error = errors, In = () => new MemoryStream(piped), Time = TimeProvider.System, Variable = _ => null, IsWatched = false }, args, CancellationToken.None);
}
