using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Rollcall.Server;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Tests.Support;

/// <summary>The real server, whole, in this process: on a free loopback port, over a store of its own that goes with it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly DataFolder folder;
    private readonly bool isFolderKept;

    private RunningServer(WebApplication app, DataFolder folder, bool isFolderKept)
    {
        (this.app, this.folder, this.isFolderKept) = (app, folder, isFolderKept);
        BaseAddress = new Uri(app.Urls.Single());
        Bootstrap = JsonSerializer.Deserialize(File.ReadAllText(Server.Identity.Bootstrap.PathIn(folder.Path)), BootstrapJson.Readable.BootstrapFile)!;
        Http = NewHttp();
        Native = new NativeClient(NewHttp(), Bootstrap);
    }

    public Uri BaseAddress { get; }

    /// <summary>The first tenant, its administrator, key and agent token.</summary>
    public BootstrapFile Bootstrap { get; }

    /// <summary>Signed in as nobody; follows no redirect and keeps no cookie.</summary>
    public HttpClient Http { get; }

    /// <summary>What the server is made of, for a state that no API can bring it into.</summary>
    public IServiceProvider Services => app.Services;

    /// <summary>The native API, to bring the server into the state that a test is about.</summary>
    public NativeClient Native { get; }

    /// <param name="options">Address and data folder are replaced; null means the defaults.</param>
    /// <param name="clock">What the server takes for the time; null means the system's.</param>
    public static Task<RunningServer> StartAsync(ServerOptions? options = null, TimeProvider? clock = null) =>
        StartAsync(Directory.CreateTempSubdirectory("rollcall-test-").FullName, isFolderKept: false, options, clock);

    /// <summary>On a data folder of the test's own, which stays.</summary>
    public static Task<RunningServer> StartOnAsync(string path, ServerOptions? options = null, TimeProvider? clock = null) => StartAsync(path, isFolderKept: true, options, clock);

    private static async Task<RunningServer> StartAsync(string path, bool isFolderKept, ServerOptions? options, TimeProvider? clock)
    {
        var settings = (options ?? new ServerOptions()) with
        {
            Urls = "http://127.0.0.1:0",
            Data = path,
            Log = new LogOptions { Format = "text", Level = "Warning" },
        };
        var owned = DataFolder.Own(path);
        var built = await RollcallServer.BuildAsync(settings, owned, clock ?? TimeProvider.System, CancellationToken.None);
        await built.StartAsync();
        return new RunningServer(built, owned, isFolderKept);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Native.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        folder.Dispose();
        if (!isFolderKept)
            Directory.Delete(folder.Path, recursive: true);
    }

    private HttpClient NewHttp() => new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = BaseAddress };
}
