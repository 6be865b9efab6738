using Rollcall.Server.Configuration;

namespace Rollcall.Server.Operations;

/// <summary>How the server speaks: lines for a person at a terminal, JSON for a collector.</summary>
internal static class ServerLogging
{
    public static void Configure(this ILoggingBuilder logging, ServerOptions options)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(Enum.Parse<LogLevel>(options.Log.Level, ignoreCase: true));
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        var asJson = options.Log.Format is "json" || (options.Log.Format is "auto" && Console.IsOutputRedirected);
        if (asJson)
            logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.TimestampFormat) = (true, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        else
            logging.AddSimpleConsole(line => (line.SingleLine, line.UseUtcTimestamp, line.TimestampFormat) = (true, true, "HH:mm:ss'Z' "));
    }
}
