using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Tests.Dialects.HuaweiWorkspace.Signatures;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Isolation;

/// <summary>Every operation there is, taken from the routing table, asked by callers who have no business with the tenant.</summary>
public sealed partial class IsolationTests
{
    private const int OperationsMin = 100;

    /// <summary>Open to everybody, by design: none of them tells of a tenant.</summary>
    private static readonly string[] Open =
    [
        "/healthz", "/readyz", "/openapi/{documentName}.json", "/v3", "/v3/auth/tokens POST", "/api/v1/signin", "/Login", "/RenewLoginToken",
    ];

    /// <summary>Good for every list of Workspace; what an operation does not know it ignores.</summary>
    private const string WorkspaceQuery =
        "?query_begin_time=2030-03-01T00:00Z&query_end_time=2030-03-02T00:00Z&start_time=2030-03-01T00:00Z&end_time=2030-03-02T00:00Z&user_name=anna-zq7391";

    [Fact]
    public async Task Nobody_sees_or_changes_anything_of_a_tenant_that_is_not_theirs()
    {
        await using var victim = await Victim.StartAsync();
        var operations = OperationsOf(victim).ToList();
        Assert.True(operations.Count >= OperationsMin, $"{operations.Count} operations were found");
        await AssertTheQuestionsHaveTeethAsync(victim, operations);
        var before = await victim.DescribeAsync();

        foreach (var (caller, credentials) in await CallersAsync(victim))
        {
            foreach (var operation in operations)
                AssertNothingSeen(victim, caller, operation, await credentials(operation).SendAsync(victim.Server.Http));
        }

        Assert.Equal(before, await victim.DescribeAsync());
    }

    [Fact]
    public async Task An_expired_token_sees_nothing_in_any_dialect()
    {
        await using var victim = await Victim.StartAsync();
        var credentials = await TokensAsync(victim, ofOther: false);
        victim.Clock.Advance(TimeSpan.FromHours(25));

        foreach (var operation in OperationsOf(victim))
            AssertNothingSeen(victim, "an expired token", operation, await credentials(operation).SendAsync(victim.Server.Http));
    }

    /// <summary>The same questions, asked by the victim's own administrator, do show the victim's names.</summary>
    private static async Task AssertTheQuestionsHaveTeethAsync(Victim victim, IReadOnlyList<Operation> operations)
    {
        var own = await TokensAsync(victim, ofOther: false);
        var telling = 0;
        // The stream would go on: who is refused it is asked with all the others.
        foreach (var operation in operations.Where(operation => operation.Ask.Method is "GET" && !operation.Route.Contains("export", StringComparison.Ordinal) && !operation.Route.EndsWith("/stream", StringComparison.Ordinal)))
        {
            var answer = await own(operation).SendAsync(victim.Server.Http);
            Assert.True(answer.Status < 500, $"{operation}: {answer.Status}");
            telling += victim.Secrets.Any(secret => answer.Text.Contains(secret, StringComparison.Ordinal)) ? 1 : 0;
        }

        Assert.True(telling >= 20, $"{telling} operations told of the victim");
    }

    private static void AssertNothingSeen(Victim victim, string caller, Operation operation, Answer answer)
    {
        // A file's bytes would be packed: what is no refusal and no text must not come at all.
        var text = answer.Text + string.Join('\n', answer.Headers.Concat(answer.ContentHeaders).Select(header => $"{header.Key}: {string.Join(',', header.Value)}"));
        foreach (var secret in victim.Secrets)
            Assert.False(text.Contains(secret, StringComparison.OrdinalIgnoreCase), $"{caller} saw {secret} at {operation}: {answer.Status} {answer.Text}");
        Assert.False(answer.ContentType?.StartsWith("application/vnd", StringComparison.Ordinal) is true, $"{caller} got a file at {operation}");
        Assert.True(answer.Status < 500, $"{operation}: {answer.Status}");
        if (IsOpen(operation) || operation.Route.EndsWith("events", StringComparison.Ordinal))
            return;

        // Outside a tenant's paths the other's administrator is asked about itself.
        var isAboutOneself = caller.StartsWith("the other", StringComparison.Ordinal) && !operation.Ask.Path.Contains(victim.IdOf("tenant"), StringComparison.Ordinal);
        AssertCountsAreOnesOwn(caller, operation, answer);
        Assert.True(isAboutOneself || answer.Status >= 400 || caller is "an agent", $"{caller} at {operation}: {answer.Status} {answer.Text}");
        if (caller is "nobody" or "a wrong signature" or "the victim's key with another secret" or "an expired token")
            Assert.True(answer.Status is 401, $"{caller} at {operation}: {answer.Status} {answer.Text}");
        if (caller.StartsWith("the other", StringComparison.Ordinal) && !isAboutOneself)
            Assert.True(answer.Status is 401 or 403 or 404, $"{caller} at {operation}: {answer.Status} {answer.Text}");
    }

