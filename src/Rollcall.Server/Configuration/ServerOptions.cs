using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;

namespace Rollcall.Server.Configuration;

/// <summary>Every setting, from the command line, <c>ROLLCALL_…</c>, <c>appsettings.json</c> in the working folder, or the default here.</summary>
internal sealed record ServerOptions
{
    /// <summary>Addresses to listen on, separated by <c>;</c>. With a certificate and no word about addresses: <see cref="HttpsUrl"/>.</summary>
    public string Urls { get; init; } = "http://127.0.0.1:8080";

    /// <summary>Where a server listens that has a certificate and is told no address.</summary>
    internal const string HttpsUrl = "https://127.0.0.1:8443";

    /// <summary>The folder that holds the ledger, its keys and finished exports.</summary>
    public string Data { get; init; } = "./data";

    /// <summary>
    /// Where the ledger is kept: <c>sqlite</c>, a file in <see cref="Data"/>, or <c>postgres://user:password@host:port/database</c>, which any
    /// number of servers may share.
    /// </summary>
    public string Store { get; init; } = EmbeddedStore;

    internal const string EmbeddedStore = "sqlite";

    /// <summary>The first administrator's password; made up when empty. Used at the first start only.</summary>
    public string AdminPassword { get; init; } = string.Empty;

    /// <summary>The first tenant's name. Used at the first start only.</summary>
    public string TenantName { get; init; } = "main";

    /// <summary>The name of the one domain that this server is.</summary>
    public string Domain { get; init; } = "rollcall";

    /// <summary>Addresses and ranges of proxies whose <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> are believed, separated by commas; empty: nobody's.</summary>
    public string TrustedProxies { get; init; } = string.Empty;

    public TlsOptions Tls { get; init; } = new();

    public HuaweiOptions Huawei { get; init; } = new();

    public CommvaultOptions Commvault { get; init; } = new();

    public NativeOptions Native { get; init; } = new();

    public LedgerOptions Ledger { get; init; } = new();

    public RetentionOptions Retention { get; init; } = new();

    public ExportOptions Exports { get; init; } = new();

    public SignInOptions SignIn { get; init; } = new();

    /// <summary>Where people reach this server; stands in mails.</summary>
    public string PublicUrl { get; init; } = string.Empty;

    public MailOptions Mail { get; init; } = new();

    public LogOptions Log { get; init; } = new();

    public MetricsOptions Metrics { get; init; } = new();
}

internal sealed record MetricsOptions
{
    /// <summary>What a monitoring system sends as a bearer token to read <c>/metrics</c>. Empty: the server's administrator alone may.</summary>
    public string Token { get; init; } = string.Empty;
}

internal sealed record TlsOptions
{
    /// <summary>A PEM file: the server's certificate, then those between it and its authority.</summary>
    public string Cert { get; init; } = string.Empty;

    /// <summary>The PEM file of the certificate's private key; may be the same file.</summary>
    public string Key { get; init; } = string.Empty;

    /// <summary>What opens an encrypted key.</summary>
    public string KeyPassword { get; init; } = string.Empty;

    /// <summary>A PKCS#12 file with certificate, chain and key, instead of the two PEM files.</summary>
    public string Pfx { get; init; } = string.Empty;

    public string PfxPassword { get; init; } = string.Empty;

    /// <summary>Seconds between two looks at the files; a renewed certificate is in use at most so much later.</summary>
    public int ReloadSeconds { get; init; } = 30;

    /// <summary>How long browsers shall insist on https (RFC 6797): a year. 0: the header is not sent.</summary>
    public int HstsSeconds { get; init; } = 365 * 24 * 3600;

    public bool HasCertificate() => Cert.Length > 0 || Pfx.Length > 0;

    public string CertificatePath() => Pfx.Length > 0 ? Pfx : Cert;
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
    /// <summary>Refuse windows of connections that begin more than 30 days ago, not only windows longer than that (D0075, D0078).</summary>
    public bool LatestDaysOnly { get; init; }
}

internal sealed record CommvaultOptions
{
    /// <summary>Minutes of silence after which a token dies, unless its Login asked for others: 30, as the vendor's (contract 3.1).</summary>
    public int IdleMinutes { get; init; } = 30;

    /// <summary>Hours after a token died of silence in which its own device can still renew it (D0049); 0 means never.</summary>
    public int RenewHours { get; init; } = 24;

    /// <summary>Sign-ins that one answer lists at most, newest first.</summary>
    public int SessionsMax { get; init; } = 1000;

    /// <summary>Operators that one answer lists at most; when there are more the list is refused, never cut (D0055).</summary>
    public int UsersMax { get; init; } = 10_000;
}

internal sealed record NativeOptions
{
    /// <summary>Hours a sign-in by password lives.</summary>
    public int SignInHours { get; init; } = 12;

    /// <summary>Minutes of silence after which a sign-in at the web console is over: our choice, as long as the other console's tokens live.</summary>
    public int ConsoleIdleMinutes { get; init; } = 30;

    /// <summary>Streams of changes of one tenant that may be open at once; one more is refused.</summary>
    public int StreamsPerTenantMax { get; init; } = 500;

