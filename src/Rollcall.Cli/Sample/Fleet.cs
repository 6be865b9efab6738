using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>The generated groups, hosts and people. All of it follows from the options.</summary>
internal sealed class Fleet
{
    private const string Domain = "SAMPLE";

    public Fleet(FleetOptions options)
    {
        Options = options;
        _domainSid = DomainSid(options.Seed);
        Groups = [.. Enumerable.Range(0, options.Groups).Select(Group)];
        Hosts = [.. Enumerable.Range(0, options.Hosts).Select(Host)];
        Users = [.. People()];
    }

    private readonly string _domainSid;

    public FleetOptions Options { get; }

    public IReadOnlyList<SampleGroup> Groups { get; }

    public IReadOnlyList<SampleHost> Hosts { get; }

    public IReadOnlyList<SampleUser> Users { get; }

    private SampleGroup Group(int index)
    {
        var site = Site.All[index % Site.All.Count];
        var round = index / Site.All.Count;
        var name = round == 0 ? site.GroupName : site.GroupName.Replace(" (sample)", $" {round + 1} (sample)", StringComparison.Ordinal);
        return new SampleGroup(SampleId.Guid(Options.Seed, $"group/{index}"), name, site);
    }

    private SampleHost Host(int index)
    {
        var group = Groups[index % Groups.Count];
        // Every fourth host stands in for the next group too.
        var secondary = index % 4 == 3 ? Groups[(index + 1) % Groups.Count].Id : null;
        return new SampleHost(index, group, new EventHost
        {
            Name = $"{group.Site.Code}-RDS-{index + 1:00}",
            Sid = $"{_domainSid}-{1100 + index}",
            Ip = $"10.{20 + (index % Groups.Count)}.0.{10 + (index / Groups.Count)}",
            GroupId = group.Id,
            GroupName = group.Name,
            PrimaryGroupId = group.Id,
            SecondaryGroupId = secondary,
        })
        {
            Protocol = index % 2 == 0 ? "HDP" : "RDP",
            AgentVersion = index % 5 == 0 ? "1.0.2" : "1.1.0",
        };
    }

    private IEnumerable<SampleUser> People()
    {
        var taken = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var index = 0; index < Options.Users; index++)
        {
            var dice = SplitMix64.For(Options.Seed, $"user/{index}");
            var group = Groups[index % Groups.Count];
            var (given, family) = (dice.Pick(group.Site.GivenNames), dice.Pick(group.Site.FamilyNames));
            var account = AccountName(index, given, family);
            var number = taken[account] = taken.GetValueOrDefault(account) + 1;
            yield return new SampleUser(index, number == 1 ? account : $"{account}{number}", group)
            {
                Domain = Domain,
                Sid = $"{_domainSid}-{5000 + index}",
                FullName = group.Site.FamilyNameFirst ? family.Written + given.Written : $"{given.Written} {family.Written}",
                GivenName = given.Written,
                Home = Hosts[HomeOf(index)],
                Habit = HabitOf(index, dice),
            };
        }
    }

    // One account in ten is written in its owner's own script: names are not ASCII.
    private static string AccountName(int index, SiteName given, SiteName family) => index % 10 == 4
        ? $"{given.Written}.{family.Written}".ToLowerInvariant()
        : $"{given.Latin[0]}.{family.Latin}";

    // The hosts of group g are g, g + groups, …: a person's host is one of their own group, and every host is somebody's.
    private int HomeOf(int userIndex)
    {
        var group = userIndex % Groups.Count;
        var hostsOfGroup = (Options.Hosts - group + Groups.Count - 1) / Groups.Count;
        return group + (userIndex / Groups.Count % hostsOfGroup * Groups.Count);
    }

    private static Habit HabitOf(int index, SplitMix64 dice) => (index % 20) switch
    {
        19 => Habit.Never,
        5 or 11 or 17 => Habit.Rare,
        _ => dice.Chance(90) ? Habit.Regular : Habit.Remote,
    };

    private static string DomainSid(ulong seed)
    {
        var stream = SplitMix64.For(seed, "domain");
        return $"S-1-5-21-{(uint)stream.Next()}-{(uint)stream.Next()}-{(uint)stream.Next()}";
    }
}

/// <summary>A pool of hosts at one site; its id is a GUID.</summary>
internal sealed record SampleGroup(string Id, string Name, Site Site);

/// <summary>A host and what its events say of it; <see cref="EventHost.BootId"/> is filled in per event.</summary>
internal sealed record SampleHost(int Index, SampleGroup Group, EventHost Facts)
{
    public required string Protocol { get; init; }

    public required string AgentVersion { get; init; }

    /// <summary>HDP announces a session while it prepares it; an RDP host first speaks when the logon is done.</summary>
    public bool Prepares => Protocol == "HDP";
}

/// <summary>A person. The name is an account name: at most 20 letters, digits and dots, of any script, not beginning with a digit.</summary>
internal sealed record SampleUser(int Index, string Name, SampleGroup Group)
{
    public required string Domain { get; init; }

    public required string Sid { get; init; }

    public required string FullName { get; init; }

    public required string GivenName { get; init; }

    /// <summary>The host this person usually lands on.</summary>
    public required SampleHost Home { get; init; }

    public required Habit Habit { get; init; }

    /// <summary>The name as hosts report it.</summary>
    public string QualifiedName => $@"{Domain}\{Name}";
}

/// <summary>How often somebody works.</summary>
internal enum Habit
{
    Regular,

    /// <summary>As often as a regular, mostly from home.</summary>
    Remote,

    Rare,

    /// <summary>Has an account and does not use it: the licence somebody could save.</summary>
    Never,
}
