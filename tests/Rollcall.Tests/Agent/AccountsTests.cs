using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Xrdp;

namespace Rollcall.Tests.Agent;

/// <summary>Who may speak for a display: the account whose session it is.</summary>
public sealed class AccountsTests
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    private readonly SteppedClock clock = new(Nine);
    private readonly List<string> asked = [];

    [Theory]
    [InlineData("anna", 1001u)]
    [InlineData("CORP\\bo", 70001u)] // known with its domain
    [InlineData("CORP\\anna", 1001u)] // known without
    [InlineData("anna@corp.example", 1001u)]
    [InlineData("CORP\\nobody-of-that-name", null)]
    [InlineData("1001", null)] // a name, and getent would take it for an id
    [InlineData("CORP\\1001", null)]
    public void A_user_is_looked_up_as_written_and_then_without_the_domain(string user, uint? id) => Assert.Equal(id, Open().TryUserId(user));

    [Fact]
    public void An_answer_is_kept_for_a_while_and_names_are_bounded()
    {
        var accounts = Open();
        accounts.TryUserId("anna");
        accounts.TryUserId("anna");
        Assert.Single(asked);

        for (var i = 0; i < Accounts.NamesMax; i++)
            accounts.TryUserId($"user{i}");
        asked.Clear();
        accounts.TryUserId("anna");
        Assert.Single(asked);

        clock.Advance(TimeSpan.FromMinutes(11));
        accounts.TryUserId("anna");
        Assert.Equal(2, asked.Count);
    }

    [Fact]
    public void A_host_that_cannot_answer_is_left_alone_and_asked_again_later()
    {
        var isOut = true;
        var accounts = new Accounts(
            name =>
            {
                asked.Add(name);
                return isOut ? null : "anna:x:1001:1001::/home/anna:/bin/sh\n";
            },
            clock);
        Assert.Null(accounts.TryUserId("anna"));
        Assert.Null(accounts.TryUserId("bo"));
        Assert.Single(asked);
        Assert.False(accounts.MayTellMore());

        isOut = false;
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal((true, false), (accounts.MayTellMore(), accounts.MayTellMore()));
        Assert.Equal(1001u, accounts.TryUserId("anna"));
        Assert.Single(accounts.Tally.Notes);
    }

    [Fact]
    public void A_host_that_answers_slowly_is_asked_one_name_at_a_time_with_rests_between()
    {
        var accounts = new Accounts(
            name =>
            {
                asked.Add(name);
                clock.Advance(TimeSpan.FromSeconds(2));
                return $"{name}:x:1001:1001::/home/x:/bin/sh\n";
            },
            clock);

        Assert.Equal((1001u, null), (accounts.TryUserId("anna"), accounts.TryUserId("bo")));
        Assert.Single(asked);
    }

    [Fact]
    public void What_was_not_believed_for_want_of_an_answer_is_told_when_there_is_one()
    {
        var accounts = new Accounts(_ => clock.GetUtcNow() < Nine.AddSeconds(20) ? null : "anna:x:1001:1001::/home/anna:/bin/sh\n", clock);
        var lines = new XrdpLines("lin-01", TimeZoneInfo.Utc, _ => true, new AgentState(), accounts.TryUserId) { MayKnowMore = accounts.MayTellMore };
        Facts("anna", (1, true, 1_001), (9, false, 1_001)).ForEach(lines.Add);
        Assert.DoesNotContain(Settled(), e => e.Type == EventTypes.SessionDisconnected);

        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(EventTypes.SessionDisconnected, Assert.Single(Settled()).Type);

        IEnumerable<LedgerEvent> Settled() => lines.Settled(Nine.AddSeconds(15), Moment.Of(clock)).Select(e => e.Event);
    }

    [Fact]
    public void The_hosts_own_accounts_are_known() => Assert.Equal(0u, Accounts.OfHost(clock).TryUserId("root"));

    [Theory, InlineData("CORP\\anna", true), InlineData("CORP\\victim", false), InlineData("CORP\\stranger", false)]
    public void A_display_is_told_of_by_its_own_users_log_and_by_no_other(string user, bool isTold)
    {
        var ids = new Dictionary<string, uint> { ["CORP\\anna"] = 70_001, ["CORP\\victim"] = 70_002 };
        var told = Told(user, name => ids.TryGetValue(name, out var id) ? id : null, (1, true, 70_001), (9, false, 70_001));

        Assert.Equal(isTold, told.Exists(e => e.Type == EventTypes.SessionDisconnected));
    }

    [Fact]
    public void Nobody_hides_the_going_of_anothers_client_by_inventing_clients()
    {
        var told = Told("anna", _ => 1_001, (1, true, 1_001), (5, true, 1_002), (9, false, 1_001));

        Assert.Single(told, e => e.Type == EventTypes.SessionDisconnected && e.Time == Nine.AddSeconds(9));
    }

    [Fact]
    public void Nobody_keeps_out_a_line_of_anothers_log_by_writing_it_first()
    {
        var lines = new XrdpLines("lin-01", TimeZoneInfo.Utc, _ => true, new AgentState(), _ => 1_001);
        Facts("anna", (1, true, 1_001)).ForEach(lines.Add);
        foreach (var owner in (uint[])[1_002, 1_001])
            lines.Add(new DisplayChanged(new FactLine(Nine.AddSeconds(9), "the same", 1, new Spot($"{owner}", 1)), "10", Nine, Attached: false) { Owner = owner });

        Assert.Single(lines.Settled(Nine.AddSeconds(15), Moment.Of(clock)), e => e.Event.Type == EventTypes.SessionDisconnected);
    }

    private Accounts Open() => new(
        name =>
        {
            asked.Add(name);
            return name switch
            {
                "anna" => "anna:x:1001:1001::/home/anna:/bin/sh\n",
                "CORP\\bo" => "CORP\\bo:*:70001:70000:Bo:/home/bo:/bin/sh\n",
                "1001" => "anna:x:1001:1001::/home/anna:/bin/sh\n",
                _ => "",
            };
        },
        clock);

    /// <summary>The events of a user's session, with a display's log that belongs to an account.</summary>
    private static List<LedgerEvent> Told(string user, Func<string, uint?> userIdOf, params (int Second, bool Attached, uint Owner)[] changes) =>
        [.. new XrdpImporter("lin-01", TimeZoneInfo.Utc, userIdOf).Join(Facts(user, changes), new Tally()).Events.Select(e => e.Event)];

    private static List<XrdpFact> Facts(string user, params (int Second, bool Attached, uint Owner)[] changes)
    {
        FactLine At(int second, string content) => new(Nine.AddSeconds(second), content, 1, new Spot("x", 1));
        var peer = new XrdpPeer("127.0.0.1", "40010");
        return
        [
            new SessionCreated(At(0, "created"), user, peer),
            new SessionPlaced(At(0, "placed"), "10", "1610", peer, user),
            .. changes.Select(c => new DisplayChanged(At(c.Second, $"{c}"), "10", Nine, c.Attached) { Owner = c.Owner }),
        ];
    }
}
