namespace Rollcall.Cli.Agent;

/// <summary>What was said about sources on the command line; null where nothing was said.</summary>
internal sealed record SaidSources
{
    public string? Sesman { get; init; }
    public string? Xrdp { get; init; }
    public string? XorgGlob { get; init; }
    public string? SshdLog { get; init; }
    public bool SshdJournal { get; init; }
    public string? Wtmp { get; init; }
    public string? Utmp { get; init; }
    public bool? Logind { get; init; }
    public IReadOnlyList<string> XServers { get; init; } = [];

    /// <summary>Only what was said, nothing that happens to lie there.</summary>
    public bool OnlyThese { get; init; }
}

/// <summary>Chooses what to follow: what was said, else what lies where it usually does.</summary>
/// <param name="exists">Whether a file is there.</param>
internal sealed class SourceFinder(Func<string, bool> exists)
{
    private const string SesmanUsual = "/var/log/xrdp-sesman.log", XrdpUsual = "/var/log/xrdp.log", XorgUsual = "/home/*/.xorgxrdp.*.log";
    private const string WtmpUsual = "/var/log/wtmp", UtmpUsual = "/run/utmp";

    private static readonly string[] SshdUsual = ["/var/log/auth.log", "/var/log/secure"];

    private readonly List<SourceStatus> off = [];

    public SourceChoice Choose(SaidSources said)
    {
        var sesman = said.Sesman ?? Usual("xrdp", said, SesmanUsual);
        var sshd = said.SshdLog ?? (said.SshdJournal ? null : Usual("sshd", said, SshdUsual));
        var journal = said.SshdJournal || (sshd is null && !said.OnlyThese && HasJournal());
        var (wtmp, utmp) = LoginRecords(said);
        return new SourceChoice
        {
            Sesman = sesman,
            Xrdp = sesman is null ? null : said.Xrdp ?? Usual("xrdp", said, XrdpUsual),
            XorgGlob = sesman is null ? null : said.XorgGlob ?? (said.OnlyThese ? null : XorgUsual),
            SshdLog = sshd,
            SshdJournal = journal,
            Wtmp = wtmp,
            Utmp = utmp,
            Logind = UsesLogind(said, wtmp),
            XServers = said.XServers,
            Off = off,
        };
    }

    private string? Usual(string kind, SaidSources said, params string[] paths)
    {
        if (said.OnlyThese)
            return null;

        var found = Array.Find(paths, p => exists(p));
        if (found is null)
            Off(kind, string.Join(", ", paths), "is not there; name another with an option");
        return found;
    }

    private bool HasJournal()
    {
        const string running = "/run/systemd/journal/socket";
        if (exists(running))
            return true;

        Off("sshd-journal", "journalctl", "systemd-journald does not run here");
        return false;
    }

    private (string? Wtmp, string? Utmp) LoginRecords(SaidSources said)
    {
        var utmp = said.Utmp ?? (exists(UtmpUsual) ? UtmpUsual : null);
        if (said.Wtmp is not null || said.OnlyThese)
            return (said.Wtmp, utmp);

        if (exists(WtmpUsual) && utmp is not null)
            return (WtmpUsual, utmp);

        Off("wtmp", WtmpUsual, exists(WtmpUsual) ? $"without {UtmpUsual}, which is not there, nobody could say who is still logged on" : "is not there");
        return (null, utmp);
    }

    private bool UsesLogind(SaidSources said, string? wtmp)
    {
        const string bus = "/run/dbus/system_bus_socket", running = "/run/systemd/seats";
        var why = said switch
        {
            { Logind: true } => null,
            { Logind: false } => "not asked for (--no-logind)",
            { OnlyThese: true } => "not asked for",
            _ when !exists(bus) || !exists(running) => "systemd-logind does not run here",
            _ when wtmp is not null => "the login records tell of the same logons, with exact ends; --logind takes them twice",
            _ => null,
        };
        if (why is not null)
            Off("logind", "busctl", why);
        return why is null;
    }

    private void Off(string kind, string name, string why) => off.Add(new SourceStatus { Kind = kind, Name = name, State = "off", Reason = why });
}
