using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Rollcall.Bench.Runs;

/// <summary>A PostgreSQL of its own, with its defaults, on a socket in the workshop: the yardstick of what a store does.</summary>
internal sealed partial class PostgresRun : IAsyncDisposable
{
    private const int InsertRows = 100;

    /// <summary>PostgreSQL refuses to run as root; Debian's package brings this account.</summary>
    private const string Account = "postgres";

    private readonly string _folder;
    private readonly string _programs;

    private PostgresRun(string folder, string programs) => (_folder, _programs) = (folder, programs);

    /// <param name="folder">One that is not there yet.</param>
    public static async Task<PostgresRun> StartAsync(string folder, CancellationToken cancel)
    {
        var programs = Directory.GetDirectories("/usr/lib/postgresql").OrderDescending(StringComparer.Ordinal).Select(version => Path.Combine(version, "bin")).First();
        Directory.CreateDirectory(folder);
        // The account must get through to its folder; the workshop is ours alone.
        await RunAsync("chmod", ["755", Path.GetDirectoryName(folder)!], cancel);
        await RunAsync("chown", [Account, folder], cancel);
        var postgres = new PostgresRun(folder, programs);
        await postgres.AsAccountAsync($"{programs}/initdb -D {folder}/data -A trust -U postgres --no-sync", cancel);
        await postgres.AsAccountAsync($"{programs}/pg_ctl -D {folder}/data -w -o \"-c listen_addresses='' -c unix_socket_directories={folder}\" -l {folder}/log start", cancel);
        return postgres;
    }

    /// <summary>An empty database beside the one that is measured as a yardstick.</summary>
    /// <returns>Its address, as <c>ROLLCALL_STORE</c> takes it.</returns>
    public async Task<string> AddDatabaseAsync(string name, CancellationToken cancel)
    {
        await SqlAsync($"CREATE DATABASE {name} ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0", cancel);
        return $"postgres://postgres@localhost/{name}?sslmode=disable&host={Uri.EscapeDataString(_folder)}";
    }

    /// <summary>Rows a second of <c>INSERT</c>s of 100 rows each, the texts of the made-up sessions as literals; a table with two indexes, every commit synchronous.</summary>
    /// <param name="pool">See <see cref="Rows.Pool"/>.</param>
    public async Task<double> InsertRateAsync(string pool, int clients, TimeSpan time, CancellationToken cancel)
    {
        var (headers, rows) = Rows.Pool.Read(pool);
        var columns = string.Join(", ", headers.Select((_, i) => $"c{i} text"));
        await SqlAsync(
            $"CREATE TABLE sessions (id uuid, started_at timestamptz, {columns}); CREATE INDEX ON sessions (started_at); CREATE UNIQUE INDEX ON sessions (id);", cancel);
        var file = Path.Combine(_folder, "insert.sql");
        var values = rows.Take(InsertRows).Select(row => $"(gen_random_uuid(), now(), {string.Join(", ", row.Select(text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'"))})");
        // A statement is a line of pgbench's script unless a line ends without its semicolon; a colon before a name would be a variable of pgbench's.
        await File.WriteAllTextAsync(file, $"INSERT INTO sessions VALUES {string.Join(", ", values)};\n", cancel);
        var seconds = (int)Math.Ceiling(time.TotalSeconds);
        var said = await AsAccountAsync(string.Create(CultureInfo.InvariantCulture, $"{_programs}/pgbench -h {_folder} -n -f {file} -c {clients} -j 2 -T {seconds} postgres"), cancel);
        return double.Parse(Tps().Match(said).Groups["tps"].Value, CultureInfo.InvariantCulture) * InsertRows;
    }

    /// <summary>Pages a second: a prepared statement that finds the ten newest sessions, whole, by an index in their order.</summary>
    /// <param name="rows">Sessions as TSV, without headers.</param>
    public async Task<double> PageRateAsync(string rows, int clients, TimeSpan warmUp, TimeSpan time, CancellationToken cancel)
    {
        const int id = 0, start = 14;
        var columns = Rows.SessionText.Headers.Select((_, i) => $"c{i}").ToList();
        var fill = Path.Combine(_folder, "fill.sql");
        await File.WriteAllTextAsync(
            fill,
            $"""
            CREATE TABLE sessions ({string.Join(", ", columns.Select(column => column + " text"))});
            \copy sessions from '{rows}'
            CREATE INDEX ON sessions (c{start} DESC, c{id} DESC);
            VACUUM (ANALYZE) sessions;
            """,
            cancel);
        await AsAccountAsync($"{_programs}/psql -h {_folder} -q -v ON_ERROR_STOP=1 -f {fill} postgres", cancel);
        var file = Path.Combine(_folder, "page.sql");
        await File.WriteAllTextAsync(
            file,
            $"SELECT {string.Join(", ", columns)} FROM sessions WHERE c{start} >= '2025-01-01T00' AND c{start} < '2025-03-01T00' ORDER BY c{start} DESC, c{id} DESC LIMIT 10;\n",
            cancel);
        await PagesAsync(file, clients, warmUp, cancel);
        return await PagesAsync(file, clients, time, cancel);
    }

    private async Task<double> PagesAsync(string file, int clients, TimeSpan time, CancellationToken cancel)
    {
        var said = await AsAccountAsync(string.Create(CultureInfo.InvariantCulture, $"{_programs}/pgbench -h {_folder} -n -M prepared -f {file} -c {clients} -j 2 -T {(int)time.TotalSeconds} postgres"), cancel);
        return double.Parse(Tps().Match(said).Groups["tps"].Value, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await AsAccountAsync($"{_programs}/pg_ctl -D {_folder}/data -m immediate stop", CancellationToken.None);
        await RunAsync("rm", ["-rf", _folder], CancellationToken.None);
    }

    private Task<string> SqlAsync(string sql, CancellationToken cancel) => AsAccountAsync($"{_programs}/psql -h {_folder} -q -v ON_ERROR_STOP=1 -c \"{sql}\" postgres", cancel);

    private static Task<string> AsAccountAsync(string command, string account, CancellationToken cancel) => RunAsync("runuser", ["-u", account, "--", "sh", "-c", command], cancel);

    private Task<string> AsAccountAsync(string command, CancellationToken cancel) => AsAccountAsync($"cd {_folder} && {command}", Account, cancel);

    private static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var said = await process.StandardOutput.ReadToEndAsync(cancel);
        await process.WaitForExitAsync(cancel);
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }

    [GeneratedRegex("tps = (?<tps>[0-9.]+) ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tps();
}
