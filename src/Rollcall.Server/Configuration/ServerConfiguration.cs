using System.Globalization;
using System.Net.Mail;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Rollcall.Server.Listening;

namespace Rollcall.Server.Configuration;

/// <summary>Reads every setting from where it may stand, and prints what came of it.</summary>
internal static partial class ServerConfiguration
{
    public const string EnvironmentPrefix = "ROLLCALL_";

    /// <summary>Short spellings on the command line; any other setting goes as <c>--Section:Name value</c>.</summary>
    private static readonly Dictionary<string, string> Switches = new(StringComparer.OrdinalIgnoreCase)
    {
        ["--urls"] = "Urls",
        ["--data"] = "Data",
        ["--store"] = "Store",
        ["--tls-cert"] = "Tls:Cert",
        ["--tls-key"] = "Tls:Key",
        ["--tls-pfx"] = "Tls:Pfx",
        ["--trusted-proxies"] = "TrustedProxies",
    };

    /// <summary>Spellings that read better in a shell: ROLLCALL_ADMIN_PASSWORD instead of ROLLCALL_AdminPassword. Both work.</summary>
    private static readonly Dictionary<string, string> Variables = new(StringComparer.Ordinal)
    {
        ["ADMIN_PASSWORD"] = "AdminPassword",
        ["TLS_CERT"] = "Tls:Cert",
        ["TLS_KEY"] = "Tls:Key",
        ["TLS_KEY_PASSWORD"] = "Tls:KeyPassword",
        ["TLS_PFX"] = "Tls:Pfx",
        ["TLS_PFX_PASSWORD"] = "Tls:PfxPassword",
        ["TRUSTED_PROXIES"] = "TrustedProxies",
    };

    /// <summary>Command line over environment over <c>appsettings.json</c> over the defaults.</summary>
    /// <exception cref="SettingException">A setting has a value that cannot be used.</exception>
    public static ServerOptions Read(IReadOnlyList<string> arguments)
    {
        CheckNames(arguments);
        var configuration = Build(arguments);
        var options = Bind(configuration);
        if (configuration["Urls"] is null && options.Tls.HasCertificate())
            options = options with { Urls = ServerOptions.HttpsUrl };
        Check(options);
        return options;
    }

    private static IConfigurationRoot Build(IReadOnlyList<string> arguments)
    {
        try
        {
            return new ConfigurationBuilder()
                .SetBasePath(Directory.GetCurrentDirectory())
                .AddJsonFile("appsettings.json", optional: true)
                .AddEnvironmentVariables(EnvironmentPrefix)
                .AddInMemoryCollection(FromVariables())
                .AddCommandLine([.. arguments], Switches)
                .Build();
        }
        catch (InvalidDataException broken)
        {
            throw new SettingException($"appsettings.json cannot be read: {broken.InnerException?.Message ?? broken.Message}");
        }
    }

    private static IEnumerable<KeyValuePair<string, string?>> FromVariables() =>
        from spelling in Variables
        let value = Environment.GetEnvironmentVariable(EnvironmentPrefix + spelling.Key)
        where value is { Length: > 0 }
        select KeyValuePair.Create(spelling.Value, (string?)value);

    /// <summary>A misspelt option must not start a server with a new ledger somewhere else.</summary>
    private static void CheckNames(IReadOnlyList<string> arguments)
    {
        var known = Names(new ServerOptions(), prefix: string.Empty).Select(name => "--" + name).Concat(Switches.Keys).ToHashSet(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < arguments.Count; index++)
        {
            var (name, hasValue) = arguments[index].Split('=', 2) is [var left, _] ? (left, true) : (arguments[index], false);
            Demand(known.Contains(name), $"{name} is no option; rollcalld config lists them");
            if (hasValue)
                continue;

            index++;
            Demand(index < arguments.Count && !arguments[index].StartsWith("--", StringComparison.Ordinal), $"{name} needs a value");
        }
    }

    private static IEnumerable<string> Names(object section, string prefix) =>
        section.GetType().GetProperties().SelectMany(property => property.GetValue(section) is string or int or bool
            ? [prefix + property.Name]
            : Names(property.GetValue(section)!, prefix + property.Name + ":"));

    /// <summary>The effective settings, a line each; secrets only say whether they are set.</summary>
    public static string Describe(ServerOptions options)
    {
        var text = new StringBuilder();
        Describe(text, options, prefix: string.Empty);
        return text.ToString();
    }

