using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>What a real store counts of what is sent to it, and what it makes of hosts' clocks. Its clock starts a day after the events.</summary>
public abstract class HostHealthTests(StoreEngine engine)
{
    private static readonly TimeSpan Limit = HealthLimits.Default.ClockSkew;
    private static readonly DateTimeOffset NextDay = Nine.AddDays(1);

    [Fact]
    public async Task Every_event_is_counted_as_what_became_of_it()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await SendAsync(store, At(0, "in time"));
        store.Clock.Advance(TimeSpan.FromMinutes(20));

        await SendAsync(store, At(1, "late"), At(1, "late"), At(-60, "history"), At(2, "in time"));

        var host = await HostAsync(store);
        Assert.Equal(new EventCounts(Accepted: 3, Duplicate: 1, Late: 1, Backfilled: 1, Rejected: 1), host.Host.Events);
        Assert.Equal(host.Host.Events, Assert.Single(host.Sources).Events);
        Assert.Equal((NextDay, NextDay.AddMinutes(20)), (host.Sources[0].FirstReceivedAt, host.Sources[0].LastReceivedAt));
    }

    [Fact]
    public async Task An_event_at_the_limit_is_in_time_and_one_a_millisecond_older_is_late()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await SendAsync(store, At(0, "first"));
        store.Clock.Advance(TimeSpan.FromMinutes(20));

        await SendAsync(store, At(5, "at the limit"), At(5, "older") with { At = NextDay.AddMinutes(5).AddMilliseconds(-1) });

        Assert.Equal(1, (await HostAsync(store)).Host.Events.Late);
    }

    [Fact]
    public async Task An_old_log_imported_again_and_again_is_history_and_says_nothing_of_the_clock()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        for (var month = 0; month < 3; month++)
        {
            await SendAsync(store, [.. Enumerable.Range(0, 40).Select(minute => At(minute - 20_000, $"line {month * 20 + minute}") with { At = NextDay.AddMinutes((month * 20) + minute - 20_000) })]);
            store.Clock.Advance(TimeSpan.FromDays(1));
        }

        var host = (await HostAsync(store)).Host;
        Assert.Equal(new EventCounts(80, 40, 0, 80, 0), host.Events);
        Assert.Null(host.Skew);
    }

    [Fact]
    public async Task What_is_rejected_counts_for_the_host_else_the_source_else_the_tenant()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await SendAsync(store, At(0, "known"));

        await store.Log.AppendAsync(
            TenantOne, [], [new("agent://a", "rds-07", null), new("agent://b", "unknown host", null), new(null, null, null), new(null, "RDS-07", null)], default);

        var host = await HostAsync(store);
        Assert.Equal((2, 2L), (host.Host.Events.Rejected, host.SourceCount));
        Assert.Single(host.Sources, source => source.Source is null && source.Events.Rejected == 1);
        var health = await HealthAsync(store);
        Assert.Equal((4, 1L, 3L), (health.Events.Rejected, health.Hosts, health.Sources.Count));
        Assert.Equal([null, "agent://a", "agent://b"], health.Sources.First.Select(source => source.Source).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_the_sources_those_that_only_repeat_come_last()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await SendAsync(store, At(0, "x", "import://repeats"), At(0, "x", "import://fine"));
        await store.Log.AppendAsync(TenantOne, [], [new("script://wrong", null, null)], default);
        store.Clock.Advance(TimeSpan.FromHours(1));
        await SendAsync(store, At(0, "x", "import://repeats"));

        var sources = (await HealthAsync(store)).Sources;

        Assert.Equal((2, "script://wrong", "import://repeats"), (sources.Count, sources.First[0].Source, sources.First[1].Source));
    }

    [Fact]
    public async Task What_the_server_and_operators_write_is_counted_for_nobody()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await SendAsync(store, Of(EventKind.SessionStarted, 0), Beat(1, [Line("3")]));
        await store.JudgeSilenceAsync();
        await SendAsync(store, Word(EventKind.SessionClosed, 4, Of(EventKind.SessionStarted, 0)));

        var host = await HostAsync(store);

        Assert.Equal((new EventCounts(1, 0, 0, 1, 0), 1L), (host.Host.Events, host.Host.Beats));
        Assert.Equal("agent://a", Assert.Single(host.Sources).Source);
    }

    [Fact]
    public async Task A_machine_that_was_only_signed_in_from_is_no_host()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await SendAsync(store, Of(EventKind.SignInStarted, 0) with { Host = new HostFacts { Name = "LT-1" }, SignIn = new SignInFacts("jsmith", 5, 1) });

        Assert.Null(await store.Hosts.TryGetAsync(TenantOne, "LT-1", default));
        Assert.Equal(0, (await FindAsync(store)).Total);
        Assert.Equal((0, 1), ((await HealthAsync(store)).Hosts, (await HealthAsync(store)).Events.Accepted));
    }

    [Fact]
    public async Task A_beat_from_the_future_proves_a_clock_ahead_at_once_and_is_warned_about_once()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var warnings = new List<ClockWarning>();
        for (var beat = 0; beat < 5; beat++)
            warnings.AddRange(await BeatAsync(store, beat * 30, ahead: TimeSpan.FromSeconds(90)));

        var host = (await HostAsync(store)).Host;

        Assert.Equal(new ClockSkew(90_000, SkewBasis.Beats, NextDay.AddSeconds(120)), host.Skew);
        Assert.Equal(new ClockWarning("RDS-07", 90_000), Assert.Single(warnings));
        Assert.Equal(1, (await HealthAsync(store)).Skewed.Count);
    }

    [Fact]
    public async Task A_clock_behind_is_believed_when_it_was_behind_for_two_windows()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await BeatAsync(store, 0, ahead: TimeSpan.FromHours(-1));
        Assert.Null((await HostAsync(store)).Host.Skew);

        var warnings = await BeatAsync(store, 300, ahead: TimeSpan.FromHours(-1));

        Assert.Equal(-3_600_000, (await HostAsync(store)).Host.Skew!.Ms);
        Assert.Equal(-3_600_000, Assert.Single(warnings).SkewMs);
    }

    [Fact]
    public async Task An_agent_that_kept_its_beats_for_an_hour_is_not_skewed_by_an_hour()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await BeatAsync(store, 0, ahead: TimeSpan.FromMilliseconds(-20));
        store.Clock.Advance(TimeSpan.FromHours(1));
        var warnings = new List<ClockWarning>();
        for (var minute = 1; minute <= 60; minute++)
        {
            var receipt = await store.Log.AppendAsync(TenantOne, [Beat(0, [], id: $"kept {minute}") with { At = NextDay.AddMinutes(minute).AddMilliseconds(-20) }], default);
            warnings.AddRange(receipt.ClockWarnings);
            Assert.Equal(-20, (await HostAsync(store)).Host.Skew!.Ms);
        }

        Assert.Empty(warnings);
    }

    [Fact]
    public async Task A_clock_that_was_set_right_is_believed_after_two_windows_and_a_new_fault_is_warned_about_anew()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await BeatAsync(store, 0, ahead: TimeSpan.FromMinutes(2));
        for (var second = 30; second <= 630; second += 30)
            Assert.Empty(await BeatAsync(store, second, ahead: TimeSpan.Zero));

        Assert.Equal(0, (await HostAsync(store)).Host.Skew!.Ms);
        Assert.Single(await BeatAsync(store, 660, ahead: TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public async Task Events_prove_a_clock_ahead_and_never_one_behind_and_beats_outweigh_them()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        Assert.Single((await SendAsync(store, At(2, "ahead"))).ClockWarnings);
        Assert.Equal(new ClockSkew(120_000, SkewBasis.Events, NextDay), (await HostAsync(store)).Host.Skew);
        await SendAsync(store, At(-300, "from b", source: "import://b"));
        Assert.Equal(120_000, (await HostAsync(store)).Host.Skew!.Ms);

        await BeatAsync(store, 0, ahead: TimeSpan.FromSeconds(1));
        await SendAsync(store, At(3, "further ahead"));

        var host = await HostAsync(store);
        Assert.Equal(new ClockSkew(1_000, SkewBasis.Beats, NextDay), host.Host.Skew);
        Assert.Equal([180_000, null], host.Sources.OrderBy(source => source.Source, StringComparer.Ordinal).Select(source => source.Skew?.Ms));
        Assert.Equal([true, false], host.Sources.OrderBy(source => source.Source, StringComparer.Ordinal).Select(source => source.SendsBeats));
    }

    [Fact]
    public async Task Events_refused_for_being_a_day_ahead_tell_of_the_clock_of_a_host_that_is_known()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await BeatAsync(store, 0, ahead: TimeSpan.Zero);

        var receipt = await store.Log.AppendAsync(TenantOne, [], [new("agent://a", "RDS-07", NextDay.AddDays(2))], default);

        Assert.Equal(172_800_000, Assert.Single(receipt.ClockWarnings).SkewMs);
        Assert.Equal(172_800_000, (await HostAsync(store)).Host.Skew!.Ms);
        Assert.Equal(0, (await FindAsync(store, isSkewed: false)).Total);
    }

    [Fact]
    public async Task A_silent_host_says_since_when_and_a_beat_brings_it_back()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await BeatAsync(store, 0, ahead: TimeSpan.Zero);
        Assert.Equal(HostState.Beating, (await HostAsync(store)).Host.State);
        await store.JudgeSilenceAsync();

        var silent = Assert.Single((await FindAsync(store, isSilent: true)).Items);
        Assert.Equal((HostState.Silent, NextDay.AddSeconds(LeaseSeconds)), (silent.State, silent.SilentSince));
        Assert.Equal((1, 0, "RDS-07"), ((await HealthAsync(store)).Silent.Count, (await HealthAsync(store)).Beating, (await HealthAsync(store)).Silent.First[0].Name));

        await BeatAsync(store, 3600, ahead: TimeSpan.Zero);
        Assert.Equal((0, 1), ((await FindAsync(store, isSilent: true)).Total, (await FindAsync(store, isSilent: false)).Total));
    }

    [Fact]
    public async Task Sessions_open_for_long_are_counted_whole_and_listed_longest_first()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await SendAsync(store, [.. Enumerable.Range(0, 5).Select(n => Of(EventKind.SessionStarted, n, os: $"{n}", id: $"{n}"))]);
        await SendAsync(store, Of(EventKind.SessionEnded, 10, os: "0"), Of(EventKind.SessionDisconnected, 10, os: "1"));

        var health = await HealthAsync(store, openSince: Nine.AddMinutes(4), take: 2);

        Assert.Equal(3, health.OpenLong.Count);
        Assert.Equal([Nine.AddMinutes(1), Nine.AddMinutes(2)], health.OpenLong.First.Select(session => session.StartedAt));
    }

    [Fact]
    public async Task Groups_count_the_hosts_that_name_them_last_and_their_open_sessions()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        await SendAsync(store, InGroup("RDS-07", "g1", 0), InGroup("RDS-08", "g1", 0), InGroup("RDS-09", "g2", 0), InGroup("RDS-08", "g2", 1));

        var first = await store.Hosts.FindGroupsAsync(TenantOne, null, 1, count: true, default);
        var second = await store.Hosts.FindGroupsAsync(TenantOne, first.NextCursor, 1, count: false, default);

        Assert.Equal((new HostGroup(TenantOne, "g1", "Pool g1", 1, 1), 2L), (first.Items[0], first.Total));
        Assert.Equal((new HostGroup(TenantOne, "g2", "Pool g2", 2, 3), null), (second.Items[0], second.NextCursor));
        Assert.Equal(["RDS-08", "RDS-09"], (await store.Hosts.FindAsync(new HostQuery(TenantOne, Limit) { GroupId = "g2" }, null, 10, true, default)).Items.Select(host => host.Name));
    }

    [Fact]
    public async Task Pages_follow_each_other_in_the_order_of_names_whatever_the_filter()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        string[] names = ["rds-3", "RDS-1", "Ä-2", "x_1", "rds-2", "\U0001F600", "\uFF21"];
        await SendAsync(store, [.. names.Select((name, n) => Of(n % 2 == 0 ? EventKind.SessionStarted : EventKind.SessionEnded, 0, id: name) with { Host = new HostFacts { Name = name } })]);

        Assert.Equal(names.Order(StringComparer.Ordinal), (await AllAsync(store, new HostQuery(TenantOne, Limit))).Order(StringComparer.Ordinal));
        Assert.Equal(["RDS-1", "rds-2", "rds-3"], await AllAsync(store, new HostQuery(TenantOne, Limit) { NameContains = "Ds-" }));
        Assert.Equal(["x_1"], await AllAsync(store, new HostQuery(TenantOne, Limit) { NameContains = "_" }));
        Assert.Equal(["rds-2", "rds-3", "Ä-2", "\uFF21"], await AllAsync(store, new HostQuery(TenantOne, Limit) { Has = HostTrait.OpenSessions }));
        Assert.Equal(7, (await AllAsync(store, new HostQuery(TenantOne, Limit) { Source = "agent://a" })).Count);
        Assert.Empty(await AllAsync(store, new HostQuery(TenantOne, Limit) { Source = "AGENT://a" }));
        var wrong = await Assert.ThrowsAsync<FaultException>(() => store.Hosts.FindAsync(new HostQuery(TenantOne, Limit), "!", 2, false, default));
        Assert.Equal("cursor", wrong.Field);
    }

    [Fact]
    public async Task Hosts_with_the_most_open_sessions_come_first_over_pages_and_by_name_where_they_have_as_many()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        (string Host, int Open)[] hosts = [("a.1", 1), ("b.2", 3), ("c", 0), ("d.", 1), ("E", 11), ("f", 3)];
        await SendAsync(store, [.. hosts.SelectMany(one => Enumerable.Range(0, one.Open).Select(n => InGroup(one.Host, "g1", n)))]);
        await SendAsync(store, Of(EventKind.SessionEnded, 0, id: "over") with { Host = new HostFacts { Name = "c" } });
        var busiest = new HostQuery(TenantOne, Limit) { Order = HostOrder.MostOpenSessions };

        Assert.Equal(["E", "b.2", "f", "a.1", "d.", "c"], await AllAsync(store, busiest));
        Assert.Equal(["E", "b.2", "f", "a.1", "d."], await AllAsync(store, busiest with { Has = HostTrait.OpenSessions }));
        var byName = (await store.Hosts.FindAsync(new HostQuery(TenantOne, Limit), null, 2, false, default)).NextCursor;
        var wrong = await Assert.ThrowsAsync<FaultException>(() => store.Hosts.FindAsync(busiest, byName, 2, false, default));
        Assert.Equal("cursor", wrong.Field);
    }

    [Fact]
    public async Task Of_another_tenant_nothing_is_counted_listed_or_warned_about()
    {
        await using var store = await LedgerStore.OpenAsync(engine);
        var other = TenantId.Parse("00000000000000000000000000000002");
        await store.AddTenantAsync(other);
        await SendAsync(store, InGroup("RDS-07", "g1", 0), Beat(0, []) with { At = NextDay.AddHours(1) });
        await store.JudgeSilenceAsync();

        var health = await store.Health.ReadAsync(new HealthQuery(other, Limit, NextDay, 20), default);

        Assert.Equal((0, 0, 0, 0), (health.Hosts, health.Silent.Count, health.Skewed.Count, health.OpenLong.Count));
        Assert.Equal((EventCounts.None, null, 0L), (health.Events, health.Newest, health.Sources.Count));
        Assert.Empty((await store.Hosts.FindAsync(new HostQuery(other, Limit), null, 10, true, default)).Items);
        Assert.Empty((await store.Hosts.FindGroupsAsync(other, null, 10, true, default)).Items);
        Assert.Null(await store.Hosts.TryGetAsync(other, "RDS-07", default));
    }

    /// <summary>An event of a session, so many minutes after the store's clock started.</summary>
    private static LedgerEvent At(double minute, string id, string source = "agent://a") =>
        Of(EventKind.SessionChanged, 0, id, source: source) with { At = NextDay.AddMinutes(minute) };

    private static LedgerEvent InGroup(string host, string group, double minute) =>
        Of(EventKind.SessionStarted, minute, $"{host} {group} {minute}", os: $"{minute}") with { Host = new HostFacts { Name = host, GroupId = group, GroupName = $"Pool {group}" } };

    private static Task<Receipt> SendAsync(LedgerStore store, params LedgerEvent[] events) => store.Log.AppendAsync(TenantOne, events, default);

    /// <summary>A beat that arrives so many seconds after the store's clock started, from a clock that is ahead.</summary>
    private static async Task<IReadOnlyList<ClockWarning>> BeatAsync(LedgerStore store, int second, TimeSpan ahead)
    {
        store.Clock.Advance(NextDay.AddSeconds(second) - store.Clock.GetUtcNow());
        var beat = Beat(0, [], id: $"beat {second}") with { At = NextDay.AddSeconds(second) + ahead };
        return (await SendAsync(store, beat)).ClockWarnings;
    }

    private static async Task<FleetHostDetail> HostAsync(LedgerStore store) => (await store.Hosts.TryGetAsync(TenantOne, "rds-07", default))!;

    private static Task<Page<FleetHost>> FindAsync(LedgerStore store, bool? isSilent = null, bool? isSkewed = null) =>
        store.Hosts.FindAsync(new HostQuery(TenantOne, Limit) { IsSilent = isSilent, IsSkewed = isSkewed }, null, 10, count: true, default);

    private static async Task<List<string>> AllAsync(LedgerStore store, HostQuery query)
    {
        var (names, cursor) = (new List<string>(), default(string));
        do
        {
            var page = await store.Hosts.FindAsync(query, cursor, 2, count: true, default);
            names.AddRange(page.Items.Select(host => host.Name));
            cursor = page.NextCursor;
            Assert.True(page.Total >= names.Count, "the count is of all pages");
        }
        while (cursor is not null);

        return names;
    }

    private static Task<FleetHealth> HealthAsync(LedgerStore store, DateTimeOffset? openSince = null, int take = 20) =>
        store.Health.ReadAsync(new HealthQuery(TenantOne, Limit, openSince ?? Nine, take), default);
}

public sealed class SqliteHostHealthTests() : HostHealthTests(StoreEngine.Sqlite);

public sealed class Postgres15HostHealthTests() : HostHealthTests(StoreEngine.Postgres15);

public sealed class Postgres18HostHealthTests() : HostHealthTests(StoreEngine.Postgres18);
