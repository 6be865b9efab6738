using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Rollcall.Tests.Agent.Real;

/// <summary>The programs a test started on this machine; all of them, and what they started, end with it.</summary>
internal sealed class HostPrograms(string folder) : IAsyncDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    private readonly List<HostProgram> programs = [];

    /// <summary>Starts a program whose arguments name the test's folder, so that its children can be told from anybody else's.</summary>
    public HostProgram Start(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var started = new HostProgram(program, arguments, environment);
        programs.Add(started);
        return started;
    }

    /// <summary>Runs a program to its end; what it printed.</summary>
    public static async Task<(int Code, string Said)> RunAsync(string program, IReadOnlyList<string> arguments, string? input = null)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var limit = new CancellationTokenSource(WaitMax);
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        var said = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, said + await error);
    }

    /// <summary>Waits for something to become so, within a bound.</summary>
    public static async Task UntilAsync(Func<Task<bool>> isSo, string what, TimeSpan? atMost = null)
    {
        using var limit = new CancellationTokenSource(atMost ?? WaitMax);
        while (!await isSo())
        {
            Assert.False(limit.IsCancellationRequested, $"It never happened: {what}");
            await Task.Delay(50, CancellationToken.None);
        }
    }

    public static Task UntilAsync(Func<bool> isSo, string what, TimeSpan? atMost = null) => UntilAsync(() => Task.FromResult(isSo()), what, atMost);

    /// <summary>The numbers of the living processes that one user runs, or whose arguments name a text.</summary>
    public static List<int> Find(uint? user, string? text)
    {
        var found = new List<int>();
        foreach (var path in Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            try
            {
                // A dead one that nobody waits for keeps its number and its user, and a later user may get the same number.
                var status = File.ReadAllLines(Path.Combine(path, "status"));
                if (status.Any(l => l.StartsWith("State:\tZ", StringComparison.Ordinal)))
                    continue;

                var isUsers = user is not null && status.Any(l => l.StartsWith($"Uid:\t{user}\t", StringComparison.Ordinal));
                if (isUsers || (text is not null && File.ReadAllText(Path.Combine(path, "cmdline"), Encoding.Latin1).Contains(text, StringComparison.Ordinal)))
                    found.Add(int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended while it was looked at.
            }
        }

        return [.. found.Where(pid => pid != Environment.ProcessId)];
    }

    public static void Kill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // gone already
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in Enumerable.Reverse(programs))
            await program.DisposeAsync();
        foreach (var pid in Find(null, folder))
            Kill(pid);
    }
}

/// <summary>One running program.</summary>
internal sealed class HostProgram : IAsyncDisposable
{
    private readonly Process process;
    private bool isOver;
    private readonly StringBuilder said = new();
    private readonly Lock gate = new();

    public HostProgram(string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => process.Id;

    public bool IsRunning => !process.HasExited;

    public string Said
    {
        get
        {
            lock (gate)
                return said.ToString();
        }
    }

    /// <summary>kill -9, of this process alone: its children live on.</summary>
    public void Kill()
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
    }

    /// <summary>Asks it to stop, as a supervisor does; its exit code.</summary>
    public async Task<int> StopAsync()
    {
        await HostPrograms.RunAsync("/bin/kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (isOver)
            return;

        isOver = true;
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
        }

        process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (gate)
            said.AppendLine(line);
    }
}
