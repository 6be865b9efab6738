using Rollcall.Cli.Commands;
using System.Text.Json;
using Rollcall.Cli.Events;
using Rollcall.Cli.Sample;

namespace Rollcall.Tests.Cli.Sample;

public sealed class SampleLoaderTests
{
    [Fact]
    public async Task A_load_sends_the_users_first_and_then_all_events_in_batches_of_a_known_size()
    {
        var sink = new RememberingSink();

        var load = await SampleLoader.LoadAsync(sink, SampleFleet.Options, default);

        Assert.Equal(new SampleLoad(200, SampleFleet.Events.Count), load);
        Assert.Equal("users", sink.Calls[0]);
        Assert.All(sink.Batches, batch => Assert.InRange(batch.Count, 1, SampleLoader.BatchMax));
        Assert.Equal(SampleFleet.Events, sink.Batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task A_second_load_on_the_same_day_sends_the_same_users_and_what_is_known_before_what_is_new()
    {
        var (first, second) = (new RememberingSink(), new RememberingSink());

        await SampleLoader.LoadAsync(first, new FleetOptions(1, SampleFleet.Now), default);
        await SampleLoader.LoadAsync(second, new FleetOptions(1, SampleFleet.Now.AddHours(8)), default);

        var known = first.Batches.SelectMany(batch => batch).ToList();
        Assert.NotEmpty(known);
        Assert.Equal(known, second.Batches.SelectMany(batch => batch).Take(known.Count));
        Assert.Equal(first.Users, second.Users);
    }

    [Fact]
    public async Task A_dry_run_prints_one_cloud_event_a_line_and_connects_to_nothing()
    {
        var (exit, printed) = await RunAsync("--dry-run");
        var lines = printed.Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(0, exit);
        Assert.Equal(SampleFleet.Events.Count, lines.Length);
        Assert.All(lines, line => Assert.Equal("1.0", JsonElement.Parse(line).GetProperty("specversion").GetString()));
        Assert.DoesNotContain("null", printed, StringComparison.Ordinal);
        Assert.Contains("São Paulo", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_negative_seed_is_refused()
    {
        var (exit, _) = await RunAsync("--seed", "-1", "--dry-run");

        Assert.Equal(2, exit);
    }

    private static async Task<(int Exit, string Printed)> RunAsync(params string[] args)
    {
        var output = new StringWriter();
        var context = new CliContext
        {
            Out = output,
            Error = TextWriter.Null,
            Time = new StoppedClock(),
            Variable = _ => null,
            IsWatched = false,
        };
        var exit = await RollcallCommand.InvokeAsync(context, ["sample", .. args], default);
        return (exit, output.ToString());
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => SampleFleet.Now;
    }

    private sealed class RememberingSink : IEventSink
    {
        public List<string> Calls { get; } = [];

        public List<IReadOnlyList<LedgerEvent>> Batches { get; } = [];

        public Task SendAsync(IReadOnlyList<LedgerEvent> events, CancellationToken cancel)
        {
            Calls.Add("events");
            Batches.Add(events);
            return Task.CompletedTask;
        }

        public string? Users { get; private set; }

        public Task ImportUsersAsync(string csv, CancellationToken cancel)
        {
            Users = csv;
            Calls.Add("users");
            return Task.CompletedTask;
        }
    }
}
