using System.Reflection;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Hosts;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Core.SignIns;
using Rollcall.Core.Users;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage.Postgres;

/// <summary>
/// How PostgreSQL answers every filter of every list, by the plans of the very statements that are sent: it reads no table of facts from end to end, and a filter
/// without matches costs no more than the names that it asks for and the range of one index.
/// </summary>
public abstract class FilterPlanTests(FilterPlanTests.Fleet fleet)
{
    /// <summary>Pages that finding some rows by an index and telling them with all their facts takes; the page of ten takes some 300.</summary>
    private const long PagePages = 500;

    private const int PageBytes = 8192;

    private static readonly TenantId TenantTwo = TenantId.Parse("00000000000000000000000000000002");
    private static readonly string[] Facts = ["session_rows", "connection_rows", "session_events", "events", "sign_ins"];
    private static readonly string[] Names = ["session_users", "session_places", "session_devices", "session_natures", "users", "hosts", "host_groups", "sources", "host_sources"];

    /// <summary>What a filter without matches may look at.</summary>
    internal enum Cost
    {
        /// <summary>The names, which show that there are none.</summary>
        Names,

        /// <summary>One range of one index.</summary>
        Range,
    }

    [Fact]
    public async Task Every_filter_and_order_of_sessions_is_answered_by_an_index()
    {
        var ledger = new SqlSessionLedger(fleet.Database);
        var all = new SessionQuery(TenantOne);
        var soon = new TimeRange(StoredFleet.At(StoredFleet.Sessions + 10), null);
        var late = StoredFleet.At(StoredFleet.Sessions);
        Case<SessionQuery>[] cases =
        [
            new(all, all with { Started = soon }, Cost.Range),
            new(all with { Ended = new(StoredFleet.At(1000), StoredFleet.At(2000)) }, all with { Ended = soon }, Cost.Range),
            new(all with { EndedOrOpenBefore = late }, all with { EndedOrOpenBefore = StoredFleet.At(0) }, Cost.Range),
            new(all with { Overlapping = new(StoredFleet.At(1000), StoredFleet.At(2000)) }, all with { Overlapping = new(null, StoredFleet.At(0)) }, Cost.Range),
            new(all with { ActiveAt = StoredFleet.At(50_000) }, all with { ActiveAt = StoredFleet.At(0) }, Cost.Range),
            new(all with { OpenSinceBefore = late }, all with { OpenSinceBefore = StoredFleet.At(0) }, Cost.Range),
            new(all with { User = @"CORP\user77" }, all with { User = "nobody" }, Cost.Names),
            new(all with { UserInAnyForm = "user77" }, all with { UserInAnyForm = "nobody" }, Cost.Names),
            new(all with { UserInAnyForm = @"CORP\user77" }, all with { UserInAnyForm = @"CORP\nobody" }, Cost.Names),
            new(all with { UserContains = "ser77" }, all with { UserContains = "nobody" }, Cost.Names),
            new(all with { HostName = "rds-7" }, all with { HostName = "rds-none" }, Cost.Names),
            new(all with { HostGroupId = "group-3" }, all with { HostGroupId = "none" }, Cost.Names),
            new(all with { HostIp = "10.0.0.9" }, all with { HostIp = "none" }, Cost.Names),
            new(all with { PublicIp = "192.0.2.9" }, all with { PublicIp = "none" }, Cost.Names),
            new(all with { ClientIpIn = AddressRange.TryParse("10.1.0.0/16") }, all with { ClientIpIn = AddressRange.TryParse("10.9.0.0/16") }, Cost.Names),
            new(all with { PublicIpIn = AddressRange.TryParse("192.0.2.0/25") }, all with { PublicIpIn = AddressRange.TryParse("10.9.0.0/16") }, Cost.Names),
            new(all with { ClientContains = "pc-77" }, all with { ClientContains = "none" }, Cost.Names),
            new(all with { AppContains = "app 7" }, all with { AppContains = "none" }, Cost.Names),
            new(all with { Kind = SessionKind.Desktop }, all with { Kind = SessionKind.Application }, Cost.Range),
            new(all with { Protocol = "rdp" }, all with { Protocol = "none" }, Cost.Names),
            new(all with { FailureCode = "7" }, all with { FailureCode = "none" }, Cost.Names),
            new(all with { EndSource = EndTimeSource.Reported }, all with { EndSource = EndTimeSource.Superseded }, Cost.Range),
            new(all with { States = [SessionState.Active] }, all with { States = [SessionState.Disconnected] }, Cost.Range),
            new(all with { States = [SessionState.Ended] }, all with { States = [SessionState.Initializing, SessionState.Disconnected] }, Cost.Range),
            new(all with { Created = true }, all with { Created = false, Started = soon }, Cost.Range),
            new(all with { User = @"CORP\user77", Started = new(StoredFleet.At(0), late) }, all with { User = @"CORP\user77", Started = soon }, Cost.Names),
            new(all with { HostName = "rds-7", States = [SessionState.Active] }, all with { HostName = "rds-7", Started = soon }, Cost.Names),
        ];

        await fleet.HoldAsync(cases, "sessions_start", query => PagesAsync(ledger, query));

        AssertEveryFilter(cases, nameof(SessionQuery.SortedAt), nameof(SessionQuery.Sort));
        foreach (var sort in Enum.GetValues<SessionSort>())
        {
            var sorted = cases.Where(one => one.Some == all || one.Some.Kind is not null || one.Some.UserInAnyForm is not null || one.Some.HostGroupId is not null);
            await fleet.HoldAsync([.. sorted.Select(one => one.With(query => query with { Sort = sort, SortedAt = late }))], "sessions_start", query => PagesAsync(ledger, query));
        }
    }

