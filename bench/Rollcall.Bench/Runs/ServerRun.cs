using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rollcall.Bench.Runs;

/// <summary>The real server as a process of its own, on a free port of the loopback.</summary>
internal sealed partial class ServerRun : ChildRun
{
    private static readonly TimeSpan _startMax = TimeSpan.FromMinutes(2);

    private readonly TaskCompletionSource _listsInMemory = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerRun(Process process)
        : base(process)
    {
    }

    /// <summary>Known once it listens.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>What the first start wrote into bootstrap.json.</summary>
    public JsonElement Bootstrap { get; private set; }

    /// <summary>Ends when the server says that lists are answered from memory.</summary>
    public Task ListsInMemory => _listsInMemory.Task;

    /// <summary>From the start of the process until it listens.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <param name="data">Its folder, made when it is not there yet.</param>
    /// <param name="store">The PostgreSQL database of its ledger; null: a file in the folder.</param>
    public static async Task<ServerRun> StartAsync(string data, CancellationToken cancel, string? store = null)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "rollcalld"), ["--urls", "http://127.0.0.1:0", "--data", data])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            // As ./run does it: the data folder is below the working folder.
            WorkingDirectory = Path.GetDirectoryName(data)!,
        };
        if (store is not null)
            start.Environment["ROLLCALL_STORE"] = store;
        var begun = Stopwatch.GetTimestamp();
        var server = new ServerRun(Process.Start(start)!);
        try
        {
            server.Address = await server.ListensAsync(cancel);
            server.StartTime = Stopwatch.GetElapsedTime(begun);
            server.Bootstrap = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(data, "bootstrap.json"), cancel));
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task<Uri> ListensAsync(CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_startMax);
        // Somebody must go on reading, or the server would wait for room in the pipes.
        _ = FollowLogAsync();
        while (await Process.StandardError.ReadLineAsync(limit.Token) is { } line)
        {
            if (Listens().Match(line) is not { Success: true } match)
                continue;

            // The line after this one comes when bootstrap.json is there as well.
            await Process.StandardError.ReadLineAsync(limit.Token);
            _ = Process.StandardError.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
            return new Uri(match.Groups["url"].Value);
        }

        throw new InvalidOperationException("rollcalld ended before it listened");
    }

    private async Task FollowLogAsync()
    {
        while (await Process.StandardOutput.ReadLineAsync(CancellationToken.None) is { } line)
        {
            if (line.Contains("are answered from memory", StringComparison.Ordinal))
                _listsInMemory.TrySetResult();
        }
    }

    [GeneratedRegex("^Rollcall listens on (?<url>http://[^;]+);", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Listens();
}
