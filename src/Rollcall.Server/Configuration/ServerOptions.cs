namespace Rollcall.Server.Configuration;

/// <summary>Every setting, from the command line, <c>ROLLCALL_…</c>, <c>appsettings.json</c> in the working folder, or the default here.</summary>
internal sealed record ServerOptions
{
    /// <summary>Addresses to listen on, separated by <c>;</c>.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>The folder that holds the ledger, its keys and finished exports.</summary>
    public string Data { get; init; } = "./data";

    /// <summary>The first administrator's password; made up when empty. Used at the first start only.</summary>
    public string AdminPassword { get; init; } = string.Empty;

    /// <summary>The first tenant's name. Used at the first start only.</summary>
    public string TenantName { get; init; } = "main";

    /// <summary>The name of the one domain that this server is.</summary>
    public string Domain { get; init; } = "rollcall";

    public HuaweiOptions Huawei { get; init; } = new();

    public CommvaultOptions Commvault { get; init; } = new();

    public NativeOptions Native { get; init; } = new();

    public ExportOptions Exports { get; init; } = new();

    public SignInOptions SignIn { get; init; } = new();

    public LogOptions Log { get; init; } = new();
}

internal sealed record LogOptions
{
    /// <summary><c>text</c>, <c>json</c>, or <c>auto</c>: text at a terminal, JSON elsewhere.</summary>
    public string Format { get; init; } = "auto";

    /// <summary>Trace, Debug, Information, Warning, Error or Critical.</summary>
    public string Level { get; init; } = "Information";
}

internal sealed record HuaweiOptions
{
    /// <summary>The region that SDKs name; it stands in the token's catalog and in bootstrap.json.</summary>
    public string Region { get; init; } = "rollcall-1";

    /// <summary>Hours a token lives: 24, as the vendor's (contract 6.1).</summary>
    public int TokenHours { get; init; } = 24;

    public ListSessionsOptions ListSessions { get; init; } = new();

    public ExportSessionsOptions ExportSessions { get; init; } = new();

    public ConnectionOptions Connections { get; init; } = new();
}

internal sealed record ListSessionsOptions
{
    /// <summary><c>end</c>: <c>query_end_time</c> bounds the end time, as the seed says; <c>start</c>: the start time, as the vendor's other documents say (D0001).</summary>
    public string EndTimeBasis { get; init; } = "end";
}

internal sealed record ExportSessionsOptions
{
    /// <summary>Refuse windows that begin more than 30 days ago, not only windows longer than that (D0002).</summary>
    public bool LatestDaysOnly { get; init; }
}

internal sealed record ConnectionOptions
{
    /// <summary>Refuse windows of connections that begin more than 30 days ago, not only windows longer than that (D0063, D0066).</summary>
    public bool LatestDaysOnly { get; init; }
}

internal sealed record CommvaultOptions
{
    /// <summary>Minutes of silence after which a token dies, unless its Login asked for others: 30, as the vendor's (contract 3.1).</summary>
    public int IdleMinutes { get; init; } = 30;

    /// <summary>Sign-ins that one answer lists at most, newest first.</summary>
    public int SessionsMax { get; init; } = 1000;
}

internal sealed record NativeOptions
{
    /// <summary>Hours a sign-in by password lives.</summary>
    public int SignInHours { get; init; } = 12;
}

internal sealed record ExportOptions
{
    /// <summary>Hours a finished file is kept before its task is EXPIRED.</summary>
    public int KeepHours { get; init; } = 7 * 24;

    /// <summary>Exports of one tenant that may wait or run at once; one more is refused.</summary>
    public int UnfinishedMax { get; init; } = 20;
}

internal sealed record SignInOptions
{
    /// <summary>Failed sign-ins of one account from one address within a minute before 429; loopback has its own limit.</summary>
    public int FailuresPerMinuteMax { get; init; } = 20;

    /// <summary>The same from this machine, where scripts and tests run.</summary>
    public int LoopbackFailuresPerMinuteMax { get; init; } = 200;
}
