using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Server.Configuration;
using Rollcall.Server.Operations;
using Rollcall.Tests.Dialects.HuaweiWorkspace;
using Rollcall.Tests.Dialects.Native;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Exports;

/// <summary>A file that is answered at once is written while its rows are read, no faster than it is taken.</summary>
public sealed class HeldScanTests
{
    /// <summary>Some 16 MB: more than the buffers of a connection take, however large the kernel lets them grow.</summary>
    private const int Sessions = 2000;

    [Fact]
    public async Task The_first_bytes_of_a_login_export_are_there_and_its_scan_is_held_until_the_rest_is_taken()
    {
        await using var workspace = await WorkspaceServer.StartAsync();
        await WideLedger.FillAsync(workspace.Server, Sessions);
        using var http = SlowReader(workspace.Server.BaseAddress);
        using var request = new HttpRequestMessage(HttpMethod.Get, workspace.Connections);
        request.Headers.Add("X-Auth-Token", await workspace.TokenAsync());
        request.Headers.Add("Accept", "text/csv");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        await using var body = await answer.Content.ReadAsStreamAsync(limit.Token);
        var first = new byte[64];
        await body.ReadExactlyAsync(first, limit.Token);

        // A scan that began before this was written keeps it out of the file of the ledger until the scan is over.
        await workspace.Server.Native.SendAsync(NativeServer.Session("started", Events.Nine.AddDays(1), os: "9001", user: "latecomer"));
        Assert.True(await IsReadAsync(workspace.Server), "the scan goes on while nobody takes what it found");

        using var rest = new MemoryStream();
        await body.CopyToAsync(rest, limit.Token);
        Assert.True(rest.Length > (long)Sessions * WideLedger.NameChars);
        Assert.DoesNotContain("latecomer", Encoding.UTF8.GetString(rest.ToArray()), StringComparison.Ordinal);
        while (await IsReadAsync(workspace.Server))
            await Task.Delay(50, limit.Token);
    }

    [Fact]
    public async Task One_who_takes_nothing_keeps_no_more_than_a_tenants_places()
    {
        await using var workspace = await WorkspaceServer.StartAsync(new ServerOptions { Exports = new ExportOptions { StreamsPerTenantMax = 1 } });
        await WideLedger.FillAsync(workspace.Server, Sessions);
        using var http = SlowReader(workspace.Server.BaseAddress);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        HttpRequestMessage Request(string token) => new(HttpMethod.Get, workspace.Connections) { Headers = { { "X-Auth-Token", token }, { "Accept", "text/csv" } } };
        var token = await workspace.TokenAsync();

        using var first = Request(token);
        using (await http.SendAsync(first, HttpCompletionOption.ResponseHeadersRead, limit.Token))
        {
            using var second = Request(token);
            using var refused = await http.SendAsync(second, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            Assert.Equal((HttpStatusCode.TooManyRequests, true), (refused.StatusCode, refused.Headers.RetryAfter is not null));
        }

        // The first reader went away, and its place with it.
        while (true)
        {
            using var next = Request(token);
            using var answer = await http.SendAsync(next, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            if (answer.StatusCode is HttpStatusCode.OK)
                break;
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>Whether somebody reads a snapshot older than the newest write: then the log cannot be moved into the file whole (SQLite, "PRAGMA wal_checkpoint").</summary>
    private static async Task<bool> IsReadAsync(RunningServer server)
    {
        await using var connection = new SqliteConnection($"Data Source={server.Services.GetRequiredService<DataFolder>().Ledger};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        await using var row = await command.ExecuteReaderAsync();
        Assert.True(await row.ReadAsync());
        return row.GetInt64(0) != 0 || row.GetInt64(1) != row.GetInt64(2);
    }

    private static HttpClient SlowReader(Uri server) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, cancel) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024, NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = server,
    };
}
