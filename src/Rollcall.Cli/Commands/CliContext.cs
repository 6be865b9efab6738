using System.Globalization;

namespace Rollcall.Cli.Commands;

/// <summary>What a command may touch of the world around it, so that tests can stand in for it.</summary>
internal sealed record CliContext
{
    public required TextWriter Out { get; init; }

    /// <summary>Errors, progress and whatever must not mix with what a command prints for others to read.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Opens what is piped into the command.</summary>
    public Func<Stream> In { get; init; } = Console.OpenStandardInput;

    public required TimeProvider Time { get; init; }

    /// <summary>A variable of the environment; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>A person watches the error output.</summary>
    public required bool IsWatched { get; init; }

    public static CliContext OfConsole() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        Time = TimeProvider.System,
        Variable = name => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null,
        IsWatched = !Console.IsErrorRedirected,
    };

    /// <summary>Writes a line with invariant numbers.</summary>
    public void Say(FormattableString text) => Out.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}

/// <summary>What a command tells its caller.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
}
