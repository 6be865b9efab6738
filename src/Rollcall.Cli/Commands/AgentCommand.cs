using System.CommandLine;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall agent</c></summary>
internal sealed class AgentCommand
{
    public const string StateFolderDefault = "/var/lib/rollcall-agent";

    private const string Description = """
        Watches this Linux host and sends its sessions to Rollcall, for as long as it runs. What it reads goes to disk first
        and is sent when the server answers; it may be killed at any time. Without options it follows what lies where it
        usually does, and says what. docs/agent.md tells how to install it as a service.

        Example: rollcall agent --server https://rollcall.example.com --tenant ID --token-file /etc/rollcall-agent.token
        """;

    private const int BeatSecondsMin = 2, BeatSecondsMax = 3600, LeaseSecondsMax = 7 * 24 * 3600, BufferMibMax = 100_000;

    /// <summary>Beats that may be missed before the server takes the host for lost.</summary>
    private const int BeatsALease = 4;

    private readonly CliContext context;
    private readonly ConnectionOptions connection;
    private readonly Option<string?> tokenFile = Text("--token-file", "file", "File that holds the API token (role agent). It is read for each request, so a new token needs no restart.");
    private readonly Option<string> stateFolder = StateFolder();
    private readonly Option<string?> hostName = Text("--host-name", "name", "This host's name in the ledger; default the machine's.");
    private readonly Option<string?> zone = Text("--time-zone", "zone", "IANA time zone of times that are written without one; default the machine's.");
    private readonly Option<int> beat = Number("--beat-seconds", "Seconds between two beats with the roster of open sessions.", 30, BeatSecondsMin, BeatSecondsMax);
    private readonly Option<int?> lease = new("--lease-seconds") { Description = "Seconds of silence after which the server takes the host for lost; default four beats.", HelpName = "n" };
    private readonly Option<int> bufferMax = Number("--buffer-max-mib", "MiB of events kept on disk while the server does not answer; then the oldest are dropped, with a warning.", 256, 1, BufferMibMax);
    private readonly Option<string?> sesman = Text("--xrdp-sesman", "file", "sesman's log; default /var/log/xrdp-sesman.log when it is there.");
    private readonly Option<string?> xrdp = Text("--xrdp", "file", "xrdp's log; default /var/log/xrdp.log when it is there.");
    private readonly Option<string?> xorg = Text("--xorgxrdp", "glob", "The displays' logs, with * in any part; default /home/*/.xorgxrdp.*.log. Quote it.");
    private readonly Option<string[]> xServers = new("--x-server")
    {
        Description = "Name of a program that serves displays here, when it is none of the usual ones (Xorg, Xvnc, Xtigervnc, X11rdp …); may be repeated.",
        HelpName = "name",
    };

    private readonly Option<string?> sshdLog = Text("--sshd-log", "file", "The syslog file with sshd's lines; default /var/log/auth.log or /var/log/secure.");
    private readonly Option<bool> sshdJournal = new("--sshd-journal") { Description = "Takes sshd's lines from systemd's journal instead." };
    private readonly Option<string?> wtmp = Text("--wtmp", "file", "The login records; default /var/log/wtmp when it and utmp are there.");
    private readonly Option<string?> utmp = Text("--utmp", "file", "The table of who is logged on; default /run/utmp when it is there.");
    private readonly Option<bool> logind = new("--logind") { Description = "Asks systemd-logind even where wtmp is followed; default only where wtmp is not." };
    private readonly Option<bool> noLogind = new("--no-logind") { Description = "Does not ask systemd-logind." };
    private readonly Option<bool> onlyThese = new("--only-these") { Description = "Follows what the options name and nothing that happens to lie on this host." };

    private AgentCommand(CliContext context) => (this.context, connection) = (context, new ConnectionOptions(context));

    public static Command Create(CliContext context)
    {
        var agent = new AgentCommand(context);
        var command = new Command("agent", Description) { AgentStatusCommand.Create(context) };
        agent.connection.AddTo(command);
        foreach (var option in (Option[])[agent.tokenFile, agent.stateFolder, agent.hostName, agent.zone, agent.beat, agent.lease, agent.bufferMax, agent.sesman, agent.xrdp,
                     agent.xorg, agent.xServers, agent.sshdLog, agent.sshdJournal, agent.wtmp, agent.utmp, agent.logind, agent.noLogind, agent.onlyThese])
        {
            command.Add(option);
        }

        command.Run(context, agent.RunAsync);
        return command;
    }

