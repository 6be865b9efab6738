using Rollcall.Cli.Events;
using Rollcall.Cli.Sample;

namespace Rollcall.Tests.Cli.Sample;

public sealed class SampleSignInTests
{
    private static readonly IReadOnlyList<LedgerEvent> SignIns =
        [.. SampleFleet.Events.Where(e => e.Type is EventTypes.SignInStarted or EventTypes.SignInEnded)];

    [Fact]
    public void About_forty_events_tell_of_sign_ins_at_each_kind_of_other_console_by_both_operators()
    {
        Assert.InRange(SignIns.Count, 36, 44);
        Assert.Equal([5, 13, 14, 19], SignIns.Select(e => e.Data.ConsoleType).OfType<int>().Distinct().Order());
        Assert.Equal(["admin", "auditor.sample"], SignIns.Select(e => e.Data.Operator).OfType<string>().Distinct().Order());
        Assert.All(SignIns, e => Assert.Equal("sample://generated/1", e.Source));
    }

    [Fact]
    public void A_sign_in_comes_from_an_admin_workstation_that_is_no_host_of_the_fleet()
    {
        Assert.NotEmpty(SignIns);
        Assert.All(SignIns, e => Assert.Matches("^SAMPLE-ADM-0[1-3]$", e.Data.Host.Name));
        Assert.All(SignIns, e => Assert.Equal(new EventHost { Name = e.Data.Host.Name }, e.Data.Host));
        Assert.True(SignIns.Select(e => e.Data.Host.Name).Distinct().Count() > 1);
    }

    [Fact]
    public void Every_sign_in_has_a_browser_session_of_its_own_and_ends_within_four_hours()
    {
        var before = SampleFleet.Now.AddHours(-4);
        var signIns = SignIns.GroupBy(e => e.Data.BrowserSessionId).Where(signIn => signIn.First().Time < before).ToList();

        Assert.NotEmpty(signIns);
        Assert.All(signIns, signIn => Assert.Equal([EventTypes.SignInStarted, EventTypes.SignInEnded], signIn.Select(e => e.Type)));
        Assert.All(signIns, signIn => Assert.Single(signIn.Select(e => e.Data).Distinct()));
        Assert.All(signIns, signIn => Assert.InRange(signIn.Last().Time - signIn.First().Time, TimeSpan.FromMinutes(3), TimeSpan.FromHours(4)));
        Assert.Equal(signIns.Select(signIn => signIn.Key).Order(), signIns.Select(signIn => signIn.Key));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20300514)]
    public void Another_seed_has_about_forty_of_them_too(ulong seed) =>
        Assert.InRange(
            new FleetGenerator(new FleetOptions(seed, SampleFleet.Now)).Events().Count(e => e.Data.Operator is not null), 36, 44);
}
