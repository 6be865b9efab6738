using Rollcall.Cli.Events;

namespace Rollcall.Tests.Agent;

/// <summary>xrdp's lines are told when no line that is still to come can change what they mean.</summary>
public sealed class SettlingTests : IDisposable
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly XrdpHost host = new(Nine);

    [Fact]
    public void A_line_is_told_four_seconds_after_its_time_and_not_before()
    {
        host.Logon("20260302-09:00:00", "anna", 10);

        Assert.Empty(host.Look(1));
        Assert.Empty(host.Look(3.999));
        Assert.Equal(EventTypes.SessionStarted, Assert.Single(host.Look(4)).Type);
    }

    public void Dispose() => host.Dispose();
}
