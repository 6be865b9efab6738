using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Rollcall.Storage.Sqlite;
using Rollcall.Tests.Support;
using SqliteConnection = Microsoft.Data.Sqlite.SqliteConnection;

namespace Rollcall.Tests.Backups;

/// <summary>A ledger of 200 events in five batches, and a backup of it, made once.</summary>
public sealed class SoundLedger : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();

    public async ValueTask InitializeAsync()
    {
        await using (var server = await ServerProcess.StartAsync(folder.File("data")))
        {
            for (var batch = 0; batch < 5; batch++)
            {
                using var answer = await server.SendEventsAsync([.. Enumerable.Range(batch * 40, 40).Select(EventOf)]);
                Assert.True(answer.IsSuccessStatusCode);
            }
        }

        // Out of the log, which the server that was killed has left, and into the file.
        await using (var connection = new SqliteConnection($"Data Source={folder.File("data/ledger.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
            await command.ExecuteNonQueryAsync();
        }

        await LedgerCommand.MustAsync("backup", folder.File("backup"), "--data", folder.File("data"));
    }

    public ValueTask DisposeAsync()
    {
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Copies the data folder and the backup to where a test may spoil them.</summary>
    internal void CopyTo(TemporaryFolder other)
    {
        foreach (var path in Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories))
        {
            var to = other.File(Path.GetRelativePath(folder.Path, path));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(path, to);
        }
    }

    private static JsonNode EventOf(int number) => NativeClient.Event(
        "rollcall.session.started",
        new DateTimeOffset(2025, 1, 7, 9, 0, 0, TimeSpan.Zero).AddSeconds(number),
        new JsonObject
        {
            ["host"] = new JsonObject { ["name"] = $"RDS-{number % 50:D2}" },
            ["os_session_id"] = number.ToString(),
            ["user"] = $"user{number}",
        }, id: $"event-{number}");
}

