using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Storage.Sql;
using Rollcall.Storage.Sqlite;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>A real store in a folder of its own.</summary>
internal sealed class LedgerStore(TemporaryFolder folder, SqliteDatabase database, FakeClock clock) : IAsyncDisposable
{
    public SqlEventLog Log => field ??= new SqlEventLog(database, clock);

    public ISessionLedger Ledger { get; } = new SessionLedgerContract(new SqlSessionLedger(database));

    public ISessionHistory History { get; } = new SessionHistoryContract(new SqlSessionHistory(database));

    public ISessionWords Words => field ??= new SqlSessionWords(database, clock);

    public IHostDirectory Hosts { get; } = new HostDirectoryContract(new SqlHostDirectory(database));

    public IFleetHealth Health { get; } = new FleetHealthContract(new SqlFleetHealth(database));

    /// <summary>By which arrivals are dated.</summary>
    public FakeClock Clock => clock;

    public SqlExportTaskStore Exports { get; } = new(database);

    public static async Task<LedgerStore> OpenAsync(DateTimeOffset? at = null)
    {
        var folder = new TemporaryFolder();
        var store = new LedgerStore(folder, SqliteDatabase.Open(folder.File("ledger.db")), new FakeClock(at ?? Nine.AddDays(1)));
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

    public long CountBeats()
    {
        using var ledger = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={folder.File("ledger.db")};Mode=ReadOnly;Pooling=False");
        ledger.Open();
        using var count = ledger.CreateCommand();
        count.CommandText = "SELECT COUNT(*) FROM host_beats";
        return (long)count.ExecuteScalar()!;
    }

    public async Task<IReadOnlyList<Session>> SessionsAsync(TenantId? tenant = null)
    {
        var page = await Ledger.FindAsync(new SessionQuery(tenant ?? TenantOne), new PageWindow(0, 1000), default);
        return page.Items;
    }

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        folder.Dispose();
    }
}