    [Fact]
    public async Task Every_filter_of_connections_is_answered_by_an_index()
    {
        var log = new SqlConnectionLog(fleet.Database);
        var all = new ConnectionQuery(TenantOne);
        var soon = new TimeRange(StoredFleet.At(StoredFleet.Sessions + 10), null);
        Case<ConnectionQuery>[] cases =
        [
            new(all, all with { Requested = soon }, Cost.Range),
            new(all with { Changed = new(StoredFleet.At(1000), StoredFleet.At(2000)) }, all with { Changed = soon }, Cost.Range),
            new(all with { Id = (await log.FindAsync(all, cursor: null, take: 1, count: false, default)).Items[0].Id }, all with { Id = "none" }, Cost.Range),
            new(all with { Kind = SessionKind.Desktop }, all with { Kind = SessionKind.Application }, Cost.Range),
            new(all with { User = @"CORP\user77" }, all with { User = "nobody" }, Cost.Names),
            new(all with { UserInAnyForm = "user77" }, all with { UserInAnyForm = "nobody" }, Cost.Names),
            new(all with { UserInAnyForm = @"CORP\user77" }, all with { UserInAnyForm = @"CORP\nobody" }, Cost.Names),
            new(all with { UserContains = "ser77" }, all with { UserContains = "nobody" }, Cost.Names),
            new(all with { UserDomain = "corp" }, all with { UserDomain = "none" }, Cost.Names),
            new(all with { Subproject = "sub-1" }, all with { Subproject = "none" }, Cost.Names),
            new(all with { HostName = "rds-7" }, all with { HostName = "rds-none" }, Cost.Names),
            new(all with { HostSid = "S-1-7" }, all with { HostSid = "none" }, Cost.Names),
            new(all with { HostIp = "10.0.0.9" }, all with { HostIp = "none" }, Cost.Names),
            new(all with { HostGroupId = "group-3" }, all with { HostGroupId = "none" }, Cost.Names),
            new(all with { HostGroupName = "group 3" }, all with { HostGroupName = "none" }, Cost.Names),
            new(all with { AppNameContains = "app 7" }, all with { AppNameContains = "none" }, Cost.Names),
            new(all with { ClientName = "pc-77" }, all with { ClientName = "none" }, Cost.Names),
            new(all with { ClientType = "soft" }, all with { ClientType = "none" }, Cost.Names),
            new(all with { ClientTypeContains = "of" }, all with { ClientTypeContains = "none" }, Cost.Names),
            new(all with { ClientVersion = "1.3" }, all with { ClientVersion = "none" }, Cost.Names),
            new(all with { PublicIp = "192.0.2.9" }, all with { PublicIp = "none" }, Cost.Names),
            new(all with { ClientIpIn = AddressRange.TryParse("10.1.0.0/16") }, all with { ClientIpIn = AddressRange.TryParse("10.9.0.0/16") }, Cost.Names),
            new(all with { IsFailed = false }, all with { IsFailed = true, Requested = soon }, Cost.Range),
            new(all with { IsFailed = true }, all with { IsFailed = true, NetworkRttMsMin = 1000 }, Cost.Range),
            new(all with { AgentVersion = "2.3" }, all with { AgentVersion = "none" }, Cost.Names),
            new(all with { FailureCode = "7" }, all with { FailureCode = "none" }, Cost.Names),
            new(all with { FailureReason = "no licence" }, all with { FailureReason = "none" }, Cost.Names),
            new(all with { NetworkRttMsMin = 40 }, all with { NetworkRttMsMin = 1000 }, Cost.Range),
            new(all with { NetworkRttMsMax = 40 }, all with { NetworkRttMsMax = -1 }, Cost.Range),
            new(all with { EndToEndRttMsMin = 40 }, all with { EndToEndRttMsMin = 1000 }, Cost.Range),
            new(all with { EndToEndRttMsMax = 40 }, all with { EndToEndRttMsMax = -1 }, Cost.Range),
            new(all with { User = @"CORP\user77", IsFailed = false }, all with { User = @"CORP\user77", Requested = soon }, Cost.Names),
        ];

        await fleet.HoldAsync(cases, "connections_requested", async query =>
        {
            var first = await log.FindAsync(query, cursor: null, take: 10, count: true, default);
            if (first.NextCursor is { } next)
                await log.FindAsync(query, next, take: 10, count: false, default);
            await log.FindAsync(query, new PageWindow(20, 10), default);
            return first.Total!.Value;
        });

        AssertEveryFilter(cases);
    }

