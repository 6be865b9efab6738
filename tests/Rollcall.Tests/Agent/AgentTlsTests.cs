using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Commands;
using Rollcall.Tests.Agent.Real;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

/// <summary>The agent and a server whose certificate signed for itself: no event and no token goes to one that is not believed.</summary>
public sealed class AgentTlsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringWriter said = new();

    [Theory, InlineData(null), InlineData("of another")]
    public async Task A_server_that_is_not_believed_is_told_nothing_and_everything_is_kept(string? authority)
    {
        using var certificate = SelfSigned();
        using var other = SelfSigned();
        await using var server = await SafeServer.StartAsync(certificate);
        string[] more = authority is null ? [] : ["--ca-cert", Pem(other)];
        await RunUntilAsync(server, () => Status is { } status && status.Failure is not null, more);

        Assert.Equal((0, 0), (server.Opened, server.Tokens.Count));
        Assert.Contains("--ca-cert FILE or ROLLCALL_CA_CERT", Status!.Failure, StringComparison.Ordinal);
        Assert.True(Status.BufferedEvents > 0);
        Assert.Equal(0, Status.Acknowledged);
    }

    [Fact]
    public async Task A_server_whose_certificate_is_named_gets_events_and_token()
    {
        using var certificate = SelfSigned();
        await using var server = await SafeServer.StartAsync(certificate);
        await RunUntilAsync(server, () => Status is { Acknowledged: > 0 }, "--ca-cert", Pem(certificate));

        Assert.All(server.Tokens, token => Assert.Equal("Bearer t0k", token));
        Assert.NotEmpty(server.Tokens);
        Assert.Null(Status!.Failure);
    }

    [Fact]
    public async Task A_server_that_changes_its_certificate_for_one_that_is_not_believed_is_told_nothing_more()
    {
        using var certificate = SelfSigned();
        var server = await SafeServer.StartAsync(certificate);
        var port = server.Address.Port;
        await RunUntilAsync(server, () => Status is { Acknowledged: > 0 }, "--ca-cert", Pem(certificate));
        await server.DisposeAsync();
        var acknowledged = Status!.Acknowledged;

        using var other = SelfSigned();
        await using var impostor = await SafeServer.StartAsync(other, port);
        await RunUntilAsync(impostor, () => Status is { Failure: { } why } && why.Contains("no safe connection", StringComparison.Ordinal), "--ca-cert", Pem(certificate));
        Assert.Equal((0, acknowledged), (impostor.Opened, Status!.Acknowledged));
    }

    public void Dispose()
    {
        folder.Dispose();
        said.Dispose();
    }

    private AgentStatus? Status => AgentStatus.TryRead(folder.File("state"));

    /// <summary>Runs the agent with a log that tells of nothing: it beats.</summary>
    private async Task RunUntilAsync(SafeServer server, Func<bool> isDone, params string[] more)
    {
        await File.WriteAllTextAsync(folder.File("token"), "t0k");
        await File.WriteAllBytesAsync(folder.File("wtmp"), []);
        using var stop = new CancellationTokenSource();
        var context = new CliContext { Out = said, Error = said, Time = TimeProvider.System, Variable = _ => null, IsWatched = false };
        var running = RollcallCommand.InvokeAsync(
            context,
            ["agent", "--server", server.Address.ToString(), "--tenant", "acme", "--token-file", folder.File("token"), "--state-folder", folder.File("state"), "--only-these", "--wtmp", folder.File("wtmp"), "--beat-seconds", "2", .. more],
            stop.Token);
        await HostPrograms.UntilAsync(() => isDone() || running.IsCompleted, "the agent has got so far");
        await stop.CancelAsync();
        await running;
        Assert.True(isDone(), said.ToString());
    }

    private string Pem(X509Certificate2 certificate)
    {
        var path = folder.File($"{certificate.SerialNumber}.pem");
        File.WriteAllText(path, certificate.ExportCertificatePem());
        return path;
    }

    private static X509Certificate2 SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    /// <summary>A real Kestrel that takes all events and notes who came.</summary>
    private sealed class SafeServer(WebApplication app) : IAsyncDisposable
    {
        private int opened;

        public Uri Address => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

        /// <summary>Requests that came so far as to be read.</summary>
        public int Opened => opened;

        public ConcurrentQueue<string> Tokens { get; } = [];

        public static async Task<SafeServer> StartAsync(X509Certificate2 certificate, int port = 0)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseKestrelHttpsConfiguration();
            builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(certificate)));
            var server = new SafeServer(builder.Build());
            server.Map();
            await server.StartAsync();
            return server;
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private Task StartAsync() => app.StartAsync();

        private void Map() => app.Run(async context =>
        {
            Interlocked.Increment(ref opened);
            Tokens.Enqueue(context.Request.Headers.Authorization.ToString());
            var events = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: context.RequestAborted);
            await context.Response.WriteAsync($$"""{"accepted":{{events.GetArrayLength()}},"duplicate":0,"rejected":[]}""", context.RequestAborted);
        });
    }
}
