using Rollcall.Server.Configuration;

namespace Rollcall.Server.Operations;

/// <summary>How the server speaks: lines for a person at a terminal, JSON for a collector.</summary>
internal static class ServerLogging
{
    public static void Configure(this ILoggingBuilder logging, ServerOptions options)
    {
        logging.ClearProviders();
        var level = Enum.Parse<LogLevel>(options.Log.Level, ignoreCase: true);
        logging.SetMinimumLevel(level);
        // A filter of its own is not held by the minimum level: it must not say more than was asked for.
        logging.AddFilter("Microsoft", AtLeast(LogLevel.Warning, level));
        logging.AddFilter("Microsoft.Hosting.Lifetime", AtLeast(LogLevel.Information, level));
        // A start that fails is told by Program in one sentence; the framework would print its stack trace before it.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        var asJson = options.Log.Format is "json" || (options.Log.Format is "auto" && Console.IsOutputRedirected);
        if (asJson)
            logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        else
            logging.AddSimpleConsole(line => (line.SingleLine, line.UseUtcTimestamp, line.TimestampFormat) = (true, true, "HH:mm:ss'Z' "));
    }
    private static LogLevel AtLeast(LogLevel level, LogLevel other) => level > other ? level : other;
}