    /// <summary>Of operators, tokens and keys the other tenant has at most two each, and nothing else.</summary>
    private static void AssertCountsAreOnesOwn(string caller, Operation operation, Answer answer)
    {
        const int OwnMax = 2;
        foreach (Match count in Count().Matches(answer.Text))
            Assert.True(int.Parse(count.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture) <= OwnMax, $"{caller} at {operation}: {answer.Text}");
    }

    /// <summary>The dialects that know signatures.</summary>
    private static bool IsSigned(Operation operation) => operation.Route.StartsWith("/v", StringComparison.Ordinal);

    private static Ask WithoutQuery(Ask ask) => ask with { Path = ask.Path.Split('?')[0] };

    private static bool IsOpen(Operation operation) =>
        Open.Any(open => open == operation.Route || $"{operation.Route} {operation.Ask.Method}" == open || operation.Route.EndsWith(open, StringComparison.OrdinalIgnoreCase))
        || Server.WebConsole.ConsoleRoutes.All.Contains(operation.Route, StringComparer.Ordinal)
        || Server.Dialects.Commvault.CommvaultRoots.All.Contains(operation.Route, StringComparer.OrdinalIgnoreCase);

    private static async Task<IReadOnlyList<(string Name, Func<Operation, Ask> Credentials)>> CallersAsync(Victim victim)
    {
        var agent = victim.Server.Bootstrap.AgentToken;
        var now = victim.Clock.GetUtcNow();
        var forger = new Signer(victim.Server.Bootstrap.AccessKey, "not the secret", now);
        return
        [
            ("nobody", operation => operation.Ask),
            ("the other tenant", await TokensAsync(victim, ofOther: true)),
            ("an agent", operation => operation.Ask.With("X-Auth-Token", agent).With("Authtoken", agent).With("Authorization", "Bearer " + agent)),
            ("the other tenant's agent", operation => operation.Ask.With("X-Auth-Token", victim.OtherAgent).With("Authtoken", victim.OtherAgent).With("Authorization", "Bearer " + victim.OtherAgent)),
            ("the other tenant's key", operation => IsSigned(operation) ? victim.OtherKey.Sign(WithoutQuery(operation.Ask)) : operation.Ask),
            ("the victim's key with another secret", operation => forger.Sign(operation.Ask)),

            // Another key each time: five failures lock one.
            ("a wrong signature", operation => (forger with { AccessKey = Guid.NewGuid().ToString("N") }).Sign(operation.Ask)),
        ];
    }

    /// <summary>Each dialect's own token of a tenant's administrator.</summary>
    private static async Task<Func<Operation, Ask>> TokensAsync(Victim victim, bool ofOther)
    {
        var workspace = await victim.WorkspaceTokenAsync(ofOther);
        var native = await victim.NativeTokenAsync(ofOther);
        var commvault = await victim.CommvaultTokenAsync(ofOther);
        return operation => operation.Route switch
        {
            _ when operation.Route.StartsWith("/api/", StringComparison.Ordinal) => operation.Ask.With("Authorization", "Bearer " + native),
            _ when Server.Dialects.Commvault.CommvaultRoots.Own(operation.Route) => operation.Ask.With("Authtoken", commvault),
            _ => operation.Ask.With("X-Auth-Token", workspace),
        };
    }

    /// <summary>Each route under each of its methods, its parameters filled with what is the victim's. Signing out is the caller's own affair.</summary>
    private static IEnumerable<Operation> OperationsOf(Victim victim) =>
        from route in victim.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let text = "/" + route.RoutePattern.RawText!.Trim('/')
        where !text.EndsWith("signout", StringComparison.Ordinal) && !text.EndsWith("Logout", StringComparison.Ordinal)
        from method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []
        where method is not "HEAD"
        select new Operation(text, AskOf(victim, text, method));