    /// <summary>Streams of all tenants that this server may have open at once: some 100 KB each when their readers are slow.</summary>
    public int StreamsMax { get; init; } = 2000;

    /// <summary>Seconds after which a silent stream gives a sign of life, and each one makes sure that its reader still may read: below what proxies wait.</summary>
    public int StreamBeatSeconds { get; init; } = 15;
}

internal sealed record LedgerOptions
{
    /// <summary>Seconds that a host's clock may be off, either way, before it is warned about: a beat's half minute.</summary>
    public int ClockSkewWarningSeconds { get; init; } = 30;

    /// <summary>Seconds from an event's time to its arrival after which it counts as late: more than a scheduled import every ten minutes takes.</summary>
    public int LateSeconds { get; init; } = 900;

    /// <summary>Changes of sessions kept of each tenant, for whoever follows them and was away: some 80 bytes each.</summary>
    public int SessionChangesKept { get; init; } = 250_000;

    /// <summary>MiB that sessions in memory may take, by which lists are counted and paged: some 35 bytes a session and the texts that they share. 0 leaves all to SQL.</summary>
    public int ColumnsMiB { get; init; } = 1024;
}

internal sealed record ExportOptions
{
    /// <summary>Exports that one tenant fetches at once while they are being read: each holds a snapshot of the ledger.</summary>
    public int StreamsPerTenantMax { get; init; } = 4;

    /// <summary>The same of all tenants: half of what PostgreSQL is asked by at once.</summary>
    public int StreamsMax { get; init; } = 16;

    /// <summary>Hours a finished file is kept before its task is EXPIRED.</summary>
    public int KeepHours { get; init; } = 7 * 24;

    /// <summary>Days the record of an ended export is kept, so that auditors find who wrote what out. The default is a year and a month.</summary>
    public int KeepRecordDays { get; init; } = 400;

    /// <summary>Exports of one tenant that may wait or run at once; one more is refused.</summary>
    public int UnfinishedMax { get; init; } = 20;

    /// <summary>Exports of one tenant that run at once; the others wait. Below <see cref="WorkersMax"/>, or one tenant can hold all workers.</summary>
    public int RunningMax { get; init; } = 1;

    /// <summary>Exports of all tenants that this server runs at once.</summary>
    public int WorkersMax { get; init; } = 2;

    /// <summary>A task that brings its worker down this often is given up.</summary>
    public int AttemptsMax { get; init; } = 5;

    /// <summary>Schedules of one tenant.</summary>
    public int SchedulesMax { get; init; } = 100;

    public S3Options S3 { get; init; } = new();

    /// <summary>Which deflate compresses workbooks: <c>rows</c>, our own, or <c>stream</c>, the base library's. The content is the same.</summary>
    public string Compression { get; init; } = "rows";

    internal XlsxCompression XlsxCompression() => Compression is "stream" ? Core.Tabular.XlsxCompression.Stream : Core.Tabular.XlsxCompression.Rows;

    public ExportLimits Limits() => new(UnfinishedMax, RunningMax);
}

/// <summary>An S3 store for exported files instead of the data folder.</summary>
internal sealed record S3Options
{
    /// <summary>Empty: files live in the data folder.</summary>
    public string Bucket { get; init; } = string.Empty;

    /// <summary>Where the store answers; empty: the vendor's own in <see cref="Region"/>.</summary>
    public string Endpoint { get; init; } = string.Empty;

    public string Region { get; init; } = "us-east-1";

    /// <summary>Stands before every key.</summary>
    public string Prefix { get; init; } = "exports/";

    /// <summary>Empty: what the environment or the machine's own role gives.</summary>
    public string AccessKey { get; init; } = string.Empty;

    public string SecretKey { get; init; } = string.Empty;
}

/// <summary>The mail server that takes what Rollcall has to say.</summary>
internal sealed record MailOptions
{
    /// <summary>Empty: no mail is sent.</summary>
    public string Host { get; init; } = string.Empty;

    public int Port { get; init; } = 25;

    /// <summary>The sender's address.</summary>
    public string From { get; init; } = string.Empty;

    /// <summary>Whether the connection must be encrypted by STARTTLS before anything is said.</summary>
    public bool StartTls { get; init; }

    /// <summary>Empty: the mail server asks for none.</summary>
    public string UserName { get; init; } = string.Empty;

    public string Password { get; init; } = string.Empty;
}

internal sealed record RetentionOptions
{
    /// <summary>Days that sessions, connections, sign-ins and events are kept after they ended, of tenants that say nothing themselves; 0: for ever.</summary>
    public int KeepDays { get; init; }

    /// <summary>Minutes between two runs for a tenant.</summary>
    public int EveryMinutes { get; init; } = 60;

    /// <summary>Milliseconds between two steps of a run, in which others write undisturbed.</summary>
    public int PauseMs { get; init; } = 100;
}

internal sealed record SignInOptions
{
    /// <summary>Failed sign-ins of one account from one address within a minute before 429; loopback has its own limit.</summary>
    public int FailuresPerMinuteMax { get; init; } = 20;

    /// <summary>The same from this machine, where scripts and tests run.</summary>
    public int LoopbackFailuresPerMinuteMax { get; init; } = 200;
}
