using Rollcall.Cli.Agent;

namespace Rollcall.Tests.Agent;

public sealed class AgentLogTests : IDisposable
{
    private readonly StringWriter said = new();
    private readonly SteppedClock clock = new(new DateTimeOffset(2026, 3, 2, 9, 0, 0, TimeSpan.Zero));

    [Fact]
    public void A_failure_is_said_once_whatever_its_words_and_again_after_an_hour_with_how_often()
    {
        var log = new AgentLog(said, clock);
        for (var i = 0; i < 60; i++, clock.Advance(TimeSpan.FromMinutes(1)))
            log.Failing("ServiceUnavailable", $"The server refused (503): busy\nRequest {i}", 7);
        Assert.Equal(["Warning: events cannot be sent: The server refused (503): busy Request 0. 7 wait on disk."], Lines);

        log.Failing("ServiceUnavailable", "The server refused (503): busy", 9);
        Assert.Equal("Warning: events cannot be sent: The server refused (503): busy. 9 wait on disk. Failed so 60 times since this was said last.", Lines[1]);
    }

    [Fact]
    public void Another_failure_is_said_at_once_and_the_first_not_again_because_of_it()
    {
        var log = new AgentLog(said, clock);
        foreach (var cause in (string[])["a", "b", "a", "b"])
            log.Failing(cause, cause, 1);
        Assert.Equal(2, Lines.Length);

        log.Reached();
        log.Reached();
        log.Failing("a", "a", 1);
        Assert.Equal(["The server takes events again.", "Warning: events cannot be sent: a. 1 wait on disk."], Lines[2..]);
    }

    public void Dispose() => said.Dispose();

    private string[] Lines => said.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
