using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Storage;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>A real store in a folder of its own.</summary>
internal sealed class LedgerStore(TestStore store, FakeClock clock) : IAsyncDisposable
{
    private readonly StoreDatabase database = store.Database;

    public SqlEventLog Log => field ??= new SqlEventLog(database, clock);

    public ISessionLedger Ledger { get; } = new SessionLedgerContract(new SqlSessionLedger(store.Database));

    public ISessionFeed Feed { get; } = new SessionFeedContract(new SqlSessionFeed(store.Database));

    public StoreDatabase Database => database;

    public ISessionHistory History { get; } = new SessionHistoryContract(new SqlSessionHistory(store.Database));

    public ISessionWords Words => field ??= new SqlSessionWords(database, clock);

    public IHostDirectory Hosts { get; } = new HostDirectoryContract(new SqlHostDirectory(store.Database));

    public IFleetHealth Health { get; } = new FleetHealthContract(new SqlFleetHealth(store.Database));

    /// <summary>By which arrivals are dated.</summary>
    public FakeClock Clock => clock;

    public SqlExportTaskStore Exports { get; } = new(store.Database);

    public static async Task<LedgerStore> OpenAsync(StoreEngine engine, DateTimeOffset? at = null)
    {
        var store = new LedgerStore(await TestStore.OpenAsync(engine), new FakeClock(at ?? Nine.AddDays(1)));
        await store.AddTenantAsync(TenantOne);
        return store;
    }

    /// <summary>A lease later.</summary>
    public async Task JudgeSilenceAsync()
    {
        clock.Advance(TimeSpan.FromSeconds(2 * LeaseSeconds));
        await JudgeNowAsync();
    }

    /// <summary>Judges the hosts whose lease has run out by the store's clock.</summary>
    public Task JudgeNowAsync() => new SqlHostWatch(database).JudgeSilenceAsync(clock.GetUtcNow(), Nine.AddDays(-1), take: 10, default);

    public Task AddTenantAsync(TenantId tenant) =>
        new SqlIdentityStore(database).AddTenantAsync(new Tenant(tenant, tenant.Value, Nine), default);

    /// <summary>What a statement of ours says, asked past the store.</summary>
    public Task<long> NumberAsync(string sql) => store.NumberAsync(sql);

    public Task<long> CountBeatsAsync() => store.NumberAsync("SELECT COUNT(*) FROM host_beats");

    public async Task<IReadOnlyList<Session>> SessionsAsync(TenantId? tenant = null)
    {
        var page = await Ledger.FindAsync(new SessionQuery(tenant ?? TenantOne), new PageWindow(0, 1000), default);
        return page.Items;
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
