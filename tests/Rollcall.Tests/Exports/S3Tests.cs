using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;
using Rollcall.Server.Configuration;
using Rollcall.Server.Exports;
using Rollcall.Tests.Dialects.Native;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Exports;

/// <summary>Exported files in a store that speaks S3.</summary>
public sealed partial class S3Tests : IDisposable
{
    private const string Key = "S3RVER"; // the only one s3rver knows, and its secret

    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task A_file_of_several_parts_comes_back_whole_and_in_ranges_and_goes_with_its_task()
    {
        await using var store = await StartStoreAsync();
        await using var server = new NativeServer { Options = OptionsFor(store) };
        await server.InitializeAsync();
        await server.Server.Native.PutUserAsync("anna", []);
        var (files, task) = (server.Server.Services.GetRequiredService<IExportFiles>(), TaskOf(server.Tenant));
        var content = RandomNumberGenerator.GetBytes((8 * 1024 * 1024) + 12_345);

        var outcome = await files.WriteAsync(task, async file =>
        {
            for (var at = 0; at < content.Length; at += 100_000)
                await file.WriteAsync(content.AsMemory(at, Math.Min(100_000, content.Length - at)));
            return NewTable();
        }, default);

        Assert.Equal((content.Length, Convert.ToHexStringLower(SHA256.HashData(content))), (outcome.SizeBytes, outcome.Sha256));
        await using (var whole = await files.TryOpenAsync(task, default))
            Assert.Equal(content, await ReadAsync(whole!));
        await using (var rest = await files.TryOpenAsync(task, default))
        {
            rest!.Seek(content.Length - 100, SeekOrigin.Begin);
            Assert.Equal(content[^100..], await ReadAsync(rest));
        }

        await files.DeleteAsync(task, default);
        Assert.Null(await files.TryOpenAsync(task, default));
    }

