using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Rollcall.Core;
using Rollcall.Core.Retention;
using Rollcall.Server.Configuration;
using Rollcall.Server.Metrics;
using Rollcall.Server.Operations;
using Rollcall.Tests.Dialects.Native;

namespace Rollcall.Tests.Operations;

/// <summary>Whose turn it is, and when nobody has one.</summary>
public sealed class RetentionWorkerTests
{
    private static readonly TenantId One = TenantId.Parse("00000000000000000000000000000001"), Two = TenantId.Parse("00000000000000000000000000000002");

    [Fact]
    public async Task What_fails_for_one_tenant_keeps_no_other_from_its_turn()
    {
        await using var server = await NativeServer.StartAsync();
        var (retention, options) = (new FailingRetention(One), new ServerOptions { Retention = new RetentionOptions { KeepDays = 30, PauseMs = 0 } });
        using var worker = new RetentionWorker(retention, options, server.Server.Services.GetRequiredService<ServerMeter>(), server.Clock, NullLogger<RetentionWorker>.Instance);

        await worker.StartAsync(default);
        await retention.TwoHadATurn.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await worker.StopAsync(default);
    }

    [Fact]
    public void A_clock_that_is_far_ahead_of_all_that_the_ledger_has_is_not_believed_for_a_day()
    {
        var clock = new MovedClock();
        var watch = new ClockWatch(clock);

        Assert.Equal((true, clock.Now.AddDays(-8)), watch.Look(One, clock.Now.AddDays(-8)));
        Assert.Equal((false, null), watch.Look(Two, clock.Now.AddDays(-6)));
        clock.Pass(TimeSpan.FromHours(23));
        Assert.Equal((true, null), watch.Look(One, clock.Now));
        clock.Pass(TimeSpan.FromHours(2));
        Assert.Equal((false, null), watch.Look(One, clock.Now));
    }

    [Fact]
    public void A_clock_that_leaps_is_not_believed_and_being_put_right_does_not_lengthen_that()
    {
        var clock = new MovedClock();
        var watch = new ClockWatch(clock);
        Assert.Equal((false, null), watch.Look(One, null));
        var was = clock.Now;

        clock.Now = was.AddYears(10);
        Assert.Equal((true, was), watch.Look(One, clock.Now));
        clock.Now = was;
        Assert.Equal((true, null), watch.Look(One, clock.Now));
        clock.Pass(TimeSpan.FromHours(25));
        Assert.Equal((false, null), watch.Look(One, clock.Now));
    }

    /// <summary>The day's clock can be set; the time that passes cannot.</summary>
    private sealed class MovedClock : TimeProvider
    {
        private long passed;

        public DateTimeOffset Now { get; set; } = new(2026, 11, 22, 9, 0, 0, TimeSpan.Zero);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => Now;

        public override long GetTimestamp() => passed;

        public void Pass(TimeSpan time) => (Now, passed) = (Now + time, passed + time.Ticks);
    }

    /// <summary>A store that is broken for one tenant.</summary>
    private sealed class FailingRetention(TenantId broken) : IRetention
    {
        public TaskCompletionSource TwoHadATurn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<RetentionState> ReadAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult(RetentionState.Never);

        public Task SetAsync(TenantId tenant, int? keepDays, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<TenantId>> TenantsAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<TenantId>>([One, Two]);

        public Task<RetentionPlace?> StepAsync(RetentionRun run, RetentionPlace? at, CancellationToken cancel)
        {
            if (run.Tenant == broken)
                throw new InvalidOperationException("a page is torn");

            TwoHadATurn.TrySetResult();
            return Task.FromResult<RetentionPlace?>(new RetentionPlace(RetentionPhase.Done, 0, default));
        }
    }
}
