using System.Globalization;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Tests.Cli;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

/// <summary>An xorgxrdp log lies in its user's folder, and the user may write anything there.</summary>
public sealed class UserLogTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder folder = new();

    [Theory, InlineData("9998-12-30", "9999999999.000"), InlineData("9998-12-30", "100.000"), InlineData("2026-03-01", "9999999999.000")]
    public void A_time_that_nobody_can_have_seen_is_skipped_and_stops_nothing(string day, string seconds)
    {
        var head = DateTime.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture).ToString("ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture);
        File.WriteAllText(folder.File("x.xorgxrdp.10.log"), $"""
            [   100.000] (++) Log file: ".xorgxrdp.10.log", Time: {head}
            [{seconds}] rdpClientConDisconnect:

            """);
        using var source = Open();

        Assert.Empty(source.Poll(Nine));
        Assert.Empty(source.Keep(new AgentState()).XrdpLines);
        Assert.NotEqual(0, ImportData.Skipped(source.Tally, "lies in the future"));
    }

    public void Dispose() => folder.Dispose();

    private XrdpSource Open()
    {
        var state = new AgentState();
        return new XrdpSource(null, null, folder.File("*.xorgxrdp.*.log"), TimeZoneInfo.Utc, new XrdpLines("lin-01", TimeZoneInfo.Utc, _ => true, state), state);
    }
}
