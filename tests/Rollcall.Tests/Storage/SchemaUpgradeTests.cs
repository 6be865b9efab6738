using Microsoft.Data.Sqlite;
using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.SignIns;
using Rollcall.Storage.Sql;
using Rollcall.Storage.Sqlite;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Storage;

/// <summary>A ledger that the first release wrote, opened by this one.</summary>
public sealed class SchemaUpgradeTests
{
    private static readonly TenantId Tenant = TenantId.Parse("00000000000000000000000000000001");

    [Fact]
    public async Task A_sign_in_of_the_first_release_is_still_known_and_a_new_one_remembers_its_device()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("ledger.db");
        await WriteFirstReleaseAsync(path);
        await using var database = SqliteDatabase.Open(path);
        var log = new SqlSignInLog(database);

        var old = await log.TryGetByTokenAsync(new byte[] { 1 }, CancellationToken.None);
        var begun = await log.BeginAsync(old! with { Id = Guid.NewGuid(), DeviceId = " Lt\u0007 " }, new byte[] { 2 }, CancellationToken.None);
        var read = await log.TryGetByTokenAsync(new byte[] { 2 }, CancellationToken.None);

        Assert.Equal(("jsmith", null, SignInScope.Console), (old!.OperatorName, old.DeviceId, old.Scope));
        Assert.Equal((" Lt\u0007 ", 2), (read!.DeviceId, begun.BrowserSessionId));
    }

    [Fact]
    public async Task Hosts_of_the_first_release_are_listed_with_the_events_it_accepted_and_without_those_that_were_only_signed_in_from()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("ledger.db");
        await WriteFirstReleaseAsync(path, Hosts);
        await using var database = SqliteDatabase.Open(path);
        var directory = new HostDirectoryContract(new SqlHostDirectory(database));

        var host = Assert.Single((await directory.FindAsync(new HostQuery(Tenant, HealthLimits.Default.ClockSkew), null, 10, count: true, CancellationToken.None)).Items);
        var source = Assert.Single((await directory.TryGetAsync(Tenant, "rds-07", CancellationToken.None))!.Sources);

        Assert.Equal((HostState.NoBeats, new EventCounts(2, 0, 0, 0, 0), null), (host.State, host.Events, host.Skew));
        Assert.Equal(("agent://a", DateTimeOffset.UnixEpoch.AddSeconds(9), null), (source.Source, source.NewestAt, source.LastReceivedAt));
    }

    private const string Hosts =
        """
        INSERT INTO sources VALUES ('00000000000000000000000000000001', 1, 'agent://a'), ('00000000000000000000000000000001', 2, 'rollcall:server');
        INSERT INTO hosts (tenant, no, name, name_key, facts_us, first_seen_ms, last_seen_ms)
        VALUES ('00000000000000000000000000000001', 1, 'RDS-07', 'RDS-07', 0, 0, 0), ('00000000000000000000000000000001', 2, 'LT-2211', 'LT-2211', 0, 0, 0);
        INSERT INTO events (tenant, seq, batch, source_no, id_hash, kind, at_us, host_no, stream, clear, commitment)
        VALUES ('00000000000000000000000000000001', 1, 1, 1, x'01', 2, 8000000, 1, 's:3', x'', x''), ('00000000000000000000000000000001', 2, 1, 1, x'02', 20, 9000000, 1, 'h', x'', x''),
            ('00000000000000000000000000000001', 3, 1, 2, x'03', 8, 10000000, 1, 's:3', x'', x''), ('00000000000000000000000000000001', 4, 1, 1, x'04', 40, 7000000, 2, 'i:x', x'', x'');
        """;

    private static async Task WriteFirstReleaseAsync(string path, string more = "")
    {
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = await File.ReadAllTextAsync(Checkout.PathOf("src", "Rollcall.Storage", "Schema", "Sqlite", "0001_ledger.sql"))
            + $"""
            PRAGMA user_version = 1;
            INSERT INTO tenants VALUES ('{Tenant}', 'main', 'MAIN', 0);
            INSERT INTO operators (id, tenant, name, name_key, roles, is_server_administrator, created_ms) VALUES (2, '{Tenant}', 'jsmith', 'JSMITH', 'self', 0, 0);
            INSERT INTO sign_ins (tenant, id, operator_id, operator_name, operator_key, scope, console_type, host, browser_session_id, started_ms, last_seen_ms, token_hash)
            VALUES ('{Tenant}', '00000000-0000-4000-8000-000000000001', 2, 'jsmith', 'JSMITH', 3, 19, 'lt-2211', 1, 0, 0, x'01');
            {more}
            """;
        await command.ExecuteNonQueryAsync();
    }
}