/// <summary>A ledger or a backup that somebody changed is not sound, and what is wrong is said.</summary>
public sealed class VerifyTests : IClassFixture<SoundLedger>, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public VerifyTests(SoundLedger sound) => sound.CopyTo(folder);

    /// <summary>As somebody would who can write the file and computes the digest right, but has no key.</summary>
    private const string CutByHand =
        """
        INSERT INTO ledger_checkpoints (tenant, batch, last_seq, hash, made_ms, digest, seal) SELECT tenant, no, last_seq, hash, 0, hash, zeroblob(60) FROM event_batches WHERE no = 2;
        DELETE FROM session_events WHERE seq <= 80; DELETE FROM events WHERE seq <= 80; DELETE FROM event_batches WHERE no <= 2
        """;

    private string Data => folder.File("data");

    private string Ledger => folder.File("data/ledger.db");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_sound_ledger_is_told_with_its_counts_and_its_chain()
    {
        var printed = await LedgerCommand.MustAsync("verify", "--data", Data);

        Assert.Contains("200 events in 5 batches, 200 sessions, chain ", printed, StringComparison.Ordinal);
        Assert.Contains("Nothing is wrong", printed, StringComparison.Ordinal);
        Assert.Contains("200 events in 5 batches, 200 sessions, chain ", await LedgerCommand.MustAsync("verify", folder.File("backup")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE events SET clear = CAST(replace(CAST(clear AS TEXT), 'event-7', 'event-8') AS BLOB) WHERE seq = 8", "batch 1 (events 1 to 40")]
    [InlineData("UPDATE events SET personal = CAST(replace(CAST(personal AS TEXT), 'user7', 'user8') AS BLOB) WHERE seq = 8", "event 8: its personal part is not the one it was stored with")]
    [InlineData("DELETE FROM events WHERE seq = 50", "batch 2 has 39 of its 40 events (41 to 80)")]
    [InlineData("DELETE FROM events WHERE seq > 160; DELETE FROM event_batches WHERE no = 5", "events of sessions are missing")]
    [InlineData("DELETE FROM event_batches WHERE no = 3", "batch 4 follows batch 2: those between are missing")]
    [InlineData("UPDATE event_batches SET received_ms = received_ms + 1 WHERE no = 3", "batch 3 (events 81 to 120")]
    [InlineData("UPDATE event_batches SET hash = zeroblob(32) WHERE no = 3", "batch 4 is not chained to the batch before it")]
    [InlineData("DELETE FROM event_batches WHERE no = 5", "event 161 belongs to no batch")]
    [InlineData("UPDATE event_batches SET received_ms = 9000000000000000000 WHERE no = 3", "batch 3 (events 81 to 120, arrived 9000000000000000000)")]
    [InlineData("PRAGMA foreign_keys = OFF; UPDATE tenants SET id = 'nobody'", "a tenant has the id nobody, which is none")]
    [InlineData(CutByHand, "the checkpoint at batch 2 is not sealed by the server's key")]
    [InlineData(CutByHand, "its chain was cut, though nothing was ever to go")]
    [InlineData("INSERT INTO removed_leaves (tenant, seq, leaf) SELECT tenant, 999, hash FROM event_batches WHERE no = 1", "events were removed, though nothing was ever to go")]
    [InlineData("PRAGMA foreign_keys = OFF; DELETE FROM tenants", "200 events belong to no tenant of the ledger")]
    public async Task What_somebody_changed_is_found_and_placed(string change, string found)
    {
        Assert.NotEqual(0, await ChangeAsync(change));

        Assert.Contains(found, await LedgerCommand.RefusedAsync("verify", "--data", Data), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_personal_part_that_was_destroyed_with_its_salt_leaves_the_chain_whole()
    {
        await using (var connection = new SqliteConnection($"Data Source={Ledger};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE events SET personal = NULL, salt = NULL WHERE seq = 8";
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        await LedgerCommand.MustAsync("verify", "--data", Data);
    }

    [Theory, InlineData("ledger.db", "ledger.db is damaged"), InlineData("server.key", "server.key is damaged"), InlineData("manifest.json", "is damaged"), InlineData("manifest.sha256", "is damaged")]
    public async Task Any_damaged_byte_of_a_backup_is_found_and_not_restored(string name, string found)
    {
        var path = folder.File("backup/" + name);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[bytes.Length / 3] ^= 0x10;
        await File.WriteAllBytesAsync(path, bytes);

        Assert.Contains(found, await LedgerCommand.RefusedAsync("verify", folder.File("backup")), StringComparison.Ordinal);
        Assert.Contains("damaged", await LedgerCommand.RefusedAsync("restore", folder.File("backup"), "--data", folder.File("again")), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("again/ledger.db")));
    }

    [Fact]
    public async Task A_page_that_is_torn_is_said_by_the_file_and_the_rest_is_looked_at()
    {
        await using (var file = new FileStream(Ledger, FileMode.Open, FileAccess.ReadWrite))
        {
            for (var page = 20; page < file.Length / 4096; page += 7)
            {
                file.Position = (page * 4096L) + 100;
                file.Write(new byte[2000]);
            }
        }

        var said = await LedgerCommand.RefusedAsync("verify", "--data", Data);
        Assert.Contains("SQLite: ", said, StringComparison.Ordinal);
        Assert.Contains("things are wrong", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("this is a letter", "cannot be read")]
    [InlineData("", "is no ledger")]
    public async Task A_file_that_is_no_ledger_is_said_to_be_none(string content, string found)
    {
        Directory.CreateDirectory(folder.File("strange"));
        await File.WriteAllTextAsync(folder.File("strange/ledger.db"), content);

        Assert.Contains(found, await LedgerCommand.RefusedAsync("verify", "--data", folder.File("strange")), StringComparison.Ordinal);
        Assert.Contains(found, await LedgerCommand.RefusedAsync("backup", folder.File("new"), "--data", folder.File("strange")), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("new")) || Directory.Exists(folder.File("new.part")));
    }

    [Fact]
    public async Task A_check_that_is_stopped_says_nothing_about_the_file()
    {
        await ChangeAsync("CREATE TABLE filler (text TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) INSERT INTO filler SELECT printf('%064d', i) FROM n");
        using var stop = new CancellationTokenSource();
        using var inspection = SqliteLedgerFile.Inspect(Ledger, openSeal: null);

        Assert.ThrowsAny<OperationCanceledException>(() => inspection.Check(_ => stop.Cancel(), stop.Token).First());
    }

    [Fact]
    public async Task A_ledger_from_before_retention_is_not_called_damaged()
    {
        await ChangeAsync("DROP TABLE removed_leaves; DROP TABLE ledger_checkpoints; PRAGMA user_version = 11");

        Assert.Contains("has schema 11, which is older", await LedgerCommand.RefusedAsync("verify", "--data", Data), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", "is not of format")]
    [InlineData("""{"path":"ledger.db-wal","size_bytes":1,"sha256":"00"}""", "is not of format")]
    [InlineData("""{"path":"exports/../../x","size_bytes":1,"sha256":"00"}""", "is not of format")]
    [InlineData("""{"path":"Ledger.db","size_bytes":1,"sha256":"00"}""", "is not of format")]
    [InlineData("""{"path":"exports/\u001b[2J","size_bytes":1,"sha256":"00"}""", "exports/\uFFFD[2J is missing")]
    public async Task A_manifest_that_somebody_else_wrote_reaches_nothing_but_what_a_backup_has(string file, string found)
    {
        RewriteManifest(manifest => manifest["files"]!.AsArray().Add(JsonNode.Parse(file)));

        Assert.Contains(found, await LedgerCommand.RefusedAsync("verify", folder.File("backup")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_manifest_without_a_ledger_is_none()
    {
        RewriteManifest(manifest => manifest["files"]!.AsArray().RemoveAt(0));

        Assert.Contains("is not of format", await LedgerCommand.RefusedAsync("verify", folder.File("backup")), StringComparison.Ordinal);
        Assert.Contains("is not of format", await LedgerCommand.RefusedAsync("restore", folder.File("backup"), "--data", folder.File("again")), StringComparison.Ordinal);
    }

    [Theory, InlineData("-wal"), InlineData("-shm"), InlineData("-journal")]
    public async Task What_another_ledger_left_beside_its_file_is_not_read_into_a_restored_one(string suffix)
    {
        Directory.CreateDirectory(folder.File("again"));
        await File.WriteAllTextAsync(folder.File("again/ledger.db" + suffix), "pages of another ledger");

        Assert.Contains($"has a file ledger.db{suffix}", await LedgerCommand.RefusedAsync("restore", folder.File("backup"), "--data", folder.File("again")), StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("again/ledger.db")));
    }

    [Fact]
    public async Task A_restore_that_was_killed_before_the_ledger_had_its_name_is_done_by_doing_it_again()
    {
        await LedgerCommand.MustAsync("restore", folder.File("backup"), "--data", folder.File("again"));
        File.Move(folder.File("again/ledger.db"), folder.File("again/ledger.db.restoring"));

        await LedgerCommand.MustAsync("restore", folder.File("backup"), "--data", folder.File("again"));

        Assert.True(File.Exists(folder.File("again/ledger.db")));
        Assert.Empty(Directory.GetFiles(folder.File("again"), "*.restoring"));
        File.Move(folder.File("again/ledger.db"), folder.File("again/ledger.db.restoring"));
        await File.WriteAllTextAsync(folder.File("again/server.key"), "another key");
        Assert.Contains("has a file server.key already", await LedgerCommand.RefusedAsync("restore", folder.File("backup"), "--data", folder.File("again")), StringComparison.Ordinal);
        Assert.Equal("another key", await File.ReadAllTextAsync(folder.File("again/server.key")));
    }

    [Fact]
    public async Task A_ledger_of_a_newer_program_is_left_to_it()
    {
        await using (var connection = new SqliteConnection($"Data Source={Ledger};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 9999";
            await command.ExecuteNonQueryAsync();
        }

        Assert.Contains("has schema 9999", await LedgerCommand.RefusedAsync("verify", "--data", Data), StringComparison.Ordinal);
        Assert.Contains("has schema 9999", await LedgerCommand.RefusedAsync("backup", folder.File("new"), "--data", Data), StringComparison.Ordinal);
    }

    private async Task<int> ChangeAsync(string change)
    {
        await using var connection = new SqliteConnection($"Data Source={Ledger};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = change;
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Its digest too, as anybody can.</summary>
    private void RewriteManifest(Action<JsonNode> change)
    {
        var manifest = JsonNode.Parse(File.ReadAllText(folder.File("backup/manifest.json")))!;
        change(manifest);
        File.WriteAllText(folder.File("backup/manifest.json"), manifest.ToJsonString());
        File.WriteAllText(folder.File("backup/manifest.sha256"), $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(folder.File("backup/manifest.json"))))}  manifest.json\n");
    }
}
