using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Identity;

/// <summary>Where our identity service answers otherwise than Keystone, member by member, and otherwise nowhere.</summary>
[Collection(nameof(BothServices))]
public sealed class KeystoneDivergenceTests(RealKeystone keystone, OurIdentity ours)
{
    private static readonly string[] Error = [".error.code Number", ".error.message String", ".error.title String"];

    private static readonly string[] Scoped =
    [
        ".token.catalog[].endpoints[].id String", ".token.catalog[].endpoints[].interface String", ".token.catalog[].endpoints[].region String",
        ".token.catalog[].endpoints[].region_id String", ".token.catalog[].endpoints[].url String", ".token.catalog[].id String",
        ".token.catalog[].name String", ".token.catalog[].type String", ".token.domain.id String", ".token.domain.name String",
        ".token.roles[].id String", ".token.roles[].name String",
    ];

    private static readonly string[] Links = [".links.next Null", ".links.previous Null", ".links.self String"];

    private static readonly string[] Project =
    [
        ".projects[].description String", ".projects[].domain_id String", ".projects[].enabled Boolean", ".projects[].id String",
        ".projects[].is_domain Boolean", ".projects[].links.self String", ".projects[].name String", ".projects[].options Object",
        ".projects[].parent_id String", ".projects[].tags Array",
    ];

    private static readonly string[] Domain =
    [
        ".domains[].description String", ".domains[].enabled Boolean", ".domains[].id String", ".domains[].links.self String", ".domains[].name String",
        ".domains[].options Object", ".domains[].tags Array",
    ];

    [Fact]
    public Task D0041_a_catalog_that_nobody_wants_is_empty_and_not_absent() => DifferAsync("issue without a catalog", [], [".token.catalog Array"]);

    [Fact]
    public async Task D0042_without_a_scope_a_token_is_for_the_domain()
    {
        await DifferAsync("issue without a scope", [], Scoped);
        await DifferAsync("exchange without a scope", [], Scoped);
    }

    [Fact]
    public async Task D0043_refusals_whose_status_or_body_is_not_Keystones()
    {
        await DifferAsync("a method that is none", ["status 401", "way in: Keystone uri=", ".error.identity.methods[] String"], ["status 400"]);
        await DifferAsync("no method", ["status 401", "way in: Keystone uri="], ["status 400"]);
        await DifferAsync("an unknown token to exchange", ["status 404"], ["status 401", "way in: Keystone uri="]);
        await DifferAsync("no token to look at", ["status 404"], ["status 400"]);
        await DifferAsync("a body that is not JSON by its type", ["status 400"], ["status 415"]);
        await DifferAsync("another method of HTTP", [".message String"], Error);
        await DifferAsync("no such path", ["content text/html", "bytes: True"], ["content application/json", .. Error]);
    }

    [Fact]
    public async Task D0045_projects_and_domains_are_shown_to_who_is_no_administrator()
    {
        await DifferAsync("projects, as reader", ["status 403", .. Error], ["status 200", .. Links, .. Project]);
        await DifferAsync("projects by the region", [".projects Array"], Project);
        await DifferAsync("another's project, as reader", ["status 403"], ["status 404"]);
        await DifferAsync("domains, as reader", [".domains Array"], Domain);
        await DifferAsync("all domains, as reader", ["status 403", .. Error], ["status 200", .. Domain, .. Links]);
    }

    [Fact]
    public async Task D0043_a_token_comes_by_one_method_at_a_time()
    {
        var (theirs, mine) = await Both.AskAsync(KeystoneRequests.Different["two methods"], keystone, ours);

        theirs.Is(201);
        Assert.Equal(["status 400", "content application/json", .. Error], Both.Facts(mine));
    }

    /// <param name="theirs">What Keystone's answer has and ours has not, whole.</param>
    /// <param name="mine">What ours has and Keystone's has not, whole.</param>
    private async Task DifferAsync(string request, string[] theirs, string[] mine)
    {
        var (first, second) = await Both.AskAsync(KeystoneRequests.Different[request], keystone, ours);

        Assert.Equal(theirs, Both.Facts(first).Except(Both.Facts(second)));
        Assert.Equal(mine, Both.Facts(second).Except(Both.Facts(first)));
    }
}
