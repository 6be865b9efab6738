namespace Rollcall.Server.Listening;

/// <summary>What is said about addresses and certificates. Event ids 1200-1299.</summary>
internal static partial class ListeningLog
{
    [LoggerMessage(1201, LogLevel.Warning, "{Url} is open beyond this machine without TLS, so that others can read passwords and tokens on the way: give --tls-cert and --tls-key and listen on https, or name the proxy in front with --trusted-proxies")]
    public static partial void Plain(ILogger log, string url);

    [LoggerMessage(1209, LogLevel.Warning, "{Url} is open beyond this machine without TLS: see to it that only the trusted proxies can reach it, since anybody else who does shows passwords and tokens on the way")]
    public static partial void PlainBehindProxy(ILogger log, string url);

    [LoggerMessage(1202, LogLevel.Information, "New connections get the renewed certificate of {Path}, valid until {NotAfter:O}")]
    public static partial void Renewed(ILogger log, string path, DateTime notAfter);

    [LoggerMessage(1203, LogLevel.Error, "The renewed certificate cannot be used, and the one before goes on: {Problem}")]
    public static partial void NotRenewed(ILogger log, string problem);

    [LoggerMessage(1204, LogLevel.Warning, "The certificate of {Path} is valid from {NotBefore:O} to {NotAfter:O} only, so that clients refuse it now: renew it")]
    public static partial void OutOfDate(ILogger log, string path, DateTime notBefore, DateTime notAfter);
}
