using System.Diagnostics;
using System.Globalization;
using System.Text;
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

    /// <summary>Rows a second of <c>INSERT</c>s of 100 rows each, a table with two indexes, every commit synchronous.</summary>
    public async Task<double> InsertRateAsync(int clients, TimeSpan time, CancellationToken cancel)
    {
        await SqlAsync(
            "CREATE TABLE sessions (tenant int, id uuid, user_name text, host text, started_at timestamptz, ended_at timestamptz, state int, client text);"
            + "CREATE INDEX ON sessions (tenant, started_at); CREATE UNIQUE INDEX ON sessions (id);",
            cancel);
        var script = new StringBuilder("INSERT INTO sessions SELECT 1, gen_random_uuid(), 'user' || i || '@desktops.example', 'ws-' || i || '.corp.example', now(), now(), 2, 'LAPTOP-' || i FROM (VALUES ");
        script.AppendJoin(',', Enumerable.Range(0, InsertRows).Select(row => $"({row})")).Append(") made (i);\n");
        var file = Path.Combine(_folder, "insert.sql");
        await File.WriteAllTextAsync(file, script.ToString(), cancel);
        var seconds = (int)Math.Ceiling(time.TotalSeconds);
        var said = await AsAccountAsync(string.Create(CultureInfo.InvariantCulture, $"{_programs}/pgbench -h {_folder} -n -f {file} -c {clients} -j 2 -T {seconds} postgres"), cancel);
        return double.Parse(Tps().Match(said).Groups["tps"].Value, CultureInfo.InvariantCulture) * InsertRows;
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
