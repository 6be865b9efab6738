using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;
using Rollcall.Server.Configuration;
using Rollcall.Server.Dialects.HuaweiWorkspace.Signatures;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>Tokens by password: <c>/v3/auth/tokens</c> (contract 6.1 and 6.2).</summary>
internal static class TokenRoutes
{
    private const string SubjectHeader = "X-Subject-Token";
    private const string RequiresAuthentication = "The request you have made requires authentication.";

    /// <summary>The vendor's list of consoles knows no API of ours; the nearest documented is its web console's number.</summary>
    private const int WebConsoleType = 19;

    public static void MapTokens(this RouteGroupBuilder root)
    {
        root.MapPost("/v3/auth/tokens", IssueAsync).Produces(StatusCodes.Status201Created).WithSummary("Get a token by password, for a project or the domain");
        root.MapMethods("/v3/auth/tokens", ["GET", "HEAD"], ValidateAsync).WithSummary("Look at a token");
        root.MapDelete("/v3/auth/tokens", RevokeAsync).WithSummary("End a token");
    }

    private static async Task<JsonHttpResult<TokenAnswerJson>> IssueAsync(
        HttpContext context, SignInDesk desk, IIdentityStore identities, ServerOptions options, CancellationToken cancel)
    {
        using var body = await RequestBody.ReadObjectAsync(context.Request, cancel);
        var wire = TokenRequest.Read(body.RootElement);
        var holder = await KnowAsync(context, wire, desk, identities, options, cancel);
        var project = wire.Project is { } asked ? await ProjectOfAsync(asked, holder, identities, options, cancel) : null;
        if (wire.Domain is { } domain && !DomainJson.Of(options).Is(domain))
            throw FaultException.NotSignedIn(RequiresAuthentication);

        var token = Secrets.NewToken();
        var signIn = await desk.BeginAsync(
            holder,
            new SignInTerms
            {
                Token = token,
                Scope = project is null ? SignInScope.Domain : SignInScope.Tenant,
                ScopeTenant = project?.Id,
                ConsoleType = WebConsoleType,
                Host = context.Connection.RemoteIpAddress?.ToString() ?? string.Empty,
                Lifetime = TimeSpan.FromHours(options.Huawei.TokenHours),
            },
            cancel);
        context.Response.Headers[SubjectHeader] = token;
        return Answer(context, signIn, holder, project, options, StatusCodes.Status201Created);
    }

    private static async Task<JsonHttpResult<TokenAnswerJson>> ValidateAsync(
        HttpContext context, SignInDesk desk, IIdentityStore identities, ServerOptions options, TimeProvider clock, CancellationToken cancel)
    {
        var (subject, token) = await SubjectAsync(context, desk, clock, cancel);
        var holder = await identities.TryGetOperatorAsync(subject.OperatorId ?? 0, cancel);
        if (holder is not { IsRemoved: false })
            throw NoSuchToken();

        var project = subject.ScopeTenant is { } tenant ? await identities.TryGetTenantAsync(tenant, cancel) : null;
        context.Response.Headers[SubjectHeader] = token;
        return Answer(context, subject, holder, project, options, StatusCodes.Status200OK);
    }