    [Fact]
    public async Task An_export_is_ordered_written_and_fetched_through_the_store()
    {
        await using var store = await StartStoreAsync();
        await using var server = new NativeServer { Options = OptionsFor(store) };
        await server.InitializeAsync();
        await server.Server.Native.PutUserAsync("anna", new JsonObject { ["email"] = "anna@example.org" });

        var place = (await server.SendAsync("POST", "exports", """{"what":"users","format":"csv","columns":["name","email"]}""")).Is(202).Header("Location")!;
        var task = await server.EndedAsync(place, secondsMax: 120);
        var whole = await server.GetAsync(place + "/file");
        var part = await Ask.Get(place + "/file", await server.TokenAsync("auditor")).With("Range", "bytes=3-6").SendAsync(server.Server.Http);

        Assert.Equal("finished", task.GetProperty("state").GetString());
        var head = await new Ask("HEAD", place + "/file") { Token = await server.TokenAsync("auditor") }.SendAsync(server.Server.Http);
        Assert.Equal((0, whole.Bytes.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)), (head.Is(200).Bytes.Length, head.Header("Content-Length")));
        Assert.Equal("\uFEFFName,Email\r\nanna,anna@example.org\r\n", whole.Is(200).Text);
        Assert.Equal("Name", part.Is(206).Text);
        Assert.Equal(204, (await server.SendAsync("DELETE", place)).Status);
        (await server.GetAsync(place + "/file")).As(404, "not-found");
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories), path => path.Contains(task.GetProperty("id").GetString()!, StringComparison.Ordinal));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_worker_that_lost_its_lease_unawares_neither_replaces_nor_deletes_the_file_of_the_next(bool inStore)
    {
        await using var store = await StartStoreAsync();
        await using var server = new NativeServer { Options = inStore ? OptionsFor(store) : null };
        await server.InitializeAsync();
        var files = server.Server.Services.GetRequiredService<IExportFiles>();
        var first = TaskOf(server.Tenant) with { Attempts = 1 };
        var second = first with { Attempts = 2 };
        var isOvertaken = new TaskCompletionSource();

        var slow = files.WriteAsync(first, async file =>
        {
            await file.WriteAsync("the first"u8.ToArray());
            await isOvertaken.Task;
            return NewTable();
        }, default);
        await files.WriteAsync(second, async file =>
        {
            await file.WriteAsync("the second"u8.ToArray());
            return NewTable();
        }, default);
        isOvertaken.SetResult();
        await slow;
        await files.DeleteAsync(first, default);

        await using var served = await files.TryOpenAsync(second, default);
        Assert.Equal("the second"u8.ToArray(), await ReadAsync(served!));
    }

    [Fact]
    public async Task A_writer_that_fails_leaves_no_object_and_a_store_that_is_away_fails_the_export_in_words()
    {
        await using var store = await StartStoreAsync();
        await using var server = new NativeServer { Options = OptionsFor(store) };
        await server.InitializeAsync();
        var (files, task) = (server.Server.Services.GetRequiredService<IExportFiles>(), TaskOf(server.Tenant));

        await Assert.ThrowsAsync<InvalidOperationException>(() => files.WriteAsync(task, _ => throw new InvalidOperationException("torn"), default));
        Assert.Null(await files.TryOpenAsync(task, default));

        store.Kill();
        var place = (await server.SendAsync("POST", "exports", """{"what":"users"}""")).Is(202).Header("Location")!;
        var failed = await server.EndedAsync(place, secondsMax: 120);
        Assert.Equal("failed", failed.GetProperty("state").GetString());
        Assert.Contains("cannot be reached", failed.GetProperty("failure").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_of_which_the_store_loses_a_part_fails_the_export_in_words_and_leaves_no_object()
    {
        await using var store = await StartStoreAsync();
        await using var losing = await LosingS3Proxy.StartAsync(new Uri(AddressOf(store)));
        await using var server = new NativeServer { Options = OptionsFor(losing.Address) };
        await server.InitializeAsync();
        await WideLedger.FillAsync(server.Server, sessions: 1500);

        var place = (await server.SendAsync("POST", "exports", """{"what":"sessions","format":"csv"}""")).Is(202).Header("Location")!;
        var failed = await server.EndedAsync(place, secondsMax: 120);

        Assert.Equal("failed", failed.GetProperty("state").GetString());
        Assert.Matches("kept 8388608 of the [0-9]{8} bytes that were sent", failed.GetProperty("failure").GetString());
        (await server.GetAsync(place + "/file")).As(409, "conflict");
        Assert.DoesNotContain(Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories), path => path.Contains(failed.GetProperty("id").GetString()!, StringComparison.Ordinal));
    }

    public void Dispose() => folder.Dispose();

    private Task<NodePeer> StartStoreAsync() => NodePeer.StartAsync(
        "s3rver/bin/s3rver.js", Listening(), "-d", folder.Path, "-a", "127.0.0.1", "-p", "0", "--configure-bucket", "rollcall");

    private static string AddressOf(NodePeer store) => $"http://127.0.0.1:{store.Said.Groups["port"].Value}";

    private static ServerOptions OptionsFor(NodePeer store) => OptionsFor(AddressOf(store));

    private static ServerOptions OptionsFor(string address) => new()
    {
        Exports = new() { S3 = new() { Bucket = "rollcall", Endpoint = address, AccessKey = Key, SecretKey = Key } },
    };

    private static ExportTask TaskOf(string tenant) => new()
    {
        Tenant = TenantId.Parse(tenant), Id = Guid.NewGuid().ToString("N"), Kind = "native.users", Filter = "{}", FileName = "a.csv", Format = ExportFormat.Csv,
        State = ExportState.Queued, RequestedBy = "anna", CreatedAt = DateTimeOffset.UnixEpoch,
    };

    private static CsvTableWriter NewTable() => new(Stream.Null, [new("a", TableKind.Text, 1)], new());

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }

    [GeneratedRegex(@"listening on 127\.0\.0\.1:(?<port>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listening();
}
