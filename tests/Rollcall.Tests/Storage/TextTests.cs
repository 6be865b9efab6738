using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Core.Users;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Text that no engine may change: characters that one of them cannot keep, or folds in its own way.</summary>
public abstract class TextTests(StoreEngine engine)
{
    /// <summary>No two are one name; some would be if a character were left out, or written as others that are here too.</summary>
    private static readonly string[] Names =
        ["a", "a\0", "\0a", "a\u0001", "a\u0002", "a\u0001\u0002\u0002", "a\u0001\u0002\u0003", "a\u0003", "a\u0004", "\0", "\0\0", "a\0b", "ab", "é", "e\u0301", "ß", "ſ", "ı", "İ", "𐐨", "ǆ", "anna%", "anna_", "anna!", @"corp\anna"];

    [Fact]
    public async Task Names_that_differ_in_any_character_stay_different_and_come_back_as_they_were()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await store.Log.AppendAsync(TenantOne, [.. Names.Select((name, index) => Of(EventKind.SessionStarted, index, os: $"{index}", user: name) with { AppName = $"<{name}>" })], default);

        foreach (var name in Names)
        {
            var page = await store.Ledger.FindAsync(new SessionQuery(TenantOne) { User = name }, new PageWindow(0, 100), default);
            var same = Names.Where(other => NameKey.Of(other) == NameKey.Of(name)).Order(StringComparer.Ordinal);
            Assert.Equal(same, page.Items.Select(session => session.User).Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_part_of_a_name_is_found_in_exactly_the_names_that_have_it_whatever_its_letters()
    {
        await using var store = await TestStore.OpenAsync(engine);
        await new SqlIdentityStore(store.Database).AddTenantAsync(new(TenantOne, "one", Nine), default);
        var log = new SqlConnectionLog(store.Database);
        await new SqlEventLog(store.Database, new FakeClock(Nine.AddDays(1))).AppendAsync(
            TenantOne, [.. Names.Select((name, index) => Of(EventKind.SessionStarted, index, os: $"{index}", user: name) with { AppName = $"<{name}>" })], default);

        foreach (var part in (string[])["a", "\0", "\u0001", "\u0002", "\u0003", "\u0002\u0002", "é", "É", "ı", "I", "𐐀", "Ǆ", "%", "_", "!", @"\"])
        {
            var having = Names.Where(name => NameKey.Of(name).Contains(NameKey.Of(part), StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
            Assert.Equal(having, await NamesAsync(new ConnectionQuery(TenantOne) { UserContains = part }));
            Assert.Equal(having, await NamesAsync(new ConnectionQuery(TenantOne) { AppNameContains = part }));
        }

        async Task<List<string>> NamesAsync(ConnectionQuery query) =>
            [.. (await log.FindAsync(query, new PageWindow(0, 100), default)).Items.Select(found => found.User).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Users_come_in_the_order_of_their_folded_names_as_bytes()
    {
        await using var store = await TestStore.OpenAsync(engine);
        await new SqlIdentityStore(store.Database).AddTenantAsync(new(TenantOne, "one", Nine), default);
        IUserDirectory directory = new SqlUserDirectory(store.Database);
        var users = Names.DistinctBy(NameKey.Of).Select(name => new User { Tenant = TenantOne, Id = Guid.NewGuid().ToString("N"), Name = name, Domain = $"d{name}" }).ToList();
        await directory.PutAsync(TenantOne, users, default);

        var page = await directory.FindAsync(new UserQuery(TenantOne), cursor: null, take: 100, default);
        var found = await directory.FindAsync(new UserQuery(TenantOne) { Names = [.. Names], Domain = "DÉ" }, cursor: null, take: 100, default);

        Assert.Equal(users.Select(user => user.Name).OrderBy(name => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(NameKey.Of(name))), StringComparer.Ordinal), page.Items.Select(user => user.Name));
        Assert.Equal("é", Assert.Single(found.Items).Name);
    }
}

public sealed class SqliteTextTests() : TextTests(StoreEngine.Sqlite);

public sealed class Postgres15TextTests() : TextTests(StoreEngine.Postgres15);

public sealed class Postgres18TextTests() : TextTests(StoreEngine.Postgres18);
