using Rollcall.Cli.Events;
using Rollcall.Cli.Sample;

namespace Rollcall.Tests.Cli.Sample;

public sealed class FleetGeneratorTests
{
    [Fact]
    public async Task The_same_seed_at_the_same_time_gives_the_same_bytes()
    {
        var here = await SampleFleet.PrintAsync(new FleetOptions(7, SampleFleet.Now));
        var there = await SampleFleet.PrintAsync(new FleetOptions(7, SampleFleet.Now.ToOffset(TimeSpan.FromHours(10))));

        Assert.NotEmpty(here);
        Assert.Equal(here, there);
    }

    [Fact]
    public void A_later_load_on_the_same_day_adds_only_what_has_happened_since()
    {
        var evening = new FleetGenerator(new FleetOptions(1, SampleFleet.Now.AddHours(8))).Events().ToList();

        Assert.Equal(SampleFleet.Events, evening.Where(e => e.Time <= SampleFleet.Now));
        Assert.InRange(evening.Count - SampleFleet.Events.Count, 100, 1000);
    }

    [Fact]
    public void Another_seed_gives_another_fleet()
    {
        var other = new FleetGenerator(new FleetOptions(2, SampleFleet.Now));

        Assert.Empty(other.Events().Select(e => e.Id).Intersect(SampleFleet.Events.Select(e => e.Id)));
        Assert.NotEqual(UserCsv.Write(SampleFleet.Generator), UserCsv.Write(other));
    }

    [Fact]
    public void A_load_on_the_next_day_agrees_with_the_load_before_it()
    {
        var options = new FleetOptions(1, SampleFleet.Now.AddDays(1));
        var tomorrow = new FleetGenerator(options).Events().ToList();
        var before = tomorrow.Where(e => e.Time <= SampleFleet.Now).ToList();
        var known = SampleFleet.Events.ToDictionary(e => e.Id);

        Assert.NotEmpty(before);
        Assert.All(before, e => Assert.Equal(known[e.Id], e));
        Assert.Equal(
            known.Values.GroupBy(SampleFleet.KeyOf).Where(story => story.Min(e => e.Time) >= options.From).Sum(story => story.Count()),
            before.Count);
        Assert.InRange(tomorrow.Count - before.Count, 100, 2000);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(24)]
    [InlineData(29 * 24)]
    public void A_later_load_ends_the_sessions_that_an_earlier_one_left_open(int hours)
    {
        // Nobody of the sample is in one session for more than a day.
        var later = new FleetGenerator(new FleetOptions(1, SampleFleet.Now.AddHours(hours).AddDays(1))).Events().ToList();
        var ended = SampleFleet.SessionsOf(later).Where(s => s[^1].Type is EventTypes.SessionEnded or EventTypes.SessionFailed)
            .Select(s => SampleFleet.KeyOf(s[0])).ToHashSet();
        var stopped = later.Where(e => e.Type == EventTypes.HostStopped).Select(e => e.Data.Host.BootId).ToHashSet();
        var open = SampleFleet.OpenIn(SampleFleet.Events);

        Assert.NotEmpty(open);
        Assert.All(open, s => Assert.True(ended.Contains(SampleFleet.KeyOf(s[0])) || stopped.Contains(s[0].Data.Host.BootId)));
    }

    [Fact]
    public void Events_come_in_order_of_time_from_thirty_days_ago_up_to_now_and_never_after()
    {
        var times = SampleFleet.Events.Select(e => e.Time).ToList();

        Assert.Equal(times.Order(), times);
        Assert.True(times[0] >= SampleFleet.Now.AddDays(-31));
        Assert.InRange(SampleFleet.Now - times[^1], TimeSpan.Zero, TimeSpan.FromMinutes(15));
        Assert.Equal(31, times.Select(time => time.UtcDateTime.Date).Distinct().Count());
    }

    [Fact]
    public void Every_event_has_an_id_of_its_own() =>
        Assert.Equal(SampleFleet.Events.Count, SampleFleet.Events.Select(e => e.Id).Distinct().Count());

