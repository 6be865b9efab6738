using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rollcall.Core;
using Rollcall.Core.Users;
using Rollcall.Storage.Sql;
using Rollcall.Storage.Sqlite;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>An export of a million rows by a real server that has little memory and is killed again and again.</summary>
public sealed partial class MillionRowExportTests
{
    private const int Rows = 1_000_000, BatchRows = 20_000, Kills = 20, TriesMax = 60;

    /// <summary>A tenth of what the rows take as objects: whoever gathers them dies.</summary>
    private const long HeapBytesMax = 96L << 20;

    /// <summary>With the runtime itself, its compiled code and SQLite's own memory.</summary>
    private const long ResidentBytesMax = 400L << 20;

    private static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(3);

    // A sign-in outlives the process that took it.
    private string token = string.Empty;

    [Fact, Trait("Category", "Long")]
    public async Task A_million_rows_under_a_memory_ceiling_and_twenty_kills_come_out_whole_and_in_order()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["DOTNET_GCHeapHardLimit"] = HeapBytesMax.ToString("X", CultureInfo.InvariantCulture),
            ["ROLLCALL_Exports__AttemptsMax"] = "1000",
        };
        await using var server = await ServerProcess.StartAsync(folder.File("data"), environment);
        server.Kill();
        await FillAsync(folder.File("data"), TenantId.Parse(server.Tenant));
        await server.RestartAsync();

        await SignInAsync(server);
        var size = (await FinishedAsync(server, await OrderAsync(server))).GetProperty("bytes").GetInt64();
        var (id, orders) = await KillAgainAndAgainAsync(server, folder.File("data/exports"), size);
        var task = await FinishedAsync(server, id);

        Assert.Equal(("finished", Rows, Rows), (task.GetProperty("state").GetString(), task.GetProperty("rows").GetInt32(), task.GetProperty("rows_expected").GetInt32()));
        var file = folder.File("users.xlsx");
        await DownloadAsync(server, id, file);
        Assert.Equal(task.GetProperty("sha256").GetString(), await Sha256Async(file));
        Assert.InRange(server.PeakBytes, 1, ResidentBytesMax);
        AssertEveryRowOnceAndInOrder(file);
        Assert.Equal(orders + 1, Directory.GetFiles(folder.File("data/exports"), "*", SearchOption.AllDirectories).Length); // the first export's too, and no part
    }

    /// <summary>By the store itself, in large transactions: over HTTP it would take longer than the rest.</summary>
    private static async Task FillAsync(string data, TenantId tenant)
    {
        await using var database = SqliteDatabase.Open(Path.Combine(data, "ledger.db"));
        var directory = new SqlUserDirectory(database);
        for (var first = 0; first < Rows; first += BatchRows)
            await directory.PutAsync(tenant, [.. Enumerable.Range(first, BatchRows).Select(number => UserOf(tenant, number))], default);
    }

    private static User UserOf(TenantId tenant, int number) => new()
    {
        Tenant = tenant,
        Id = number.ToString("x32", CultureInfo.InvariantCulture),
        Name = NameOf(number),
        FullName = $"张伟 {number}",
        Email = $"u{number}@desktops.example",
        Description = "=1+1",
    };

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"u{number:D7}");

    private async Task<string> OrderAsync(ServerProcess server) =>
        (await SendAsync(server, HttpMethod.Post, "exports", """{"what":"users","time_zone":"Asia/Shanghai"}""")).GetProperty("id").GetString()!;

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
            var part = await GrownAsync(exports, id, RandomNumberGenerator.GetInt32((int)(size / 10 * 7)));
            server.Kill();
            await server.RestartAsync();
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

    private async Task<JsonElement> SendAsync(ServerProcess server, HttpMethod method, string path, string? body = null)
    {
        using var answer = await server.Http.SendAsync(Request(server, method, path, body));
        Assert.True(answer.IsSuccessStatusCode, $"{method} {path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private HttpRequestMessage Request(ServerProcess server, HttpMethod method, string path, string? body = null)
    {
        var request = new HttpRequestMessage(method, $"/api/v1/tenants/{server.Tenant}/{path}");
        request.Headers.Add("X-Auth-Token", token);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
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

    private static void AssertEveryRowOnceAndInOrder(string path)
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
                Assert.True(text.AsSpan(cell.Index + 1, cell.Length - 2).SequenceEqual(NameOf(number)), $"row {number} is {text.Substring(cell.Index, cell.Length)}");
                number++;
            }

            rest = text[end..];
        }

        Assert.Equal(Rows, number);
    }

    /// <summary>The one cell of a row that is a name and nothing else.</summary>
    [GeneratedRegex(">u[0-9]{7}<", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex NameCell();
}