    [Fact]
    public async Task Every_filter_of_sign_ins_is_answered_by_an_index()
    {
        var log = new SqlSignInLog(fleet.Database);
        var all = new SignInQuery(TenantOne);
        var soon = new TimeRange(StoredFleet.At(StoredFleet.Sessions + 10), null);
        Case<SignInQuery>[] cases =
        [
            new(all, all with { Started = soon }, Cost.Range),
            new(all with { OperatorName = "operator7" }, all with { OperatorName = "nobody" }, Cost.Names),
            new(all with { Host = "pc-7" }, all with { Host = "none" }, Cost.Range),
            new(all with { ClientAddressIn = AddressRange.TryParse("10.2.0.0/16") }, all with { ClientAddressIn = AddressRange.TryParse("10.9.0.0/16") }, Cost.Range),
            new(all with { LastingAt = StoredFleet.At(0) }, all with { LastingAt = StoredFleet.At(StoredFleet.Sessions) }, Cost.Range),
        ];

        await fleet.HoldAsync(cases, "sign_ins_started", async query =>
        {
            var first = await log.FindAsync(query, cursor: null, take: 10, count: true, default);
            if (first.NextCursor is { } next)
                await log.FindAsync(query, next, take: 10, count: false, default);
            return first.Total!.Value;
        });
        await fleet.HoldAsync(
            [new Case<(long, string)>((7, "operator7"), (7777, "nobody"), Cost.Names)],
            "sign_ins_started",
            async one => (await log.FindAsync(TenantOne, one.Item1, one.Item2, take: 100, default)).Count);

        AssertEveryFilter(cases);
    }

