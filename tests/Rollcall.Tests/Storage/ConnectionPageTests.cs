using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>Pages of connections by cursor: on random ledgers they hold what anybody finds who looks at one connection after another.</summary>
public abstract class ConnectionPageTests(StoreEngine engine)
{
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public async Task Filters_alone_and_mixed_find_by_pages_what_somebody_finds_who_looks(int seed)
    {
        await using var ledger = await RandomLedger.FillAsync(engine, seed);
        var log = new ConnectionLogContract(new SqlConnectionLog(ledger.Database));
        var found = 0;
        foreach (var query in Queries().Sample(80))
        {
            var expected = ledger.Connections.Where(connection => Matches(query, connection)).Select(connection => connection.Id).ToList();
            var (ids, cursor) = (new List<string>(), default(string));
            do
            {
                var page = await log.FindAsync(query, cursor, take: 7, count: cursor is null, default);
                Assert.True(cursor is not null || page.Total == expected.Count);
                ids.AddRange(page.Items.Select(connection => connection.Id));
                cursor = page.NextCursor;
            }
            while (cursor is not null);

            Assert.Equal(expected, ids);
            found += ids.Count > 0 && ids.Count < ledger.Connections.Count ? 1 : 0;
        }

        Assert.True(found > 5, "some of the questions find some of the connections");
    }

    [Theory, InlineData("x"), InlineData("MS4y"), InlineData("MS4yLjMuNA"), InlineData("YS5iLmM")]
    public async Task A_cursor_that_was_never_given_out_is_refused(string cursor)
    {
        await using var ledger = await RandomLedger.FillAsync(engine, 1);

        var refused = await Assert.ThrowsAsync<FaultException>(() => new SqlConnectionLog(ledger.Database).FindAsync(new ConnectionQuery(TenantOne), cursor, take: 7, count: false, default));

        Assert.Equal("cursor", refused.Field);
    }

    private static bool Matches(ConnectionQuery query, Connection connection) =>
        (query.UserInAnyForm is not { } user || Same(connection.User, user) || (!user.Contains('\\', StringComparison.Ordinal) && Same(connection.User.Split('\\')[^1].Split('@')[0], user)))
        && (query.UserContains is not { } part || connection.User.Contains(part, StringComparison.OrdinalIgnoreCase))
        && (query.HostName is not { } host || Same(connection.Host.Name, host))
        && (query.ClientIpIn is not { } range || range.Contains(connection.Client?.Ip))
        && (query.IsFailed is not { } failed || failed == connection.Failure is not null)
        && (query.FailureCode is null || connection.Failure?.Code == query.FailureCode)
        && !(connection.RequestedAt < query.Requested.From) && !(connection.RequestedAt >= query.Requested.To);

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static Gen<ConnectionQuery> Queries() =>
        from user in Gen.Elements(null, null, null, "ANNA", @"corp\bob", "ünal")
        from part in Gen.Elements(null, null, null, "AN", "%", "雷")
        from host in Gen.Elements(null, null, "rds-1", "RDS-6")
        from range in Gen.Elements(null, null, "10.9.0.0/16", "::/0", "192.0.2.7")
        from failed in Gen.Elements<bool?>(null, null, true, false)
        from code in Gen.Elements(null, null, null, "7", "8")
        from hour in Gen.Choose(-6, 30)
        from hours in Gen.Choose(0, 40)
        select new ConnectionQuery(TenantOne)
        {
            UserInAnyForm = user,
            UserContains = part,
            HostName = host,
            ClientIpIn = range is null ? null : AddressRange.TryParse(range),
            IsFailed = failed,
            FailureCode = code,
            Requested = hours == 0 ? TimeRange.Always : new TimeRange(Nine.AddHours(hour), Nine.AddHours(hour + hours)),
        };
}

public sealed class SqliteConnectionPageTests() : ConnectionPageTests(StoreEngine.Sqlite);

public sealed class Postgres15ConnectionPageTests() : ConnectionPageTests(StoreEngine.Postgres15);

public sealed class Postgres18ConnectionPageTests() : ConnectionPageTests(StoreEngine.Postgres18);