    private static ServerOptions Bind(IConfiguration configuration)
    {
        try
        {
            return configuration.Get<ServerOptions>() ?? new ServerOptions();
        }
        catch (InvalidOperationException wrong)
        {
            throw new SettingException(wrong.InnerException?.Message ?? wrong.Message);
        }
    }

    private static void Check(ServerOptions options)
    {
        Demand(options.Data.Length > 0, "Data must name a folder");
        CheckListening(options, ListenUrl.ParseAll(options.Urls));
        Demand(options.Huawei.ListSessions.EndTimeBasis is "end" or "start", "Huawei:ListSessions:EndTimeBasis must be end or start");
        Demand(options.Huawei.TokenHours is >= 1 and <= 24 * 30, "Huawei:TokenHours must be from 1 to 720");
        Demand(options.Commvault.IdleMinutes is >= 1 and <= 20160, "Commvault:IdleMinutes must be from 1 to 20160");
        Demand(options.Commvault.RenewHours is >= 0 and <= 24 * 30, "Commvault:RenewHours must be from 0 to 720");
        Demand(options.Commvault.UsersMax is >= 1 and <= 100_000, "Commvault:UsersMax must be from 1 to 100000");
        Demand(options.Commvault.SessionsMax is >= 1 and <= 100_000, "Commvault:SessionsMax must be from 1 to 100000");
        Demand(options.Native.ConsoleIdleMinutes is >= 1 and <= 24 * 60, "Native:ConsoleIdleMinutes must be from 1 to 1440");
        Demand(options.Native.SignInHours is >= 1 and <= 24 * 30, "Native:SignInHours must be from 1 to 720");
        Demand(options.Native.StreamsPerTenantMax is >= 0 and <= 100_000, "Native:StreamsPerTenantMax must be from 0 to 100000");
        Demand(options.Native.StreamsMax is >= 0 and <= 100_000, "Native:StreamsMax must be from 0 to 100000");
        Demand(options.Native.StreamBeatSeconds is >= 1 and <= 300, "Native:StreamBeatSeconds must be from 1 to 300");
        Demand(options.Ledger.ClockSkewWarningSeconds is >= 1 and <= 24 * 3600, "Ledger:ClockSkewWarningSeconds must be from 1 to 86400");
        Demand(options.Ledger.LateSeconds is >= 1 and <= 30 * 24 * 3600, "Ledger:LateSeconds must be from 1 to 2592000");
        Demand(options.Ledger.SessionChangesKept is >= 1_000 and <= 100_000_000, "Ledger:SessionChangesKept must be from 1000 to 100000000");
        Demand(options.Ledger.ColumnsMiB is >= 0 and <= 1024 * 1024, "Ledger:ColumnsMiB must be from 0 to 1048576");
        Demand(options.Retention.KeepDays is >= 0 and <= 36_600, "Retention:KeepDays must be from 0 to 36600");
        Demand(options.Retention.EveryMinutes is >= 1 and <= 24 * 60, "Retention:EveryMinutes must be from 1 to 1440");
        Demand(options.Retention.PauseMs is >= 0 and <= 60_000, "Retention:PauseMs must be from 0 to 60000");
        Demand(options.Exports.StreamsPerTenantMax is >= 1 and <= 1_000, "Exports:StreamsPerTenantMax must be from 1 to 1000");
        Demand(options.Exports.StreamsMax is >= 1 and <= 1_000, "Exports:StreamsMax must be from 1 to 1000");
        Demand(options.Exports.KeepHours is >= 1 and <= 24 * 3660, "Exports:KeepHours must be from 1 to 87840");
        Demand(options.Exports.KeepRecordDays is >= 1 and <= 36_600, "Exports:KeepRecordDays must be from 1 to 36600");
        Demand(options.Exports.UnfinishedMax is >= 1 and <= 100_000, "Exports:UnfinishedMax must be from 1 to 100000");
        Demand(options.Exports.RunningMax is >= 1 and <= 100, "Exports:RunningMax must be from 1 to 100");
        Demand(options.Exports.WorkersMax is >= 1 and <= 100, "Exports:WorkersMax must be from 1 to 100");
        Demand(options.Exports.AttemptsMax is >= 1 and <= 1_000, "Exports:AttemptsMax must be from 1 to 1000");
        Demand(options.Exports.SchedulesMax is >= 1 and <= 10_000, "Exports:SchedulesMax must be from 1 to 10000");
        Demand(options.Mail.Host.Length == 0 || MailAddress.TryCreate(options.Mail.From, out _), "Mail:From must be a mail address when Mail:Host is set");
        Demand(options.Mail.Host.Length == 0 || Uri.TryCreate(options.PublicUrl, UriKind.Absolute, out _), "PublicUrl must be the address at which people reach this server when Mail:Host is set");
        Demand(options.Mail.Port is >= 1 and <= 65_535, "Mail:Port must be from 1 to 65535");
        Demand(options.Exports.S3.Endpoint.Length == 0 || Uri.TryCreate(options.Exports.S3.Endpoint, UriKind.Absolute, out _), "Exports:S3:Endpoint must be an http or https address");
        Demand((options.Exports.S3.AccessKey.Length > 0) == (options.Exports.S3.SecretKey.Length > 0), "Exports:S3:AccessKey and Exports:S3:SecretKey belong together: give both or neither");
        Demand(options.Exports.Compression is "rows" or "stream", "Exports:Compression must be rows or stream");
        Demand(options.Domain.Length is >= 1 and <= 128 && options.TenantName.Length is >= 1 and <= 128, "Domain and TenantName must have 1 to 128 characters");
        Demand(options.SignIn.FailuresPerMinuteMax >= 1 && options.SignIn.LoopbackFailuresPerMinuteMax >= 1, "SignIn limits must be at least 1");
        Demand(options.Log.Format is "auto" or "text" or "json", "Log:Format must be auto, text or json");
        Demand(Enum.TryParse<LogLevel>(options.Log.Level, ignoreCase: true, out _), "Log:Level must be Trace, Debug, Information, Warning, Error or Critical");
        Demand(options.Metrics.Token.Length is 0 or >= 16, "Metrics:Token must have at least 16 characters");
        Demand(options.AdminPassword.Length is 0 or >= 8, "ROLLCALL_ADMIN_PASSWORD must have at least 8 characters");
    }

