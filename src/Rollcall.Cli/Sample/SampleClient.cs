using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>The machines people sit at: one in the office, one at home.</summary>
internal static class SampleClient
{
    private static readonly string[] Systems = ["Windows", "Windows", "Windows", "macOS", "Linux"];

    private static readonly string[] Versions = ["23.5.0", "23.5.2", "24.1.0"];

    /// <summary>Behind the office's egress address; the host sees the private one.</summary>
    public static EventClient Office(FleetOptions options, SampleUser user)
    {
        var dice = SplitMix64.For(options.Seed, $"office/{user.Index}");
        var ip = $"10.9.{user.Index / 250}.{1 + (user.Index % 250)}";
        return new EventClient
        {
            Name = $"PC-{user.Group.Site.Code}-{user.Index + 1:000}",
            Ip = ip,
            PublicIp = user.Group.Site.EgressIp,
            SourceIp = ip,
            Mac = SampleId.Mac(options.Seed, $"office/{user.Index}"),
            Type = "Windows",
            Version = dice.Pick(Versions),
        };
    }

    /// <summary>Behind somebody's home router; the host sees the public address.</summary>
    public static EventClient Home(FleetOptions options, SampleUser user)
    {
        var dice = SplitMix64.For(options.Seed, $"home/{user.Index}");
        var publicIp = $"{user.Group.Site.HomeNetwork}.{dice.Between(1, 254)}";
        return new EventClient
        {
            Name = LaptopName(user),
            Ip = $"192.168.1.{dice.Between(2, 254)}",
            PublicIp = publicIp,
            SourceIp = publicIp,
            Mac = SampleId.Mac(options.Seed, $"home/{user.Index}"),
            Type = dice.Pick(Systems),
            Version = dice.Pick(Versions),
        };
    }

    // Machines are named by people: spaces, scripts and an emoji come with that.
    private static string LaptopName(SampleUser user) => (user.Index % 8) switch
    {
        1 => $"💻 {user.GivenName}",
        3 or 6 => user.Group.Site.LaptopNameForm.Replace("{0}", user.GivenName, StringComparison.Ordinal),
        _ => $"LT-{2200 + user.Index}",
    };
}