    public static Option<string> StateFolder() => new("--state-folder")
    {
        Description = "Folder for the bookmark, the buffer and the status, of this agent alone.",
        HelpName = "dir",
        DefaultValueFactory = _ => StateFolderDefault,
    };

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancel)
    {
        if (!OperatingSystem.IsLinux())
            throw new UsageException("The agent watches Linux hosts. For Windows there is rollcall import windows-lsm and a scheduled task; see docs/importing.md.");

        var settings = SettingsOf(parse);
        if (settings.Sources.Kinds.Count == 0)
            throw new UsageException($"There is nothing to follow: {string.Join("; ", settings.Sources.Off.Select(o => $"{o.Name} {o.Reason}"))}.");

        await new AgentProcess(settings, new AgentLog(context.Error, context.Time), context.Time).RunAsync(cancel);
        return ExitCode.Ok;
    }

    private AgentSettings SettingsOf(ParseResult parse)
    {
        var file = parse.GetValue(tokenFile);
        var to = connection.Resolve(parse, Caller.Agent, file is null ? null : new TokenFile(file).TryRead);
        if (file is null && to.Token is null)
            throw new UsageException("The agent needs an API token: say --token-file FILE or set ROLLCALL_TOKEN. Make one with rollcall tokens add --role agent.");

        var beatSeconds = parse.GetValue(beat);
        var leaseSeconds = parse.GetValue(lease) ?? beatSeconds * BeatsALease;
        if (leaseSeconds <= beatSeconds || leaseSeconds > LeaseSecondsMax)
            throw new UsageException($"--lease-seconds must be longer than a beat ({beatSeconds}) and at most {LeaseSecondsMax}, not {leaseSeconds}.");

        return new AgentSettings
        {
            Server = to.Server,
            Tenant = to.Tenant,
            Authorities = to.Authorities,
            Token = file is null ? () => to.Token : new TokenFile(file).TryRead,
            StateFolder = Path.GetFullPath(parse.GetValue(stateFolder)!),
            HostName = HostNameOf(parse),
            Zone = LogOptions.ZoneOf(parse.GetValue(zone)) ?? TimeZoneInfo.Local,
            Beat = TimeSpan.FromSeconds(beatSeconds),
            Lease = TimeSpan.FromSeconds(leaseSeconds),
            BufferBytesMax = parse.GetValue(bufferMax) * 1024L * 1024,
            Sources = new SourceFinder(File.Exists).Choose(SaidOf(parse)),
        };
    }

    private string HostNameOf(ParseResult parse)
    {
        var name = parse.GetValue(hostName) ?? Environment.MachineName;
        return EventCheck.WrongWith("host", name) is { } wrong ? throw new UsageException($"--host-name: {wrong}.") : name;
    }

    private SaidSources SaidOf(ParseResult parse) => new()
    {
        Sesman = Full(parse.GetValue(sesman)),
        Xrdp = Full(parse.GetValue(xrdp)),
        XorgGlob = Full(parse.GetValue(xorg)),
        XServers = XServersOf(parse),
        SshdLog = Full(parse.GetValue(sshdLog)),
        SshdJournal = parse.GetValue(sshdJournal),
        Wtmp = Full(parse.GetValue(wtmp)),
        Utmp = Full(parse.GetValue(utmp)),
        Logind = parse.GetValue(noLogind) ? false : parse.GetValue(logind) ? true : null,
        OnlyThese = parse.GetValue(onlyThese),
    };

    private IReadOnlyList<string> XServersOf(ParseResult parse)
    {
        var names = parse.GetValue(xServers) ?? [];
        if (Array.Find(names, n => n.Length == 0 || n.Contains('/', StringComparison.Ordinal) || ProcessTable.IsDaemon(n)) is { } wrong)
            throw new UsageException($"--x-server is the name of a program that serves displays, without its folder, not \"{wrong}\".");

        return names;
    }

    private static string? Full(string? path) => path is null ? null : Path.GetFullPath(path);

    private static Option<string?> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help };

    private static Option<int> Number(string name, string description, int usual, int min, int max)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "n", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<int>() is var value && (value < min || value > max))
                result.AddError($"{name} must lie between {min} and {max}.");
        });
        return option;
    }
}

/// <summary>A file that holds a token.</summary>
internal sealed class TokenFile(string path)
{
    /// <summary>Bytes of a token read at most.</summary>
    private const int BytesMax = 16 * 1024;

    /// <summary>Null when there is none: the file is missing, empty, too long or not ours to read.</summary>
    public string? TryRead()
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= BytesMax } && File.ReadAllText(path).Trim() is { Length: > 0 } token && !token.Any(char.IsControl) ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