    private static void CheckListening(ServerOptions options, IReadOnlyList<ListenUrl> urls)
    {
        var tls = options.Tls;
        Demand((tls.Cert.Length > 0) == (tls.Key.Length > 0), "Tls:Cert (--tls-cert) and Tls:Key (--tls-key) belong together: give both or neither");
        Demand(tls.Cert.Length == 0 || tls.Pfx.Length == 0, "Tls:Cert (--tls-cert) and Tls:Pfx (--tls-pfx) both name a certificate: give one of them");
        Demand(tls.HasCertificate() || urls.All(url => !url.IsHttps), "Urls has an https address, which needs a certificate: give --tls-cert and --tls-key, or --tls-pfx");
        // Somebody who gives a certificate believes to be served over TLS.
        Demand(!tls.HasCertificate() || urls.Any(url => url.IsHttps), "A certificate is given, but Urls has no https address that would show it");
        Demand(tls.ReloadSeconds is >= 1 and <= 24 * 3600, "Tls:ReloadSeconds must be from 1 to 86400");
        Demand(tls.HstsSeconds >= 0, "Tls:HstsSeconds must be a number of seconds, or 0 for none");
        TrustedProxies.Parse(options.TrustedProxies);
    }

    private static void Demand(bool holds, string sentence)
    {
        if (!holds)
            throw new SettingException(sentence);
    }

    private static void Describe(StringBuilder text, object section, string prefix)
    {
        foreach (var property in section.GetType().GetProperties().Where(property => property.Name is not "EqualityContract"))
        {
            var value = property.GetValue(section)!;
            var name = prefix + property.Name;
            if (value is string or int or bool)
                text.Append(CultureInfo.InvariantCulture, $"{name} = {(IsSecret(name) ? Hidden(value) : WithoutPassword(value))}\n");
            else
                Describe(text, value, name + ":");
        }
    }

    /// <summary>Addresses may hold one: <c>postgres://user:password@host</c>. Up to the last @, should somebody not have escaped the others.</summary>
    private static object WithoutPassword(object value) => value is string text ? PasswordInAddress().Replace(text, "***") : value;

    [GeneratedRegex("(?<=://[^:/@]*:).*(?=@)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PasswordInAddress();

    private static bool IsSecret(string name) => name.Contains("Password", StringComparison.OrdinalIgnoreCase) || name.Contains("SecretKey", StringComparison.OrdinalIgnoreCase) || name.EndsWith(":Token", StringComparison.OrdinalIgnoreCase);

    private static string Hidden(object value) => value is string { Length: > 0 } ? "(set, hidden)" : "(not set)";
}

/// <summary>A setting cannot be used; the message says which and what it must be.</summary>
internal class SettingException(string message) : Exception(message);

/// <summary>A part that was asked for is not installed, or not set up; the message says how.</summary>
internal sealed class MissingPartException(string message) : Exception(message);
