using Rollcall.Cli.Events;
using Rollcall.Cli.Sample;

namespace Rollcall.Tests.Cli.Sample;

public sealed class SampleSessionTests
{
    private static readonly IReadOnlyList<IReadOnlyList<LedgerEvent>> Sessions = SampleFleet.SessionsOf(SampleFleet.Events);

    private static readonly TimeSpan WakeMax = TimeSpan.FromMinutes(20);

    /// <summary>What may come next in a session; null is its beginning.</summary>
    private static readonly HashSet<(string? From, string To)> Moves =
    [
        (null, EventTypes.SessionInitializing), (null, EventTypes.SessionStarted), (null, EventTypes.SessionFailed),
        (EventTypes.SessionInitializing, EventTypes.SessionStarted), (EventTypes.SessionInitializing, EventTypes.SessionFailed),
        (EventTypes.SessionStarted, EventTypes.SessionDisconnected), (EventTypes.SessionStarted, EventTypes.SessionEnded),
        (EventTypes.SessionReconnected, EventTypes.SessionDisconnected), (EventTypes.SessionReconnected, EventTypes.SessionEnded),
        (EventTypes.SessionDisconnected, EventTypes.SessionReconnected), (EventTypes.SessionDisconnected, EventTypes.SessionEnded),
    ];

    [Fact]
    public void The_events_of_a_session_come_in_an_order_that_can_happen()
    {
        Assert.NotEmpty(Sessions);
        foreach (var session in Sessions)
        {
            Assert.All(session.Prepend(null).Zip(session), pair => Assert.Contains((pair.First?.Type, pair.Second.Type), Moves));
            Assert.All(session.Zip(session.Skip(1)), pair => Assert.True(pair.First.Time < pair.Second.Time));
            Assert.Single(session.Select(e => (e.Data.Host.Name, e.Data.Host.BootId, e.Data.OsSessionId, e.Data.User)).Distinct());
        }
    }

    [Fact]
    public void Within_one_boot_of_a_host_no_two_sessions_share_an_os_session_id_but_across_boots_they_do()
    {
        // Three hosts with as many users as they may have: on some days one host bears the whole rota.
        var crowded = SampleFleet.SessionsOf(new FleetGenerator(new FleetOptions(1, SampleFleet.Now, days: 15, users: 60, hosts: 3, groups: 1)).Events());

        Assert.All([Sessions, crowded], (IReadOnlyList<IReadOnlyList<LedgerEvent>> fleet) => Assert.Distinct(fleet.Select(KeyOf)));
        var keys = Sessions.Select(KeyOf).ToList();
        Assert.True(keys.Select(key => (key.Host, key.OsSessionId)).Distinct().Count() < keys.Count);
    }

    [Fact]
    public void No_session_begins_before_the_boot_of_its_host_or_outlives_it()
    {
        var (starts, stops) = (TimesByBoot(EventTypes.HostStarted), TimesByBoot(EventTypes.HostStopped));

        Assert.NotEmpty(starts);
        Assert.NotEmpty(stops);
        Assert.All(Sessions, session =>
        {
            if (starts.TryGetValue(session[0].Data.Host.BootId!, out var start))
                Assert.True(session[0].Time > start);
            if (stops.TryGetValue(session[0].Data.Host.BootId!, out var stop))
                Assert.True(session[^1].Time < stop);
        });
    }

    [Fact]
    public void The_fleet_shows_reconnects_failures_applications_and_ghosts()
    {
        var events = SampleFleet.Events;
        var stops = TimesByBoot(EventTypes.HostStopped);
        var ghosts = Sessions.Count(s =>
            s[^1].Type is EventTypes.SessionDisconnected && stops.ContainsKey(s[^1].Data.Host.BootId!));

        Assert.True(events.Count(e => e.Type == EventTypes.SessionReconnected) >= 1000);
        Assert.True(events.Count(e => e.Type == EventTypes.SessionFailed) >= 60);
        Assert.Equal(SampleFailures.All.Count, events.Select(e => e.Data.Failure?.Code).OfType<string>().Distinct().Count());
        Assert.True(Sessions.Count(s => s[0].Data is { Kind: "application", AppName: not null }) >= 500);
        Assert.True(ghosts >= 5, $"{ghosts} ghosts");
        Assert.Equal(["HDP", "RDP"], events.Select(e => e.Data.Protocol).OfType<string>().Distinct().Order());
    }