    [Fact]
    public async Task Every_filter_of_users_and_hosts_looks_at_each_of_them_once_at_most()
    {
        var users = new SqlUserDirectory(fleet.Database);
        var people = new UserQuery(TenantOne);
        Case<UserQuery>[] ofUsers =
        [
            new(people with { NameContains = "ser77" }, people with { NameContains = "none" }, Cost.Names),
            new(people with { Names = ["user7", "user8"] }, people with { Names = ["none"] }, Cost.Names),
            new(people with { DescriptionContains = "number 7" }, people with { DescriptionContains = "none" }, Cost.Names),
            new(people with { Activation = Activation.Self }, people with { Activation = Activation.Administrator }, Cost.Names),
            new(people with { Sharing = false }, people with { Sharing = true }, Cost.Names),
            new(people with { HasSharedDesktops = false }, people with { HasSharedDesktops = true }, Cost.Names),
            new(people with { Subproject = new("sub-1", IsDefault: false) }, people with { Subproject = new("none", IsDefault: true) }, Cost.Names),
            new(people with { Group = "Staff" }, people with { Group = "none" }, Cost.Names),
            new(people with { Enabled = true }, people with { Enabled = false }, Cost.Names),
            new(people with { Domain = "CORP" }, people with { Domain = "none" }, Cost.Names),
        ];
        await fleet.HoldAsync(ofUsers, "users_name", async query => (await users.FindAsync(query, cursor: null, take: 10, default)).Total!.Value);
        AssertEveryFilter(ofUsers);

        var hosts = new SqlHostDirectory(fleet.Database);
        var machines = new HostQuery(TenantOne, TimeSpan.FromSeconds(5));
        Case<HostQuery>[] ofHosts =
        [
            new(machines with { NameContains = "rds-7" }, machines with { NameContains = "none" }, Cost.Names),
            new(machines with { GroupId = "group-7" }, machines with { GroupId = "none" }, Cost.Names),
            new(machines with { Source = "agent://a" }, machines with { Source = "none" }, Cost.Names),
            new(machines with { IsSilent = false }, machines with { IsSilent = true }, Cost.Names),
            new(machines with { IsSkewed = false }, machines with { IsSkewed = true }, Cost.Names),
            new(machines with { Has = HostTrait.OpenSessions }, machines with { Has = HostTrait.Late }, Cost.Names),
            new(machines with { Order = HostOrder.MostOpenSessions }, machines with { Has = HostTrait.Rejected }, Cost.Names),
        ];
        await fleet.HoldAsync(ofHosts, "sessions_open", async query => (await hosts.FindAsync(query, cursor: null, take: 10, count: true, default)).Total!.Value);
        AssertEveryFilter(ofHosts, nameof(HostQuery.SkewLimit));
    }

    /// <summary>The ways in which the native API and the dialects ask: by cursor and by offset.</summary>
    private static async Task<long> PagesAsync(SqlSessionLedger ledger, SessionQuery query)
    {
        var first = await ledger.FindAsync(query, cursor: null, take: 10, count: true, default);
        if (first.NextCursor is { } next)
            await ledger.FindAsync(query, next, take: 10, count: false, default);
        await ledger.FindAsync(query, new PageWindow(20, 10), default);
        return first.Total!.Value;
    }

    /// <summary>A filter that is added must come here too.</summary>
    private static void AssertEveryFilter<T>(IReadOnlyList<Case<T>> cases, params string[] except)
        where T : notnull
    {
        var filters = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(filter => filter.Name is not "Tenant" && !except.Contains(filter.Name)).ToList();
        Assert.NotEmpty(filters);
        var plain = typeof(T).GetConstructors().First(made => made.GetParameters() is [{ ParameterType.Name: nameof(TenantId) }, ..]);
        var nothing = plain.Invoke([.. plain.GetParameters().Select(parameter => parameter.ParameterType == typeof(TenantId) ? TenantOne : Activator.CreateInstance(parameter.ParameterType))]);
        Assert.All(filters, filter => Assert.Contains(cases, one => !Equals(filter.GetValue(one.None), filter.GetValue(nothing)) || !Equals(filter.GetValue(one.Some), filter.GetValue(nothing))));
    }

