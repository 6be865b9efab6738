using Rollcall.Core;
using Rollcall.Core.Sessions;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>The contract of the statistics, over a store that breaks it.</summary>
public sealed class SessionStatisticsContractTests
{
    private static readonly PresenceQuery Presence = new(TenantOne, Nine, TimeSpan.FromHours(1), 2, Nine);

    private static readonly UsageQuery Usage = new(TenantOne, Nine, Nine.AddHours(1), Nine);

    [Theory]
    [InlineData(1L)]
    [InlineData(1L, 2L, 3L)]
    [InlineData(1L, -1L)]
    public async Task The_contract_catches_a_count_that_is_missing_too_many_or_negative(params long[] counts) =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => new SessionStatisticsContract(new Lying(counts, [])).CountPresentAsync(Presence, default));

    [Theory]
    [InlineData(3_600_001L, 0L, 1L)]
    [InlineData(-1L, 0L, 1L)]
    [InlineData(0L, 1L, 1L)]
    public async Task The_contract_catches_usage_out_of_bounds_or_out_of_order(long firstMs, long secondMs, long attempts) =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => FindAsync(take: 2, Of(firstMs, attempts), Of(secondMs, attempts)));

    [Fact]
    public async Task The_contract_catches_a_page_that_is_too_long_and_a_result_without_an_attempt()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => FindAsync(take: 1, Of(1, 1), Of(0, 1)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => FindAsync(take: 2, Of(1, 0)));
        Assert.Equal(2, (await FindAsync(take: 2, Of(3_600_000, 1), Of(0, 1))).Items.Count);
    }

    private static Task<Page<UserUsage>> FindAsync(int take, params UserUsage[] found) =>
        new SessionStatisticsContract(new Lying([], found)).FindUsageAsync(Usage, new PageWindow(0, take), default);

    private static UserUsage Of(long connectedMs, long attempts) => new() { User = "anna", ConnectedMs = connectedMs, Attempts = attempts, Established = 1, Failed = 0 };

    private sealed class Lying(IReadOnlyList<long> counts, IReadOnlyList<UserUsage> found) : ISessionStatistics
    {
        public Task<IReadOnlyList<long>> CountPresentAsync(PresenceQuery query, CancellationToken cancel) => Task.FromResult(counts);

        public Task<Page<UserUsage>> FindUsageAsync(UsageQuery query, PageWindow window, CancellationToken cancel) => Task.FromResult(new Page<UserUsage>(found, found.Count));
    }
}
