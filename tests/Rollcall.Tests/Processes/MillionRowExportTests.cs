using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;
using Rollcall.Core;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>An export of a million sessions by a real server that has little memory and is killed again and again, while others go on arriving.</summary>
public sealed partial class MillionRowExportTests
{
    private const int Rows = 1_000_000, Kills = 20, TriesMax = 80, LateEach = 3;

    /// <summary>A tenth of what the rows take as objects: whoever gathers them dies.</summary>
    private const long HeapBytesMax = 96L << 20;

    /// <summary>With the runtime itself, its compiled code and SQLite's own memory.</summary>
    private const long ResidentBytesMax = 400L << 20;

    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(3);

    private static readonly DateTimeOffset Start = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Sessions that arrived while exports ran: when each was sent, and when the server had answered for it.</summary>
    private readonly List<(DateTimeOffset SentAt, DateTimeOffset KnownAt)> late = [];

    // A sign-in outlives the process that took it.
    private string token = string.Empty;

    [Fact, Trait("Category", "Long")]
    public async Task A_million_rows_under_a_memory_ceiling_and_twenty_kills_come_out_whole_and_in_order()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOTNET_GCHeapHardLimit"] = HeapBytesMax.ToString("X", CultureInfo.InvariantCulture),
            ["ROLLCALL_Exports__AttemptsMax"] = "1000", // each kill is an attempt, and it is not their bound that is tried here
        };
        await using var server = await ServerProcess.StartAsync(folder.File("data"), environment);
        server.Kill();
        await FillAsync(folder.File("data"), TenantId.Parse(server.Tenant));
        await server.RestartAsync();

        await SignInAsync(server);
        var size = (await FinishedAsync(server, await OrderAsync(server))).GetProperty("bytes").GetInt64();
        var (id, orders) = await KillAgainAndAgainAsync(server, folder.File("data/exports"), size);
        await UntilAsync(server, id, task => task.GetProperty("rows").ValueKind is JsonValueKind.Number);
        await SendLateAsync(server); // behind the snapshot, unless the export has waited for its turn
        var task = await FinishedAsync(server, id);

        var snapshotAt = task.GetProperty("snapshot_at").GetDateTimeOffset();
        var (rows, expected) = (task.GetProperty("rows").GetInt32(), task.GetProperty("rows_expected").GetInt32());
        Assert.Equal(("finished", expected), (task.GetProperty("state").GetString(), rows));
        Assert.InRange(rows - Rows, late.Count(one => one.KnownAt < snapshotAt), late.Count(one => one.SentAt <= snapshotAt.AddMilliseconds(1)));
        Assert.True(rows - Rows < late.Count, "some arrived behind the snapshot");
        var file = folder.File("sessions.xlsx");
        await DownloadAsync(server, id, file);
        Assert.Equal(task.GetProperty("sha256").GetString(), await Sha256Async(file));
        Assert.InRange(server.PeakBytes, 1, ResidentBytesMax);
        AssertEveryRowOnceAndInOrder(file, rows - Rows);
        Assert.Equal(orders + 1, Directory.GetFiles(folder.File("data/exports"), "*", SearchOption.AllDirectories).Length); // the first export's too, and no part
    }

    /// <summary>Without their events, and past the store: taking in as many would take longer than the rest.</summary>
    private static async Task FillAsync(string data, TenantId tenant)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(data, "ledger.db")};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandTimeout = 0;
        command.CommandText = $"""
            CREATE TEMP TABLE numbers AS
                WITH RECURSIVE counted (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < {Rows}) SELECT n, (SELECT no FROM tenants WHERE id = $tenant) AS tenant FROM counted;
            INSERT INTO session_users (tenant, no, digest, name, key, plain_key)
                SELECT tenant, n + 1, printf('u%07d', n), printf('u%07d', n), printf('U%07d', n), printf('U%07d', n) FROM numbers;
            INSERT INTO session_places (tenant, no, digest, host_name, host_name_key) SELECT tenant, n + 1, 'RDS-' || n, 'RDS-' || n, 'RDS-' || n FROM numbers WHERE n < 500;
            INSERT INTO session_devices (tenant, no, digest, name) SELECT tenant, n + 1, '张伟 ' || n, '张伟 ' || n FROM numbers;
            INSERT INTO session_natures (tenant, no, digest, app_name) SELECT tenant, 1, '=1+1', '=1+1' FROM numbers WHERE n = 0;
            INSERT INTO session_rows (
                tenant, no, id, anchor_seq, epoch_us, host_no, stream, user_no, place_no, device_no, nature_no, kind, state,
                started_ms, ended_ms, end_source, end_earliest_ms, end_latest_ms, changed_ms, connected_ms, disconnected_ms, revision)
            SELECT tenant, n + 1, printf('%032x', n), n + 1, ($start + n * 1000) * 1000, n % 500, 's:' || n, n + 1, n % 500 + 1, n + 1, 1, 1, 4,
                $start + n * 1000, $start + n * 1000 + 500, 1, $start + n * 1000 + 500, $start + n * 1000 + 500, $start + n * 1000 + 500, 500, 0, 1
            FROM numbers;
            """;
        command.Parameters.AddWithValue("$tenant", tenant.Value);
        command.Parameters.AddWithValue("$start", Start.ToUnixTimeMilliseconds());
        await command.ExecuteNonQueryAsync();
        command.CommandText = "SELECT COUNT(*) FROM sessions WHERE user_name LIKE 'u0%' AND client_name IS NOT NULL AND host_name IS NOT NULL";
        Assert.Equal(Rows, Convert.ToInt32(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture));
    }

    /// <summary>Sessions that begin behind all others, and so come first.</summary>
    private async Task SendLateAsync(ServerProcess server)
    {
        for (var sent = 0; sent < LateEach; sent++)
        {
            var number = late.Count;
            var e = new
            {
                specversion = "1.0", id = $"late-{number}", source = "agent://late", type = "rollcall.session.started", time = Start.AddSeconds(Rows + number),
                data = new { host = new { name = "LATE" }, os_session_id = $"{number}", user = LateNameOf(number) },
            };
            var sentAt = TimeProvider.System.GetUtcNow();
            await SendAsync(server, HttpMethod.Post, "events", JsonSerializer.Serialize(new[] { e }), "application/cloudevents-batch+json");
            late.Add((sentAt, TimeProvider.System.GetUtcNow()));
        }
    }

    private static string LateNameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"v{number:D7}");

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"u{number:D7}");

    private async Task<string> OrderAsync(ServerProcess server) =>
        (await SendAsync(server, HttpMethod.Post, "exports", """{"what":"sessions","time_zone":"Asia/Shanghai","filter":{"from":"2024-12-31T00:00:00Z","to":"2026-01-01T00:00:00Z"}}""")).GetProperty("id").GetString()!;

    /// <summary>
    /// Each time when the attempt's part has grown to a random size: before its first bytes, in the midst, or well past it. A kill that came after the end
    /// does not count, and another export is ordered. The last one's id, and how many were ordered.
    /// </summary>
    private async Task<(string Id, int Orders)> KillAgainAndAgainAsync(ServerProcess server, string exports, long size)
    {
        var (id, orders, kills) = (await OrderAsync(server), 1, 0);
        for (var tries = 0; kills < Kills; tries++)
        {
            Assert.True(tries <= TriesMax, $"only {kills} of {tries} kills met the export");
            var part = await GrownAsync(exports, id, RandomNumberGenerator.GetInt32((int)(size / 20 * 19)));
            server.Kill();
            await server.RestartAsync();
            await SendLateAsync(server);
            var state = (await SendAsync(server, HttpMethod.Get, $"exports/{id}")).GetProperty("state").GetString();
            if (part >= 0 && state is "queued" or "running")
                TestContext.Current.TestOutputHelper?.WriteLine($"kill {++kills} at {part} of {size} bytes");
            else if (state is "finished")
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"too late: {part} of {size} bytes");
                (id, orders) = (await OrderAsync(server), orders + 1);
            }
            else
            {
                Assert.True(state is "queued" or "running", state);
            }
        }

        return (id, orders);
    }

    /// <summary>The part's size once it has grown so far; -1 when the file is finished.</summary>
    private static async Task<long> GrownAsync(string exports, string id, long bytes)
    {
        using var limit = new CancellationTokenSource(WaitMax);
        while (true)
        {
            var files = Directory.GetFiles(exports, $"{id}.*", SearchOption.AllDirectories);
            var largest = files.Where(file => file.EndsWith(".part", StringComparison.Ordinal)).Select(SizeOf).DefaultIfEmpty(-1).Max();
            if (largest >= bytes)
                return largest;
            if (files.Any(file => file.EndsWith(".xlsx", StringComparison.Ordinal)))
                return -1;
            await Task.Delay(2, limit.Token);
        }
    }

    private static long SizeOf(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : -1;
    }

    private Task<JsonElement> FinishedAsync(ServerProcess server, string id) => UntilAsync(server, id, _ => false);

    /// <summary>The task when the condition holds, or when it has ended.</summary>
    private async Task<JsonElement> UntilAsync(ServerProcess server, string id, Func<JsonElement, bool> holds)
    {
        using var limit = new CancellationTokenSource(WaitMax);
        while (true)
        {
            var task = await SendAsync(server, HttpMethod.Get, $"exports/{id}");
            if (holds(task) || task.GetProperty("state").GetString() is not ("queued" or "running"))
                return task;
            await Task.Delay(50, limit.Token);
        }
    }

    private async Task SignInAsync(ServerProcess server)
    {
        using var answer = await server.Http.PostAsJsonAsync(
            "/api/v1/signin", new { name = server.Bootstrap.GetProperty("operator").GetString(), password = server.Bootstrap.GetProperty("password").GetString() });
        token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    private async Task<JsonElement> SendAsync(ServerProcess server, HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var answer = await server.Http.SendAsync(Request(server, method, path, body, type));
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private HttpRequestMessage Request(ServerProcess server, HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        var request = new HttpRequestMessage(method, $"/api/v1/tenants/{server.Tenant}/{path}");
        request.Headers.Add("X-Auth-Token", token);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type));
        return request;
    }

    private async Task DownloadAsync(ServerProcess server, string id, string path)
    {
        using var answer = await server.Http.SendAsync(Request(server, HttpMethod.Get, $"exports/{id}/file"), HttpCompletionOption.ResponseHeadersRead);
        Assert.True(answer.IsSuccessStatusCode);
        await using var file = File.Create(path);
        await answer.Content.CopyToAsync(file);
    }

    private static async Task<string> Sha256Async(string path)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file));
    }

    private static void AssertEveryRowOnceAndInOrder(string path, int lateRows)
    {
        using var zip = ZipFile.OpenRead(path);
        using var sheet = new StreamReader(zip.GetEntry("xl/worksheets/sheet1.xml")!.Open(), Encoding.UTF8);
        var (number, rest, block) = (0, string.Empty, new char[1 << 20]);
        for (var read = sheet.ReadBlock(block); read > 0; read = sheet.ReadBlock(block))
        {
            var text = rest + new string(block, 0, read);
            var end = text.LastIndexOf("</row>", StringComparison.Ordinal);
            if (end < 0)
                end = 0;
            foreach (var cell in NameCell().EnumerateMatches(text.AsSpan(0, end)))
            {
                Assert.True(text.AsSpan(cell.Index + 1, cell.Length - 2).SequenceEqual(number < lateRows ? LateNameOf(lateRows - 1 - number) : NameOf(Rows - 1 - (number - lateRows))), $"row {number} is {text.Substring(cell.Index, cell.Length)}");
                number++;
            }

            rest = text[end..];
        }

        Assert.Equal(Rows + lateRows, number);
    }

    /// <summary>The one cell of a row that is a name and nothing else.</summary>
    [GeneratedRegex(">[uv][0-9]{7}<", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex NameCell();
}