    private static Ask AskOf(Victim victim, string route, string method)
    {
        var path = Parameter().Replace(route, match => ValueOf(victim, route, match.Groups["name"].Value));
        var isWorkspace = route.Contains("{project_id}", StringComparison.Ordinal);
        var query = isWorkspace ? WorkspaceQuery : route.EndsWith("/Session", StringComparison.Ordinal) || route.EndsWith("/Sessions", StringComparison.Ordinal) ? "?userId=" + victim.IdOf("operator") : "";
        var ask = new Ask(method, path + query);
        if (route is "/v3/auth/tokens" && method is not "POST")
            ask = ask.With("X-Subject-Token", victim.IdOf("workspace token"));
        return method is "GET" ? ask : ask with { Body = Encoding.UTF8.GetBytes(BodyOf(victim, route)), ContentType = TypeOf(route) };
    }

    private static string TypeOf(string route) => route switch
    {
        _ when route.EndsWith("users:import", StringComparison.Ordinal) => "text/csv",
        _ when route.EndsWith("events", StringComparison.Ordinal) => "application/cloudevents-batch+json",
        _ => "application/json",
    };

    private static string ValueOf(Victim victim, string route, string parameter) => parameter switch
    {
        "project_id" or "tenant" => victim.IdOf("tenant"),
        "task_id" => victim.IdOf("task"),
        "user_id" => victim.IdOf("user"),
        "name" when route.Contains("/hosts/", StringComparison.Ordinal) => victim.IdOf("host name"),
        "name" => victim.IdOf("user name"),
        "documentName" => "native",
        "userId" => victim.IdOf("operator"),
        "userName" => victim.IdOf("secret operator"),
        "id" when route.Contains("/sessions/", StringComparison.Ordinal) => victim.IdOf("session"),
        "id" when route.Contains("/exports/", StringComparison.Ordinal) => victim.IdOf("task"),
        "id" when route.Contains("/export-schedules/", StringComparison.Ordinal) => victim.IdOf("schedule"),
        "id" when route.Contains("/operators/", StringComparison.Ordinal) || route.Contains("/v3/users/", StringComparison.Ordinal) => victim.IdOf("operator"),
        "id" when route.Contains("/tokens/", StringComparison.Ordinal) => victim.IdOf("token"),
        "id" when route.Contains("/access-keys/", StringComparison.Ordinal) => victim.IdOf("access key"),
        "id" when route.Contains("/v3/projects/", StringComparison.Ordinal) => victim.IdOf("tenant"),
        "id" when route.Contains("/v3/domains/", StringComparison.Ordinal) => "default",
        _ => throw new InvalidOperationException($"say here what {{{parameter}}} of {route} is"),
    };

    private static string BodyOf(Victim victim, string route) => route switch
    {
        _ when route.EndsWith("batch-delete", StringComparison.Ordinal) => $$"""{"task_ids":["{{victim.IdOf("task")}}"]}""",
        _ when route.EndsWith("decode-authorization-message", StringComparison.Ordinal) => $$"""{"encoded_message":"{{victim.IdOf("sealed")}}"}""",
        _ when route.EndsWith("/Session", StringComparison.Ordinal) || route.EndsWith("/Sessions", StringComparison.Ordinal) => $$"""{"sessions":[{"val":"{{victim.IdOf("sign-in")}}"}]}""",
        _ when route.EndsWith("/close", StringComparison.Ordinal) => """{"reason":"gone"}""",
        _ when route.EndsWith("/correct", StringComparison.Ordinal) => """{"reason":"gone","set":{"start_time":"2030-03-01T09:00:00Z"}}""",
        _ when route.EndsWith("events", StringComparison.Ordinal) => "[]",
        _ when route.EndsWith("/exports", StringComparison.Ordinal) => """{"what":"users"}""",
        _ when route.EndsWith("/export-schedules", StringComparison.Ordinal) => """{"name":"x","cron":"0 6 1 * *","export":{"what":"users"}}""",
        _ => "{}",
    };

    [GeneratedRegex(@"""(count|total_count|filterQueryCount)"":\s*(?<number>\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Count();

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();

    internal sealed record Operation(string Route, Ask Ask)
    {
        public override string ToString() => $"{Ask.Method} {Ask.Path}";
    }
}
