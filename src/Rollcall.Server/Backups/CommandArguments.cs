using Rollcall.Server.Configuration;

namespace Rollcall.Server.Backups;

/// <summary>What stands behind the name of a command: one folder, switches of its own, and settings as the server takes them.</summary>
/// <param name="Folder">Null when none is named.</param>
/// <param name="HasExports">Whether <c>--exports</c> is given.</param>
/// <param name="To">What follows <c>--to</c>; null when it is not given.</param>
/// <param name="Settings">What is left, for <see cref="ServerConfiguration.Read"/>.</param>
internal sealed record CommandArguments(string? Folder, bool HasExports, string? To, IReadOnlyList<string> Settings)
{
    private const string ExportsSwitch = "--exports";
    private const string ToSwitch = "--to";

    /// <exception cref="SettingException">More than one folder is named.</exception>
    public static CommandArguments Parse(IReadOnlyList<string> arguments)
    {
        string? folder = null, to = null;
        var settings = new List<string>();
        for (var index = 0; index < arguments.Count; index++)
        {
            var argument = arguments[index];
            if (argument is ExportsSwitch)
                continue;

            if (argument == ToSwitch || argument.StartsWith(ToSwitch + "=", StringComparison.Ordinal))
            {
                to = argument != ToSwitch ? argument[(ToSwitch.Length + 1)..] : index + 1 < arguments.Count ? arguments[++index] : string.Empty;
                continue;
            }

            if (argument.StartsWith("--", StringComparison.Ordinal))
            {
                settings.Add(argument);
                if (!argument.Contains('=', StringComparison.Ordinal) && index + 1 < arguments.Count)
                    settings.Add(arguments[++index]);
                continue;
            }

            folder = folder is null ? argument : throw new SettingException($"{argument} is one folder too many; see rollcalld --help");
        }

        return new CommandArguments(folder, arguments.Contains(ExportsSwitch, StringComparer.Ordinal), to, settings);
    }

    /// <exception cref="SettingException">It is not named.</exception>
    public string FolderNamed(string what) => Folder is { Length: > 0 } ? Folder : throw new SettingException($"{what} must be named; see rollcalld --help");
}
