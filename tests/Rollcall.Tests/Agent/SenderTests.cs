using System.Text;
using System.Text.Json;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Buffering;
using Rollcall.Cli.Agent.Sending;
using Rollcall.Tests.Agent.Real;
using Rollcall.Tests.Cli;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

public sealed class SenderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SendingCount count = new();
    private readonly StringWriter said = new();

    [Fact]
    public async Task What_the_server_cannot_take_now_is_sent_again_and_nothing_else_before_it()
    {
        await using var server = new FakeServer(FakeServer.Json(503, "{}"), FakeServer.Json(429, "{}", "Retry-After: 0\r\n"), "garbage\r\n\r\n", Receipt(2), Receipt(1));
        await SendAsync(server, [["a", "b"], ["c"]], () => count.Facts.Acknowledged == 3);

        Assert.Equal([["a", "b"], ["a", "b"], ["a", "b"], ["a", "b"], ["c"]], server.Requests.Select(r => Ids(r.Body)));
        Assert.Null(count.Facts.Failure);
        Assert.NotNull(count.Facts.LastFailure);
    }

    [Fact]
    public async Task An_answer_that_is_no_receipt_for_these_events_acknowledges_nothing()
    {
        await using var server = new FakeServer(FakeServer.Json(200, "<html>"), Receipt(1), Receipt(2));
        await SendAsync(server, [["a", "b"]], () => count.Facts.Acknowledged == 2);

        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_batch_that_is_refused_is_taken_apart_and_only_the_culprit_is_parked()
    {
        await using var server = new FakeServer(
            FakeServer.Problem(400, "{}"), // a b c d
            Receipt(2), // a b
            FakeServer.Problem(400, "{}"), // c d
            FakeServer.Problem(400, """{"detail":"too strange"}"""), // c
            Receipt(1)); // d
        await SendAsync(server, [["a", "b", "c", "d"]], () => count.Facts.Acknowledged == 3);

        Assert.Equal(1, count.Facts.Rejected);
        Assert.Contains("too strange", count.Facts.LastRejection, StringComparison.Ordinal);
        Assert.Equal("""{"id":"c"}""", File.ReadAllText(folder.File("parked")).Trim());
    }

    [Fact]
    public async Task A_rejected_event_is_counted_with_its_reason_and_holds_nothing_up()
    {
        await using var server = new FakeServer(FakeServer.Json(200, """{"accepted":1,"duplicate":0,"rejected":[{"index":0,"id":"a","field":"time","reason":"is wrong"}]}"""), Receipt(1));
        await SendAsync(server, [["a", "b"], ["c"]], () => count.Facts.Acknowledged == 3);

        Assert.Equal((1L, "time: is wrong"), (count.Facts.Rejected, count.Facts.LastRejection));
        Assert.Contains("rejected event a: time: is wrong", said.ToString(), StringComparison.Ordinal);
    }

    [Theory, InlineData(400), InlineData(401), InlineData(403), InlineData(404), InlineData(413), InlineData(422)]
    public async Task Who_is_refused_or_meets_something_in_between_that_refuses_says_so_and_keeps_everything(int status)
    {
        await using var server = new FakeServer(FakeServer.Json(status, """{"detail":"not you"}"""));
        await SendAsync(server, [["a"]], () => count.Facts.Failure is not null);

        Assert.True(count.Facts.IsBarred);
        Assert.Single(server.Requests);
        using var buffer = new EventBuffer(folder.File("buffer"), 1_000_000, _ => { });
        Assert.Equal(1, buffer.Count);
    }

    [Fact]
    public void The_wait_grows_to_a_minute_and_is_never_twice_the_same_for_all()
    {
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60], Enumerable.Range(1, 8).Select(n => (int)Backoff.BoundOf(n).TotalSeconds));
        Assert.Equal(60, Backoff.BoundOf(int.MaxValue).TotalSeconds);

        var waits = Enumerable.Range(0, 50).Select(_ => NinthWait()).ToList();
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(60)));
        Assert.True(waits.Distinct().Count() > 10);
    }

    [Fact]
    public void What_the_server_asks_for_is_obeyed_within_reason()
    {
        Assert.True(new Backoff().Next(TimeSpan.FromSeconds(90)) >= TimeSpan.FromSeconds(90));
        Assert.True(new Backoff().Next(TimeSpan.FromDays(30)) < TimeSpan.FromMinutes(11));
    }

    public void Dispose()
    {
        folder.Dispose();
        said.Dispose();
    }

    private static TimeSpan NinthWait()
    {
        var backoff = new Backoff();
        for (var i = 0; i < 8; i++)
            backoff.Next(null);
        return backoff.Next(null);
    }

    /// <summary>Each batch is a file of its own, so that it is sent as one.</summary>
    private async Task SendAsync(FakeServer server, string[][] batches, Func<bool> isDone)
    {
        foreach (var batch in batches)
        {
            using var before = new EventBuffer(folder.File("buffer"), 1_000_000, _ => { });
            before.Append([.. batch.Select(id => Encoding.UTF8.GetBytes($$"""{"id":"{{id}}"}"""))]);
        }

        using var buffer = new EventBuffer(folder.File("buffer"), 1_000_000, _ => { });
        using var link = new ServerLink(new Uri(server.Address), "acme", () => "t0k", null, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var sending = new Sender(buffer, link, count, folder.File("parked"), TimeProvider.System, new AgentLog(said, TimeProvider.System)).RunAsync(stop.Token);
        await HostPrograms.UntilAsync(() => isDone() || sending.IsCompleted, $"all of it is sent: {count.Facts}");
        await stop.CancelAsync();

        // Told to stop it may be in a wait, or between two of them.
        var ended = await Record.ExceptionAsync(() => sending);
        Assert.True(ended is null or OperationCanceledException, $"{ended}");
    }

    private static string Receipt(int accepted) => FakeServer.Json(200, $$"""{"accepted":{{accepted}},"duplicate":0,"rejected":[]}""");

    private static string[] Ids(string body) => [.. JsonElement.Parse(body).EnumerateArray().Select(e => e.GetProperty("id").GetString()!)];
}
