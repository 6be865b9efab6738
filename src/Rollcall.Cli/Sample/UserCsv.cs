using System.Globalization;
using System.Text;

namespace Rollcall.Cli.Sample;

/// <summary>Writes the generated people as the CSV that <c>POST /api/v1/tenants/{tenant}/users:import</c> takes.</summary>
internal static class UserCsv
{
    public const string Description = "Generated sample user";

    /// <summary>The native API's User members, in the order of the columns.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "name", "sid", "domain", "full_name", "email", "phone", "description", "activation", "invited", "enabled", "locked", "groups",
        "expires_at", "password_never_expires", "may_change_password", "must_change_password", "desktops", "sharing", "shared_desktops", "subproject",
    ];

    /// <summary>A header and one row a user; lines end in CR LF (RFC 4180).</summary>
    public static string Write(FleetGenerator generator)
    {
        var csv = new StringBuilder();
        AppendRow(csv, Columns);
        foreach (var user in generator.Fleet.Users)
            AppendRow(csv, Row(generator.Options, user));

        return csv.ToString();
    }

    private static string[] Row(FleetOptions options, SampleUser user)
    {
        var dice = SplitMix64.For(options.Seed, $"account/{user.Index}");
        var sharing = dice.Chance(20);
        var contractor = user.Index % 25 == 9;
        return
        [
            user.Name, user.Sid, user.Domain, user.FullName,
            $"user{user.Index + 1:000}@sample.example", $"+1-555-010-{user.Index + 1:0000}", Description,
            dice.Chance(30) ? "administrator" : "self",
            Flag(dice.Chance(10)),
            Flag(user.Habit != Habit.Never || dice.Chance(60)),
            Flag(user.Index % 60 == 22),
            contractor ? $"{user.Group.Name};Contractors (sample)" : user.Group.Name,
            contractor ? options.Today.AddDays(90).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : "",
            Flag(dice.Chance(15)), Flag(!contractor), Flag(dice.Chance(5)),
            $"{dice.Between(1, 3)}", Flag(sharing), sharing ? $"{dice.Between(1, 2)}" : "0", "0",
        ];
    }

    private static string Flag(bool value) => value ? "true" : "false";

    private static void AppendRow(StringBuilder csv, IReadOnlyList<string> cells) =>
        csv.AppendJoin(',', cells.Select(Quoted)).Append("\r\n");

    private static string Quoted(string cell) =>
        cell.AsSpan().IndexOfAny(",\"\r\n") < 0 ? cell : $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
