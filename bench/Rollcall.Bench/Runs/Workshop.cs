using System.Diagnostics;
using System.Globalization;

namespace Rollcall.Bench.Runs;

/// <summary>A folder of its own for one run of the bench: the compiled yardsticks, and files that live no longer than their figures are needed.</summary>
internal sealed class Workshop : IDisposable
{
    /// <summary>Longer than libxlsxwriter takes for ten million rows on a busy machine.</summary>
    private static readonly TimeSpan _runMax = TimeSpan.FromHours(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("rollcall-bench-").FullName;
    private readonly HashSet<string> _compiled = new(StringComparer.Ordinal);

    public string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>The path of a program made from <c>bench/native/NAME.c</c>, compiled at its first use.</summary>
    public async Task<string> CompiledAsync(string name, CancellationToken cancel, params string[] libraries)
    {
        var program = PathOf(name);
        if (_compiled.Add(name))
            await RunAsync("gcc", ["-O2", "-o", program, Path.Combine(AppContext.BaseDirectory, "native", name + ".c"), .. libraries], cancel);

        return program;
    }

    /// <summary>Runs a program that writes <paramref name="file"/> and returns what that took; the file is left.</summary>
    public async Task<Used> MeasureAsync(string file, string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        var measure = await CompiledAsync("measure", cancel);
        var report = PathOf("used");
        await RunAsync(measure, [report, program, .. arguments], cancel);
        var fields = (await File.ReadAllTextAsync(report, cancel)).Split(' ', '\n')[..4].Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
        if (fields[3] != 0)
            throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {fields[3]}");

        return new Used((fields[0] + fields[1]) / 1e6, fields[2] * 1024, new FileInfo(file).Length);
    }

    /// <summary>The same of this very program: <c>work</c>, then the arguments.</summary>
    public Task<Used> MeasureSelfAsync(string file, IEnumerable<string> arguments, CancellationToken cancel) =>
        MeasureAsync(file, Environment.ProcessPath!, arguments.Prepend("work"), cancel);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false })!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_runMax);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}");
    }
}
