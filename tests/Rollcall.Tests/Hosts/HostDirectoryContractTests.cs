using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Hosts;

/// <summary>What the decorators promise of any store, seen on stores that break it.</summary>
public sealed class HostDirectoryContractTests
{
    private static readonly TenantId Other = TenantId.Parse("00000000000000000000000000000002");
    private static readonly TimeSpan Limit = HealthLimits.Default.ClockSkew;
    private static readonly HostQuery All = new(TenantOne, Limit);

    [Fact]
    public async Task The_contract_catches_a_store_that_leaks_another_tenants_row()
    {
        var leaking = new BrokenStore { Rows = [Host("RDS-1") with { Tenant = Other }] };

        await AssertCaughtAsync("only its own rows", leaking, All);
        await AssertCaughtAsync("only its own rows", () => new HostDirectoryContract(leaking).TryGetAsync(TenantOne, "RDS-1", default));
        await AssertCaughtAsync("only its own rows", () => new HostDirectoryContract(leaking).FindGroupsAsync(TenantOne, null, 2, false, default));
        await AssertCaughtAsync("only its own rows", new BrokenStore { Health = Healthy with { Hosts = 1, Silent = new(1, [Host("RDS-1", HostState.Silent) with { Tenant = Other }]) } });
    }

    [Fact]
    public async Task The_contract_catches_pages_out_of_order_too_long_or_wrongly_counted()
    {
        await AssertCaughtAsync("order asked for", new BrokenStore { Rows = [Host("RDS-2"), Host("rds-1")] }, All);
        await AssertCaughtAsync("order asked for", new BrokenStore { Rows = [Host("RDS-2"), Host("rds-2")] }, All);
        await AssertCaughtAsync("order asked for", new BrokenStore { Rows = [Host("1"), Host("2") with { OpenSessions = 1 }] }, All with { Order = HostOrder.MostOpenSessions });
        await AssertCaughtAsync("order asked for", new BrokenStore { Rows = [Host("2"), Host("1")] }, All with { Order = HostOrder.MostOpenSessions });
        await AssertCaughtAsync("no longer than asked for", new BrokenStore { Rows = [Host("1"), Host("2"), Host("3")] }, All);
        await AssertCaughtAsync("a count is given when asked for", new BrokenStore { Rows = [Host("1")], Total = 1 }, All);
    }

    [Fact]
    public async Task The_contract_catches_a_filter_that_was_not_applied_and_a_state_that_contradicts_itself()
    {
        await AssertCaughtAsync("whole filter", new BrokenStore { Rows = [Host("1")] }, All with { IsSilent = true });
        await AssertCaughtAsync("whole filter", new BrokenStore { Rows = [Host("1")] }, All with { IsSkewed = true });
        await AssertCaughtAsync("fit the state", new BrokenStore { Rows = [Host("1") with { SilentSince = Nine }] }, All);
        await AssertCaughtAsync("fit the state", new BrokenStore { Rows = [Host("1") with { Events = new EventCounts(1, 0, 1, 1, 0) }] }, All);
    }

    [Fact]
    public async Task The_contract_catches_a_health_whose_lists_and_counts_disagree()
    {
        await AssertCaughtAsync("as long as its count", new BrokenStore { Health = Healthy with { Skewed = new(2, []) } });
        await AssertCaughtAsync("one state", new BrokenStore { Health = Healthy with { Hosts = 3 } });
        await AssertCaughtAsync("counted is what is listed", new BrokenStore { Health = Healthy with { OpenLong = new(1, [new("s", "anna", "RDS-1", SessionState.Active, Nine)]) } });
    }

    [Fact]
    public async Task The_contract_lets_a_sound_store_through()
    {
        var sound = new BrokenStore { Rows = [Host("\uFF21"), Host("\U0001F600")] };

        Assert.Equal(2, (await new HostDirectoryContract(sound).FindAsync(All, null, 2, false, default)).Items.Count);
        Assert.Same(sound.Health, await new FleetHealthContract(sound).ReadAsync(new HealthQuery(TenantOne, Limit, Nine, 2), default));
    }

    private static FleetHealth Healthy { get; } = new()
    {
        Hosts = 0,
        Beating = 0,
        NoBeats = 0,
        Silent = new(0, []),
        Skewed = new(0, []),
        OpenLong = new(0, []),
        Events = EventCounts.None,
        Sources = new(0, []),
    };

    private static FleetHost Host(string name, HostState state = HostState.Beating) => new()
    {
        Tenant = TenantOne,
        Name = name,
        FirstSeenAt = Nine,
        LastSeenAt = Nine,
        LeaseSeconds = 90,
        State = state,
        SilentSince = state is HostState.Silent ? Nine : null,
        OpenSessions = 0,
        Beats = 1,
    };

    private static Task AssertCaughtAsync(string promise, BrokenStore broken, HostQuery query) =>
        AssertCaughtAsync(promise, () => new HostDirectoryContract(broken).FindAsync(query, null, 2, count: false, default));

    private static Task AssertCaughtAsync(string promise, BrokenStore broken) =>
        AssertCaughtAsync(promise, () => new FleetHealthContract(broken).ReadAsync(new HealthQuery(TenantOne, Limit, Nine, 2), default));

    private static async Task AssertCaughtAsync(string promise, Func<Task> ask) =>
        Assert.Contains(promise, (await Assert.ThrowsAsync<InvalidOperationException>(ask)).Message, StringComparison.Ordinal);

    /// <summary>A store that answers what it was told to, whatever is asked.</summary>
    private sealed record BrokenStore : IHostDirectory, IFleetHealth
    {
        public IReadOnlyList<FleetHost> Rows { get; init; } = [];

        public long? Total { get; init; }

        public FleetHealth Health { get; init; } = Healthy;

        public Task<Page<FleetHost>> FindAsync(HostQuery query, string? cursor, int take, bool count, CancellationToken cancel) =>
            Task.FromResult(new Page<FleetHost>(Rows, Total));

        public Task<FleetHostDetail?> TryGetAsync(TenantId tenant, string name, CancellationToken cancel) =>
            Task.FromResult<FleetHostDetail?>(new FleetHostDetail(Rows[0], [], 0));

        public Task<Page<HostGroup>> FindGroupsAsync(TenantId tenant, string? cursor, int take, bool count, CancellationToken cancel) =>
            Task.FromResult(new Page<HostGroup>([new HostGroup(Other, "g", null, 0, 0)], Total));

        public Task<FleetHealth> ReadAsync(HealthQuery query, CancellationToken cancel) => Task.FromResult(Health);
    }
}
