using Microsoft.Data.Sqlite;
using Rollcall.Core;
using Rollcall.Core.SignIns;
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
        var log = new SqliteSignInLog(database);

        var old = await log.TryGetByTokenAsync(new byte[] { 1 }, CancellationToken.None);
        var begun = await log.BeginAsync(old! with { Id = Guid.NewGuid(), DeviceId = " Lt\u0007 " }, new byte[] { 2 }, CancellationToken.None);
        var read = await log.TryGetByTokenAsync(new byte[] { 2 }, CancellationToken.None);

        Assert.Equal(("jsmith", null, SignInScope.Console), (old!.OperatorName, old.DeviceId, old.Scope));
        Assert.Equal((" Lt\u0007 ", 2), (read!.DeviceId, begun.BrowserSessionId));
    }

    private static async Task WriteFirstReleaseAsync(string path)
    {
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = await File.ReadAllTextAsync(Checkout.PathOf("src", "Rollcall.Storage", "Schema", "Sqlite", "0001_ledger.sql"))
            + $"""
            PRAGMA user_version = 1;
            INSERT INTO tenants VALUES ('{Tenant}', 'main', 'MAIN', 0);
            INSERT INTO operators (id, tenant, name, name_key, roles, is_server_administrator, created_ms) VALUES (2, '{Tenant}', 'jsmith', 'JSMITH', 'self', 0, 0);
            INSERT INTO sign_ins (tenant, id, operator_id, operator_name, operator_key, scope, console_type, host, browser_session_id, started_ms, last_seen_ms, token_hash)
            VALUES ('{Tenant}', '00000000-0000-4000-8000-000000000001', 2, 'jsmith', 'JSMITH', 3, 19, 'lt-2211', 1, 0, 0, x'01');
            """;
        await command.ExecuteNonQueryAsync();
    }
}
