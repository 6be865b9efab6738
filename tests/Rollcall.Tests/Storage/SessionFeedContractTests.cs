using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>The contract of the feed of changes, over a store that breaks it.</summary>
public sealed class SessionFeedContractTests
{
    [Theory]
    [InlineData(2L)]
    [InlineData(1L, 3L)]
    [InlineData(1L, 1L)]
    [InlineData(1L, 2L, 3L, 4L)]
    public async Task The_contract_catches_a_gap_a_repetition_and_an_answer_that_is_too_long(params long[] numbers) =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync([.. numbers.Select(number => new SessionChange(new FeedPosition(number, 0), Session: null))]));

    [Fact]
    public async Task The_contract_catches_another_tenants_row_and_lets_what_is_right_pass()
    {
        var foreign = OfTenant(TenantId.Parse("00000000000000000000000000000002"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync([foreign]));
        Assert.Single((await ReadAsync([OfTenant(TenantOne)]))!);
    }

    private static Task<IReadOnlyList<SessionChange>?> ReadAsync(IReadOnlyList<SessionChange> answer) =>
        new SessionFeedContract(new Lying(answer)).TryReadAsync(TenantOne, default, take: 3, default);

    private static SessionChange OfTenant(TenantId tenant) => new(
        new FeedPosition(1, 0),
        new Session
        {
            Tenant = tenant, Id = "s", User = "anna", Kind = SessionKind.Desktop, State = SessionState.Active, Host = new HostFacts { Name = "RDS-07" }, OsSessionId = "3",
            StartedAt = Nine, ChangedAt = Nine, ConnectedMs = 0, DisconnectedMs = 0, Revision = 1,
        });

    private sealed class Lying(IReadOnlyList<SessionChange> answer) : ISessionFeed
    {
        public Task<FeedPosition> EndAsync(TenantId tenant, CancellationToken cancel) => throw new NotSupportedException();

        public Task<IReadOnlyList<SessionChange>?> TryReadAsync(TenantId tenant, FeedPosition after, int take, CancellationToken cancel) => Task.FromResult<IReadOnlyList<SessionChange>?>(answer);

        public IDisposable OnCommit(Action<TenantId> tell) => throw new NotSupportedException();
    }
}