    private static async Task<NoContent> RevokeAsync(HttpContext context, SignInDesk desk, TimeProvider clock, CancellationToken cancel)
    {
        var (subject, _) = await SubjectAsync(context, desk, clock, cancel);
        await desk.SignOutAsync(subject, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<Operator> KnowAsync(
        HttpContext context, TokenRequest wire, SignInDesk desk, IIdentityStore identities, ServerOptions options, CancellationToken cancel)
    {
        var name = wire.UserName ?? await NameOfIdAsync(wire.UserId!, identities, cancel);
        var request = new SignInRequest { Name = name, Password = wire.Password, Address = context.Connection.RemoteIpAddress };
        var holder = await desk.TryKnowAsync(request, cancel);
        var isOtherDomain = wire.UserDomain is { } domain && !DomainJson.Of(options).Is(domain);
        return holder is null || isOtherDomain ? throw FaultException.NotSignedIn(RequiresAuthentication) : holder;
    }

    /// <summary>A name nobody has for an id nobody has: the password is checked all the same, so that the answer takes as long.</summary>
    private static async Task<string> NameOfIdAsync(string id, IIdentityStore identities, CancellationToken cancel)
    {
        var holder = DecimalText.TryParse(id, out var number)
            ? await identities.TryGetOperatorAsync(number, cancel)
            : null;
        return holder is { IsRemoved: false } ? holder.Name : $"\0{id}";
    }

    /// <summary>By id, by the tenant's name, or by the region, which SDKs send as a name and which means the holder's own project.</summary>
    private static async Task<Tenant> ProjectOfAsync(
        NamedThing asked, Operator holder, IIdentityStore identities, ServerOptions options, CancellationToken cancel)
    {
        var own = await identities.TryGetTenantAsync(holder.Tenant, cancel) ?? throw FaultException.NotSignedIn(RequiresAuthentication);
        var wanted = own;
        if (asked.Id is { } id && id != own.Id.Value)
        {
            wanted = holder.IsServerAdministrator && TenantId.TryParse(id, out var other)
                ? await identities.TryGetTenantAsync(other, cancel) ?? throw FaultException.NotSignedIn(RequiresAuthentication)
                : throw FaultException.NotSignedIn(RequiresAuthentication);
        }

        var isNamed = asked.Name is null || asked.Name == options.Huawei.Region || NameKey.Of(asked.Name) == NameKey.Of(wanted.Name);
        return isNamed ? wanted : throw FaultException.NotSignedIn(RequiresAuthentication);
    }

    /// <summary>The token asked about: one's own needs no right, another's the administrator's.</summary>
    private static async Task<(SignIn Subject, string Token)> SubjectAsync(
        HttpContext context, SignInDesk desk, TimeProvider clock, CancellationToken cancel)
    {
        var caller = await IamCaller.KnowAsync(context);
        var token = context.Request.Headers[SubjectHeader].ToString();
        if (token.Length == 0)
            throw FaultException.Malformed(SubjectHeader, "present");

        var subject = await desk.TryGetAsync(token, cancel);
        if (subject is null || subject.EndedAt(clock.GetUtcNow()) is not null || subject.Scope is not (SignInScope.Tenant or SignInScope.Domain))
            throw NoSuchToken();

        var isOwn = subject.OperatorId == caller.Operator?.Id;
        var isOfTenant = caller.IsServerAdministrator || (subject.Tenant == caller.Tenant && caller.May(Permission.ManageOperators));
        return isOwn || isOfTenant ? (subject, token) : throw FaultException.NotAllowed(Permission.ManageOperators);
    }

    private static FaultException NoSuchToken() => FaultException.NotFound("X-Subject-Token is invalid in the request");

    private static JsonHttpResult<TokenAnswerJson> Answer(
        HttpContext context, SignIn signIn, Operator holder, Tenant? project, ServerOptions options, int status)
    {
        var baseUrl = context.Request.Query.ContainsKey("nocatalog") ? null : $"{context.Request.Scheme}://{context.Request.Host}";
        context.Response.Headers.Vary = "X-Auth-Token";
        return TypedResults.Json(
            new TokenAnswerJson(TokenWords.Of(signIn, holder, project, options, baseUrl)), IamJson.Default.TokenAnswerJson, statusCode: status);
    }
}

/// <summary>Who asks the identity service: by any of its own tokens, whatever its scope, or by a signature, as SDKs do before they know a project.</summary>
internal static class IamCaller
{
    public static async Task<Caller> KnowAsync(HttpContext context)
    {
        var token = context.Request.Headers["X-Auth-Token"].ToString();
        if (token.Length == 0 && SignatureDesk.IsOffered(context.Request))
            return await context.RequestServices.GetRequiredService<SignatureDesk>().KnowAsync(context);

        var desk = context.RequestServices.GetRequiredService<CallerDesk>();
        var caller = await desk.TrySignInAsync(token, context.RequestAborted);
        return caller?.SignIn is { Scope: SignInScope.Tenant or SignInScope.Domain }
            ? caller
            : throw FaultException.NotSignedIn("The request you have made requires authentication.");
    }
}