    /// <param name="Some">Has matches.</param>
    /// <param name="None">Has none.</param>
    /// <param name="OfNone">What that may cost at most.</param>
    internal sealed record Case<T>(T Some, T None, Cost OfNone)
    {
        public Case<T> With(Func<T, T> change) => new(change(Some), change(None), OfNone);
    }

    /// <summary>Filled once for all questions.</summary>
    public abstract class Fleet(StoreEngine engine) : IAsyncLifetime
    {
        private TestStore? store;
        private ExplainingDatabase? database;

        internal ExplainingDatabase Database => database!;

        public async ValueTask InitializeAsync()
        {
            store = await TestStore.OpenAsync(engine);
            database = new ExplainingDatabase(store.Database);
            var identities = new SqlIdentityStore(store.Database);
            await identities.AddTenantAsync(new Tenant(TenantOne, "one", Nine), default);
            await identities.AddTenantAsync(new Tenant(TenantTwo, "two", Nine), default);
            await using var session = await (await PostgresServers.GetAsync(engine)).ConnectAsync(store.Name);
            await StoredFleet.FillAsync(session, TenantOne, TenantTwo);
        }

        /// <param name="index">Whose range of one tenant bounds what a question without matches may look at.</param>
        /// <param name="ask">Returns the number of matches.</param>
        internal async Task HoldAsync<T>(IReadOnlyList<Case<T>> cases, string index, Func<T, Task<long>> ask)
        {
            var names = PagePages;
            foreach (var name in Names)
                names += await store!.NumberAsync($"SELECT pg_table_size('{name}') / {PageBytes}");
            // Both tenants have as many rows.
            var range = names + await store!.NumberAsync($"SELECT pg_relation_size('{index}') / {PageBytes} / 2");
            Database.TakePlans();
            var wrong = new List<string>();
            foreach (var one in cases)
            {
                Assert.NotEqual(0, await ask(one.Some));
                wrong.AddRange(TooMuch($"{one.Some}", Database.TakePlans(), long.MaxValue));
                Assert.Equal(0, await ask(one.None));
                wrong.AddRange(TooMuch($"{one.None}", Database.TakePlans(), one.OfNone is Cost.Names ? names : range));
            }

            Assert.True(wrong.Count == 0, $"{wrong.Count} plans:\n{string.Join("\n\n", wrong)}");
        }

        private static IEnumerable<string> TooMuch(string asked, IReadOnlyList<Plan> plans, long pagesMax)
        {
            Assert.NotEmpty(plans); // what was not sent says nothing
            return plans.Where(plan => plan.Buffers > pagesMax || plan.WalkedTables.Intersect(Facts).Any())
                .Select(plan => $"{asked}\n{plan.Buffers} pages, at most {pagesMax}; {string.Join(", ", plan.WalkedTables)}\n{plan}");
        }

        public async ValueTask DisposeAsync()
        {
            if (store is not null)
                await store.DisposeAsync();
            GC.SuppressFinalize(this);
        }
    }

    public sealed class Fleet15() : Fleet(StoreEngine.Postgres15);

    public sealed class Fleet18() : Fleet(StoreEngine.Postgres18);
}

public sealed class Postgres15FilterPlanTests(FilterPlanTests.Fleet15 fleet) : FilterPlanTests(fleet), IClassFixture<FilterPlanTests.Fleet15>;

public sealed class Postgres18FilterPlanTests(FilterPlanTests.Fleet18 fleet) : FilterPlanTests(fleet), IClassFixture<FilterPlanTests.Fleet18>;