    [Fact]
    public void People_come_back_from_another_client_with_another_public_address()
    {
        var moved = Sessions.Count(s => s.Select(e => e.Data.Client?.Name).OfType<string>().Distinct().Count() > 1
            && s.Select(e => e.Data.Client?.PublicIp).OfType<string>().Distinct().Count() > 1);

        Assert.True(moved >= 200, $"{moved} sessions moved");
    }

    [Fact]
    public void Every_attach_has_its_delays_and_a_transaction_of_its_own()
    {
        var attached = SampleFleet.Events
            .Where(e => e.Type is EventTypes.SessionStarted or EventTypes.SessionReconnected).Select(e => e.Data).ToList();

        Assert.NotEmpty(attached);
        Assert.All(attached, data => Assert.True(data.NetworkRttMs > 0 && data.EndToEndRttMs > data.NetworkRttMs));
        Assert.Equal(attached.Count, attached.Select(data => data.TransactionId).Distinct().Count());
    }

    [Fact]
    public void An_initializing_session_starts_or_fails_within_seconds_or_when_its_desktop_is_awake()
    {
        var prepared = Sessions.Where(s => s[0].Type == EventTypes.SessionInitializing && s.Count > 1).ToList();

        Assert.NotEmpty(prepared);
        Assert.All(prepared, s => Assert.InRange(s[1].Time - s[0].Time, TimeSpan.FromSeconds(1), WakeMax));
        Assert.InRange(prepared.Count(s => s[1].Time - s[0].Time > TimeSpan.FromSeconds(20)), 1, 31 * OnCallRota.SlotsPerDay);
    }

    [Fact]
    public void Offices_are_busy_on_their_weekdays_and_nearly_empty_on_their_weekends()
    {
        foreach (var group in SampleFleet.Generator.Fleet.Groups)
        {
            var starts = SampleFleet.Events
                .Where(e => e.Type == EventTypes.SessionStarted && e.Data.Host.GroupId == group.Id)
                .Where(e => e.Data.Client!.Name!.StartsWith("PC-", StringComparison.Ordinal))
                .Select(e => e.Time.ToOffset(group.Site.Offset)).ToList();
            var mornings = starts.Where(time => time.Hour is >= 7 and < 10).ToList();

            Assert.True(mornings.Count > starts.Count / 2);
            Assert.True(mornings.Count(time => group.Site.Weekend.Contains(time.DayOfWeek)) < mornings.Count / 10);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void At_any_time_of_the_week_sessions_are_open_in_each_state_and_those_that_initialize_are_minutes_old(ulong seed)
    {
        // A week in steps of 59 minutes: every hour of the day on every weekday, and every minute of the hour.
        for (var (n, now) = (0, SampleFleet.Now); n < 171; n++, now += TimeSpan.FromMinutes(59))
        {
            var newest = SampleFleet.OpenIn([.. new FleetGenerator(new FleetOptions(seed, now, days: 2)).Events()]).Select(s => s[^1]).ToList();
            var preparing = newest.Where(e => e.Type == EventTypes.SessionInitializing).ToList();

            Assert.InRange(preparing.Count, 1, 10);
            Assert.All(preparing, e => Assert.InRange(now - e.Time, TimeSpan.Zero, WakeMax));
            Assert.InRange(newest.Count(e => e.Type == EventTypes.SessionDisconnected), 2, 100);
            Assert.InRange(newest.Count(e => e.Type is EventTypes.SessionStarted or EventTypes.SessionReconnected), 2, 150);
        }
    }

    [Fact]
    public void Only_hosts_that_announce_a_session_have_one_initializing()
    {
        var announced = SampleFleet.Events.Where(e => e.Type == EventTypes.SessionInitializing).ToList();

        Assert.NotEmpty(announced);
        Assert.All(announced, e => Assert.Equal("HDP", e.Data.Protocol));
    }

    private static (string Host, string? BootId, string? OsSessionId) KeyOf(IReadOnlyList<LedgerEvent> session) =>
        (session[0].Data.Host.Name, session[0].Data.Host.BootId, session[0].Data.OsSessionId);

    private static Dictionary<string, DateTimeOffset> TimesByBoot(string type) => SampleFleet.Events
        .Where(e => e.Type == type).ToDictionary(e => e.Data.Host.BootId!, e => e.Time);
}
