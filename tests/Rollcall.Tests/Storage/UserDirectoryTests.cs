using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Users;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>The directory in a real store.</summary>
public abstract class UserDirectoryTests(StoreEngine engine)
{
    [Fact]
    public async Task A_stream_and_its_count_are_of_one_instant_whatever_is_written_meanwhile()
    {
        await using var store = await TestStore.OpenAsync(engine);
        var database = store.Database;
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
        await using var store = await TestStore.OpenAsync(engine);
        var database = store.Database;
        await new SqlIdentityStore(database).AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);
        IUserDirectory directory = new SqlUserDirectory(database);
        await directory.PutAsync(TenantOne, [Named("a"), Named("b"), Named("c")], default);

        await using (var stream = await directory.OpenAsync(new UserQuery(TenantOne), new PageWindow(0, int.MaxValue), default))
        {
            Assert.Equal("a", (await stream.Rows.FirstAsync()).Name);
            await directory.PutAsync(TenantOne, [Named("d")], default);
            Assert.True(await store.IsSnapshotHeldAsync(), "while rows may be read");
        }

        Assert.False(await store.IsSnapshotHeldAsync());
    }

    private static User Named(string name) => new() { Tenant = TenantOne, Id = Guid.NewGuid().ToString("N"), Name = name };
}

public sealed class SqliteUserDirectoryTests() : UserDirectoryTests(StoreEngine.Sqlite);

public sealed class Postgres15UserDirectoryTests() : UserDirectoryTests(StoreEngine.Postgres15);

public sealed class Postgres18UserDirectoryTests() : UserDirectoryTests(StoreEngine.Postgres18);
