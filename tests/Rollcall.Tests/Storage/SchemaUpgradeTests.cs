using Microsoft.Data.Sqlite;
using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;
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

    [Fact]
    public async Task Sessions_and_connections_of_the_first_release_are_told_with_every_fact_and_found_by_each_id_they_had()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("ledger.db");
        await WriteFirstReleaseAsync(path, Hosts + Sessions);
        await using var database = SqliteDatabase.Open(path);
        var ledger = new SqlSessionLedger(database);

        var ended = (await ledger.TryGetAsync(Tenant, "a1", CancellationToken.None))!;
        var open = (await ledger.TryGetAsync(Tenant, "b2", CancellationToken.None))!;
        var connection = Assert.Single(ended.Connections);

        Assert.Equal(Ended, ended.Session);
        Assert.Equal((Ended.Client! with { Type = "Windows" }, "CORP\\MÜLLER", "10.1.2.9"), (connection.Client!, connection.User, connection.Host.Ip));
        Assert.Equal(new Failure("57", null), connection.Failure);
        Assert.Equal("0-x-HDP-4", open.Session.SessionStamp);
        Assert.Equal(("b2", null, null, null, null), (open.Session.Id, open.Session.Client, open.Session.Protocol, open.Session.End, open.Session.Host.BootId));
        Assert.Equal("b2", (await ledger.TryGetAsync(Tenant, "c3", CancellationToken.None))?.Session.Id);
        foreach (var user in new[] { "Corp\\Müller", "MÜLLER" })
            Assert.Equal(["a1"], (await ledger.FindAsync(new SessionQuery(Tenant) { UserInAnyForm = user }, new PageWindow(0, 10), CancellationToken.None)).Items.Select(found => found.Id));
        Assert.Equal(["b2"], (await ledger.FindAsync(new SessionQuery(Tenant) { HostName = "lt-2211" }, new PageWindow(0, 10), CancellationToken.None)).Items.Select(found => found.Id));
    }

    private static readonly Session Ended = new()
    {
        Tenant = Tenant,
        Id = "a1",
        User = "CORP\\Müller",
        Kind = SessionKind.Application,
        State = SessionState.Ended,
        Host = new HostFacts { Name = "RDS-07", Sid = "sid", Ip = "10.1.2.3", GroupId = "g", GroupName = "Group", PrimaryGroupId = "p", SecondaryGroupId = "s", BootId = "boot-1" },
        OsSessionId = "3",
        Protocol = "rdp",
        AppName = "App",
        Client = new ClientFacts { Name = "LT", Ip = "1", PublicIp = "2", Mac = "3", SourceIp = "4", Type = "Linux", Version = "5" },
        RequestedAt = DateTimeOffset.UnixEpoch.AddSeconds(7),
        StartedAt = DateTimeOffset.UnixEpoch.AddSeconds(8),
        End = new SessionEnd(DateTimeOffset.UnixEpoch.AddSeconds(9), EndTimeSource.Reported, DateTimeOffset.UnixEpoch.AddSeconds(9), DateTimeOffset.UnixEpoch.AddSeconds(9), "logoff"),
        ChangedAt = DateTimeOffset.UnixEpoch.AddSeconds(9),
        ConnectedMs = 800,
        DisconnectedMs = 200,
        AgentVersion = "1.2",
        SessionStamp = "stamp",
        Revision = 4,
    };

    private const string Sessions =
        """
        INSERT INTO sessions (tenant, no, id, anchor_seq, epoch_us, epoch_boot, host_no, stream, user_name, user_key, user_plain_key, kind, state, host_name, host_name_key,
            host_sid, host_ip, group_id, group_name, primary_group_id, secondary_group_id, boot_id, os_session_id, protocol, app_name, client_name, client_ip,
            client_public_ip, client_mac, client_source_ip, client_type, client_version, requested_ms, started_ms, ended_ms, end_source, end_earliest_ms, end_latest_ms,
            end_reason, changed_ms, connected_ms, disconnected_ms, agent_version, session_stamp, revision)
        VALUES ('00000000000000000000000000000001', 1, 'a1', 1, 8000000, 'boot-1', 1, 's:3', 'CORP\Müller', 'CORP\MÜLLER', 'MÜLLER', 2, 4, 'RDS-07', 'RDS-07',
            'sid', '10.1.2.3', 'g', 'Group', 'p', 's', 'boot-1', '3', 'rdp', 'App', 'LT', '1', '2', '3', '4', 'Linux', '5', 7000, 8000, 9000, 1, 9000, 9000,
            'logoff', 9000, 800, 200, '1.2', 'stamp', 4);
        INSERT INTO sessions (tenant, no, id, anchor_seq, epoch_us, host_no, stream, user_name, user_key, user_plain_key, kind, state, host_name, host_name_key,
            os_session_id, started_ms, changed_ms, connected_ms, disconnected_ms, revision, host_sid, session_stamp)
        VALUES ('00000000000000000000000000000001', 2, 'b2', 2, 9000000, 2, 's:4', 'x', 'X', 'X', 1, 2, 'LT-2211', 'LT-2211', '4', 9000, 9000, 0, 0, 1, '0', '0-x-HDP-4');
        INSERT INTO session_aliases (tenant, id, session_no) VALUES ('00000000000000000000000000000001', 'c3', 2);
        INSERT INTO connections (tenant, session_no, ordinal, id, user_name, user_key, host_name, host_name_key, host_ip, client_name, client_ip, client_public_ip,
            client_mac, client_source_ip, client_type, client_type_key, client_version, requested_ms, is_reconnect, is_failed, failure_code)
        VALUES ('00000000000000000000000000000001', 1, 0, 'k', 'CORP\MÜLLER', 'CORP\MÜLLER', 'RDS-07', 'RDS-07', '10.1.2.9', 'LT', '1', '2', '3', '4', 'Windows', 'WINDOWS', '5',
            7000, 0, 1, '57');
        """;

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