    [Fact]
    public void Where_clocks_are_ahead_of_utc_the_next_date_has_begun()
    {
        var lateEvening = new DateTimeOffset(2030, 5, 14, 23, 59, 0, TimeSpan.Zero);
        var office = new FleetGenerator(new FleetOptions(1, lateEvening)).Events()
            .Where(e => e.Time >= lateEvening.AddMinutes(-40) && e.Data.Client?.Name is { } name && name.StartsWith("PC-SH-", StringComparison.Ordinal));

        Assert.NotEmpty(office);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20300514)]
    public void Thirty_days_of_the_usual_fleet_are_twenty_to_thirty_thousand_events(ulong seed) =>
        Assert.InRange(new FleetGenerator(new FleetOptions(seed, SampleFleet.Now)).Events().Count(), 20_000, 30_000);

    [Fact]
    public void The_fleet_has_200_users_and_40_hosts_in_3_groups_and_all_hosts_are_heard_of()
    {
        var hosts = SampleFleet.HostsOfTheFleet;

        Assert.Equal(200, SampleFleet.Generator.Fleet.Users.Count);
        Assert.Equal(40, hosts.Select(host => host.Name).Distinct().Count());
        Assert.Equal(3, hosts.Select(host => host.GroupId).Distinct().Count());
        Assert.All(hosts, host => Assert.True(Guid.TryParseExact(host.GroupId, "D", out _)));
        Assert.All(hosts, host => Assert.StartsWith("S-1-5-21-", host.Sid, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_host_is_in_a_group_that_says_it_is_a_sample_and_every_event_has_a_source_that_says_so()
    {
        Assert.NotEmpty(SampleFleet.HostsOfTheFleet);
        Assert.All(SampleFleet.HostsOfTheFleet, host => Assert.EndsWith("(sample)", host.GroupName, StringComparison.Ordinal));
        Assert.All(SampleFleet.Events, e => Assert.Equal("sample://generated/1", e.Source));
    }

    [Fact]
    public void Each_host_goes_down_before_it_comes_up_with_another_boot_id_and_never_beats()
    {
        var boots = SampleFleet.Events.Where(e => e.Type.StartsWith("rollcall.host.", StringComparison.Ordinal))
            .GroupBy(e => e.Data.Host.Name).ToList();

        Assert.Equal(40, boots.Count);
        Assert.DoesNotContain(SampleFleet.Events, e => e.Type == EventTypes.HostBeat);
        foreach (var host in boots)
        {
            var pairs = host.Zip(host.Skip(1)).ToList();
            Assert.All(pairs, pair => Assert.NotEqual(pair.First.Type, pair.Second.Type));
            Assert.All(pairs, pair => Assert.Equal(
                pair.First.Type == EventTypes.HostStarted, pair.First.Data.Host.BootId == pair.Second.Data.Host.BootId));
        }
    }

    [Fact]
    public void The_smallest_and_an_odd_fleet_can_be_generated_and_an_impossible_one_is_refused()
    {
        Assert.NotEmpty(new FleetGenerator(new FleetOptions(0, SampleFleet.Now, days: 14, users: 3, hosts: 3, groups: 1)).Events());
        Assert.NotEmpty(new FleetGenerator(new FleetOptions(ulong.MaxValue, SampleFleet.Now, days: 3, users: 500, hosts: 29, groups: 7)).Events());
        Assert.Throws<ArgumentOutOfRangeException>(() => new FleetOptions(1, SampleFleet.Now, users: 10, hosts: 2, groups: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new FleetOptions(1, SampleFleet.Now, users: 10_000, hosts: 40));
    }

    [Fact]
    public void Events_are_made_while_they_are_read()
    {
        var year = new FleetGenerator(new FleetOptions(1, SampleFleet.Now, days: 366));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var first = year.Events().First();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(year.Options.From.UtcDateTime.Date, first.Time.UtcDateTime.Date);
        Assert.InRange(allocated, 0, 32 * 1024 * 1024);
    }
}
