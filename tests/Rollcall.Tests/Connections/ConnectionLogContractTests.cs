using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Connections;

/// <summary>What the decorator promises of any store, seen on stores that break it.</summary>
public sealed class ConnectionLogContractTests
{
    private static readonly TenantId Other = TenantId.Parse("00000000000000000000000000000002");

    [Fact]
    public async Task The_contract_catches_a_store_that_leaks_another_tenants_row() => await AssertCaughtAsync(
        "a tenant sees only its own rows", new BrokenLog([Of(TenantOne, 2), Of(Other, 1)], 2));

    [Fact]
    public async Task The_contract_catches_a_store_that_gives_rows_out_of_order() => await AssertCaughtAsync(
        "rows come newest first", new BrokenLog([Of(TenantOne, 1), Of(TenantOne, 2)], 2));

    [Fact]
    public async Task The_contract_catches_a_page_that_is_too_long_and_a_count_that_is_too_small()
    {
        var three = new BrokenLog([Of(TenantOne, 3), Of(TenantOne, 2), Of(TenantOne, 1)], 3);

        Assert.Contains("no longer than asked for", (await PageOf(three)).Message, StringComparison.Ordinal);
        Assert.Contains("the count covers the page", (await PageOf(three with { Total = 1, Rows = [.. three.Rows.Take(2)] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_contract_lets_ties_and_a_full_page_through()
    {
        var log = new ConnectionLogContract(new BrokenLog([Of(TenantOne, 1), Of(TenantOne, 1)], 7));

        var page = await log.FindAsync(new ConnectionQuery(TenantOne), new PageWindow(0, 2), default);

        Assert.Equal((2, 7L), (page.Items.Count, page.Total));
        Assert.Equal(2, await log.ScanAsync(new ConnectionQuery(TenantOne), default).CountAsync());
    }

    [Fact]
    public async Task The_contract_catches_a_count_that_is_not_the_number_of_rows_read()
    {
        await using var opened = await new ConnectionLogContract(new BrokenLog([Of(TenantOne, 1)], 2)).OpenAsync(new ConnectionQuery(TenantOne), default);

        var caught = await Assert.ThrowsAsync<InvalidOperationException>(async () => await opened.Rows.CountAsync());

        Assert.Contains("as many rows as were counted", caught.Message, StringComparison.Ordinal);
    }

    private static async Task AssertCaughtAsync(string promise, BrokenLog broken)
    {
        Assert.Contains(promise, (await PageOf(broken)).Message, StringComparison.Ordinal);
        var scan = new ConnectionLogContract(broken).ScanAsync(new ConnectionQuery(TenantOne), default);
        Assert.Contains(promise, (await Assert.ThrowsAsync<InvalidOperationException>(async () => await scan.CountAsync())).Message, StringComparison.Ordinal);
    }

    private static Task<InvalidOperationException> PageOf(BrokenLog broken) => Assert.ThrowsAsync<InvalidOperationException>(
        () => new ConnectionLogContract(broken).FindAsync(new ConnectionQuery(TenantOne), new PageWindow(0, 2), default));

    private static Connection Of(TenantId tenant, int minute) => new()
    {
        Tenant = tenant,
        Id = $"{minute}",
        SessionId = "s",
        Kind = SessionKind.Desktop,
        User = "anna",
        Host = new HostFacts { Name = "RDS-07" },
        RequestedAt = Nine.AddMinutes(minute),
        IsReconnect = false,
    };

    /// <summary>A store that answers what it was told to, whatever is asked.</summary>
    private sealed record BrokenLog(IReadOnlyList<Connection> Rows, long Total) : IConnectionLog
    {
        public Task<Page<Connection>> FindAsync(ConnectionQuery query, PageWindow window, CancellationToken cancel) => Task.FromResult(new Page<Connection>(Rows, Total));

        public Task<Page<Connection>> FindAsync(ConnectionQuery query, string? cursor, int take, bool count, CancellationToken cancel) => Task.FromResult(new Page<Connection>(Rows, Total));

        public IAsyncEnumerable<Connection> ScanAsync(ConnectionQuery query, CancellationToken cancel) => Rows.ToAsyncEnumerable();

        public Task<RowStream<Connection>> OpenAsync(ConnectionQuery query, CancellationToken cancel) =>
            Task.FromResult(new RowStream<Connection>(Total, Rows.ToAsyncEnumerable(), () => ValueTask.CompletedTask));

        public Task<long> CountAsync(ConnectionQuery query, CancellationToken cancel) => Task.FromResult(Total);
    }
}
