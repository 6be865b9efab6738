using System.Reflection;
using System.Text.RegularExpressions;
using Rollcall.Tests.Cli;

namespace Rollcall.Tests.Dialects;

/// <summary>docs/divergences.md and the tests that it names.</summary>
public sealed partial class DivergenceTests
{
    [Fact]
    public void Every_divergence_names_its_tests_and_every_such_test_is_named()
    {
        var page = File.ReadAllText(Path.Combine(ImportData.Root, "docs", "divergences.md"));
        var entries = Entry().Matches(page).Select(match => match.Groups["number"].Value).ToList();
        var named = Test().Matches(page).Select(match => match.Groups["name"].Value).Order(StringComparer.Ordinal).ToList();
        var written = typeof(DivergenceTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Select(method => method.Name).Where(name => Name().IsMatch(name)).Distinct().Order(StringComparer.Ordinal).ToList();

        Assert.True(entries.Count >= 80, "the page was read");
        Assert.Equal(entries.Distinct(), entries);
        Assert.Equal(entries, entries.Order(StringComparer.Ordinal));
        Assert.Equal(entries, named.Select(name => name[..5]).Distinct());
        Assert.Equal(named, written);
    }

    [GeneratedRegex(@"^\*\*(?<number>D\d{4}) ", RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Entry();

    [GeneratedRegex(@"`(?<name>D\d{4}_\w+)`", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Test();

    [GeneratedRegex(@"^D\d{4}_", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Name();
}
