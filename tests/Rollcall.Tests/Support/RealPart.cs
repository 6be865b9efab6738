using System.Diagnostics;

namespace Rollcall.Tests.Support;

/// <summary>Real programs that a test runs. One that is missing skips the test with a sentence, but fails it on CI.</summary>
internal static class RealPart
{
    private static readonly TimeSpan _runMax = TimeSpan.FromMinutes(2);

    /// <summary>Goes on only if the check says that the part is here.</summary>
    /// <param name="package">The Debian package that brings the part.</param>
    public static void Require(string package, Func<bool> check) =>
        Need($"This test needs the Debian package {package}, which is not installed here.", check);

    /// <summary>The same for npm packages, which <c>./test</c> installs beside their package.json.</summary>
    public static void RequireNpm(string folder, Func<bool> check) =>
        Need($"This test needs the npm packages of {folder}, which ./test installs and which are not here.", check);

    /// <summary>Whether a shell would find the program.</summary>
    public static bool IsInPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Runs a program to its end and returns what it printed; null when it cannot start, fails, or takes over two minutes.</summary>
    public static async Task<string?> TryRunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        if (!File.Exists(program))
            return null;

        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(_runMax);
        try
        {
            var said = process.StandardError.ReadToEndAsync(limit.Token);
            var printed = await process.StandardOutput.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            TestContext.Current.TestOutputHelper?.WriteLine(await said);
            return process.ExitCode == 0 ? printed : null;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return null;
        }
    }

    private static void Need(string sentence, Func<bool> check)
    {
        if (check())
            return;

        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Assert.Fail(sentence);

        Assert.Skip(sentence);
    }
}
