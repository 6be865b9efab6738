using System.Text.RegularExpressions;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Architecture;

/// <summary>The walls of the design, held by reading the sources. A test that reads nothing proves nothing, so each first says that it read.</summary>
public sealed partial class ArchitectureTests
{
    [Theory, InlineData("Rollcall.Core"), InlineData("Rollcall.Storage")]
    public void Inner_projects_speak_no_vendors_words(string project) => Assert.All(
        SourcesOf(project), source => Assert.DoesNotMatch(VendorWord(), source.Text));

    [Fact]
    public void The_native_dialect_ingest_and_exports_speak_no_vendors_words()
    {
        var sources = SourcesOf("Rollcall.Server").Where(source =>
            source.Path.Contains("/Ingest/") || source.Path.Contains("/Exports/") || source.Path.Contains("/Dialects/Native/")).ToList();

        Assert.NotEmpty(sources);
        // The native API itself takes this header (native-api, "Ways in").
        Assert.All(sources, source => Assert.DoesNotMatch(VendorWord(), source.Text.Replace("X-Auth-Token", string.Empty, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Rollcall.Core", @"using (Rollcall\.(Storage|Server|Cli)|Microsoft\.(AspNetCore|Data)|SQLitePCL)")]
    [InlineData("Rollcall.Storage", @"using (Rollcall\.(Server|Cli)|Microsoft\.AspNetCore)")]
    [InlineData("Rollcall.Cli", @"using Rollcall\.(Core|Storage|Server)")]
    public void Nothing_imports_against_the_directions(string project, string forbidden) => Assert.All(
        SourcesOf(project), source => Assert.DoesNotMatch(new Regex(forbidden, RegexOptions.None, TimeSpan.FromSeconds(10)), source.Text));

    [Fact]
    public void Only_the_composition_root_names_a_store()
    {
        var naming = SourcesOf("Rollcall.Server").Where(source => source.Text.Contains("Rollcall.Storage", StringComparison.Ordinal));

        Assert.Equal(["RollcallServer.cs"], naming.Select(source => Path.GetFileName(source.Path)));
    }

    [Fact]
    public void No_dialect_imports_another()
    {
        var dialects = SourcesOf("Rollcall.Server").Where(source => source.Path.Contains("/Dialects/")).ToList();
        string[] names = ["HuaweiWorkspace", "Commvault", "Native"];

        Assert.All(names, name => Assert.Contains(dialects, source => source.Path.Contains($"/Dialects/{name}/")));
        Assert.All(names, name => Assert.All(
            dialects.Where(source => source.Path.Contains($"/Dialects/{name}/")),
            source => Assert.All(names.Except([name]), other => Assert.DoesNotContain($"Dialects.{other}", source.Text, StringComparison.Ordinal))));
    }

    [Fact]
    public void Projects_reference_only_what_the_design_allows()
    {
        Assert.Empty(ReferencesOf("Rollcall.Core"));
        Assert.Equal(["Rollcall.Core"], ReferencesOf("Rollcall.Storage"));
        Assert.Equal(["Rollcall.Core", "Rollcall.Storage"], ReferencesOf("Rollcall.Server"));
        Assert.Empty(ReferencesOf("Rollcall.Cli"));
    }

    [Theory, InlineData("Sqlite"), InlineData("Postgres")]
    public void Every_table_but_the_servers_own_has_the_tenant_in_its_key(string engine)
    {
        var schema = File.ReadAllText(Checkout.PathOf("src", "Rollcall.Storage", "Schema", engine, "0001_ledger.sql"));
        var tables = Table().Matches(schema).Select(match => (Name: match.Groups["name"].Value, Body: match.Groups["body"].Value)).ToList();

        Assert.True(tables.Count > 10, "the schema was read");
        Assert.All(
            tables.Where(table => table.Name is not ("tenants" or "operators" or "server_facts")),
            table => Assert.Contains("PRIMARY KEY (tenant", table.Body, StringComparison.Ordinal));
    }

    private static List<(string Path, string Text)> SourcesOf(string project)
    {
        var sources = Directory.GetFiles(Checkout.PathOf("src", project), "*.*", SearchOption.AllDirectories)
            .Where(path => path.EndsWith(".cs", StringComparison.Ordinal) || path.EndsWith(".sql", StringComparison.Ordinal))
            .Where(path => !path.Contains("/obj/") && !path.Contains("/bin/"))
            .Select(path => (path, File.ReadAllText(path)))
            .ToList();
        Assert.NotEmpty(sources);
        return sources;
    }

    private static IEnumerable<string> ReferencesOf(string project)
    {
        var text = File.ReadAllText(Checkout.PathOf("src", project, project + ".csproj"));
        return Reference().Matches(text).Select(match => match.Groups["name"].Value);
    }

    [GeneratedRegex("huawei|workspace|commvault|qsdk|x-auth-token|commcell|appstream", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex VendorWord();

    [GeneratedRegex(@"ProjectReference Include=""[^""]*/(?<name>[^/""]+)\.csproj""", RegexOptions.None, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Reference();

    [GeneratedRegex(@"CREATE TABLE (?<name>\w+) \((?<body>.*?)\n\)", RegexOptions.Singleline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Table();
}
