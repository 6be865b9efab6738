using Microsoft.Data.Sqlite;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Users;
using Rollcall.Storage.Sql;
using Rollcall.Storage.Sqlite;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>The directory in a real store.</summary>
public sealed class UserDirectoryTests
{
    [Fact]
    public async Task A_stream_and_its_count_are_of_one_instant_whatever_is_written_meanwhile()
    {
        using var folder = new TemporaryFolder();
        await using var database = SqliteDatabase.Open(folder.File("ledger.db"));
        await new SqlIdentityStore(database).AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);
        IUserDirectory directory = new SqlUserDirectory(database);
        await directory.PutAsync(TenantOne, [Named("a"), Named("b"), Named("c")], default);

        await using (var stream = await directory.OpenAsync(new UserQuery(TenantOne), new PageWindow(0, int.MaxValue), default))
        {
            await directory.PutAsync(TenantOne, [Named("aa"), Named("z")], default);
            await directory.DeleteAsync(TenantOne, "b", default);

            Assert.Equal(3, stream.Total);
            Assert.Equal(["a", "b", "c"], await stream.Rows.Select(user => user.Name).ToListAsync());
        }

        await using var after = await directory.OpenAsync(new UserQuery(TenantOne), new PageWindow(1, 2), default);
        Assert.Equal(4, after.Total);
        Assert.Equal(["aa", "c"], await after.Rows.Select(user => user.Name).ToListAsync());
    }

    [Fact]
    public async Task A_stream_that_nobody_reads_to_its_end_lets_its_snapshot_go()
    {
        using var folder = new TemporaryFolder();
        await using var database = SqliteDatabase.Open(folder.File("ledger.db"));
        await new SqlIdentityStore(database).AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);
        IUserDirectory directory = new SqlUserDirectory(database);
        await directory.PutAsync(TenantOne, [Named("a"), Named("b"), Named("c")], default);

        await using (var stream = await directory.OpenAsync(new UserQuery(TenantOne), new PageWindow(0, int.MaxValue), default))
        {
            Assert.Equal("a", (await stream.Rows.FirstAsync()).Name);
            await directory.PutAsync(TenantOne, [Named("d")], default);
            Assert.False(IsLogEmptied(folder.File("ledger.db")), "the snapshot is held while rows may be read");
        }

        Assert.True(IsLogEmptied(folder.File("ledger.db")));
    }

    /// <summary>Whether everything in the log could be moved into the file: a reader of an older snapshot prevents it.</summary>
    private static bool IsLogEmptied(string path)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        return command.ExecuteScalar() is 0L;
    }

    private static User Named(string name) => new() { Tenant = TenantOne, Id = Guid.NewGuid().ToString("N"), Name = name };
}
