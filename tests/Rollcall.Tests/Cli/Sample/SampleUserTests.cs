using System.Text.RegularExpressions;
using Rollcall.Cli.Sample;

namespace Rollcall.Tests.Cli.Sample;

public sealed partial class SampleUserTests
{
    private static readonly string[] Lines = UserCsv.Write(SampleFleet.Generator).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

    [Fact]
    public void The_header_names_the_native_user_members_and_every_user_has_a_row() =>
        Assert.Equal(
            (201, "name,sid,domain,full_name,email,phone,description,activation,invited,enabled,locked,groups,expires_at,"
                + "password_never_expires,may_change_password,must_change_password,desktops,sharing,shared_desktops,subproject"),
            (Lines.Length, Lines[0]));

    [Fact]
    public void Every_row_has_a_cell_for_every_member_and_says_that_the_user_is_generated()
    {
        var rows = Lines[1..].Select(line => line.Split(',')).ToList();

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.Equal(20, row.Length));
        Assert.All(rows, row => Assert.Equal("Generated sample user", row[6]));
        Assert.All(rows, row => Assert.Contains(row[7], new[] { "self", "administrator" }));
        Assert.All(rows, row => Assert.All(row[11].Split(';'), group => Assert.EndsWith("(sample)", group, StringComparison.Ordinal)));
        Assert.Contains(rows, row => row[11].Contains(';', StringComparison.Ordinal));
    }

    [Fact]
    public void User_names_are_unique_and_would_pass_as_a_filter_of_the_users_export()
    {
        var names = SampleFleet.Generator.Fleet.Users.Select(user => user.Name).ToList();

        Assert.Equal(names.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.All(names, name => Assert.Matches(AccountName(), name));
    }

    [Fact]
    public void Names_come_in_many_scripts_and_some_clients_have_an_emoji()
    {
        var clients = SampleFleet.Events.Select(e => e.Data.Client?.Name).OfType<string>().ToHashSet();
        var people = SampleFleet.Generator.Fleet.Users.Select(user => user.FullName).ToList();
        var accounts = SampleFleet.Events.Select(e => e.Data.User).OfType<string>().ToHashSet();

        Assert.All([people, accounts, clients], (IEnumerable<string> names) => Assert.Contains(names, name => Chinese().IsMatch(name)));
        Assert.All([people, accounts, clients], (IEnumerable<string> names) => Assert.Contains(names, name => Arabic().IsMatch(name)));
        Assert.All([people, accounts, clients], (IEnumerable<string> names) => Assert.Contains(names, name => Accented().IsMatch(name)));
        Assert.Contains(clients, name => name.StartsWith("💻", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_session_is_of_a_user_in_the_directory()
    {
        var known = SampleFleet.Generator.Fleet.Users.Select(user => user.QualifiedName).ToHashSet();
        var seen = SampleFleet.Events.Select(e => e.Data.User).OfType<string>().ToHashSet();

        Assert.NotEmpty(seen);
        Assert.Subset(known, seen);
    }

    [Fact]
    public void One_account_in_twenty_is_never_used_and_no_disabled_account_is()
    {
        var seen = SampleFleet.Events.Select(e => e.Data.User).OfType<string>().ToHashSet();
        var disabled = Lines[1..].Select(line => line.Split(',')).Where(row => row[9] == "false").Select(row => $@"{row[2]}\{row[0]}").ToList();

        Assert.InRange(200 - seen.Count, 10, 20);
        Assert.NotEmpty(disabled);
        Assert.Empty(disabled.Intersect(seen));
    }

    [GeneratedRegex(@"^[\p{L}_.-][\p{L}\p{Nd}_.-]{0,19}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex AccountName();

    [GeneratedRegex(@"\p{IsCJKUnifiedIdeographs}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Chinese();

    [GeneratedRegex(@"\p{IsArabic}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Arabic();

    [GeneratedRegex("[ãáéêçëúü]", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Accented();
}
