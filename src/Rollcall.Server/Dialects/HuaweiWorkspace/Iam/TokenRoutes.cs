using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;
using Rollcall.Server.Configuration;
using Rollcall.Server.Dialects.HuaweiWorkspace.Signatures;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>Tokens: <c>/v3/auth/tokens</c> (contract 6.1 and 6.2).</summary>
internal static class TokenRoutes
{
    private const string SubjectHeader = "X-Subject-Token";

    public static void MapTokens(this RouteGroupBuilder root)
    {
        root.MapPost("/v3/auth/tokens", IssueAsync).Produces(StatusCodes.Status201Created)
            .WithSummary("Get a token by password, or for another token, for a project, for the domain or unscoped");
        root.MapMethods("/v3/auth/tokens", ["GET", "HEAD"], ValidateAsync).WithSummary("Look at a token");
        root.MapDelete("/v3/auth/tokens", RevokeAsync).WithSummary("End a token");
    }

    private static async Task<JsonHttpResult<TokenAnswerJson>> IssueAsync(
        HttpContext context, TokenIssuer issuer, ServerOptions options, CancellationToken cancel)
    {
        using var body = await RequestBody.ReadObjectAsync(context.Request, cancel);
        var token = await issuer.IssueAsync(TokenRequest.Read(body.RootElement), context.Connection.RemoteIpAddress, cancel);
        return Answer(context, token, options, StatusCodes.Status201Created);
    }

    private static async Task<JsonHttpResult<TokenAnswerJson>> ValidateAsync(
        HttpContext context, SignInDesk desk, IIdentityStore identities, ServerOptions options, TimeProvider clock, CancellationToken cancel)
    {
        var (subject, text) = await SubjectAsync(context, desk, clock, cancel);
        var holder = await identities.TryGetOperatorAsync(subject.OperatorId ?? 0, cancel);
        if (holder is not { IsRemoved: false })
            throw NoSuchToken();

        var project = subject.ScopeTenant is { } tenant ? await identities.TryGetTenantAsync(tenant, cancel) : null;
        return Answer(context, new TokenFacts(text, subject, holder, project), options, StatusCodes.Status200OK);
    }

    private static async Task<NoContent> RevokeAsync(HttpContext context, SignInDesk desk, TimeProvider clock, CancellationToken cancel)
    {
        var (subject, _) = await SubjectAsync(context, desk, clock, cancel);
        await desk.SignOutAsync(subject, cancel);
        return TypedResults.NoContent();
    }

    /// <summary>The token asked about: one's own needs no right, another's the administrator's.</summary>
    private static async Task<(SignIn Subject, TokenText Text)> SubjectAsync(
        HttpContext context, SignInDesk desk, TimeProvider clock, CancellationToken cancel)
    {
        var caller = await IamCaller.KnowAsync(context);
        var token = context.Request.Headers[SubjectHeader].ToString();
        if (token.Length == 0)
            throw FaultException.Malformed(SubjectHeader, "present");

        var subject = await desk.TryGetAsync(token, cancel);
        if (subject is null || subject.EndedAt(clock.GetUtcNow()) is not null || subject.Scope is not (SignInScope.Tenant or SignInScope.Domain))
            throw NoSuchToken();

        // Another tenant's token and none get the same answer.
        if (subject.Tenant != caller.Tenant && !caller.IsServerAdministrator)
            throw NoSuchToken();

        var isOwn = subject.OperatorId == caller.Operator?.Id;
        return isOwn || caller.May(Permission.ManageOperators) ? (subject, new TokenText(token)) : throw FaultException.NotAllowed(Permission.ManageOperators);
    }

    private static FaultException NoSuchToken() => FaultException.NotFound("X-Subject-Token is invalid in the request");

    private static JsonHttpResult<TokenAnswerJson> Answer(HttpContext context, TokenFacts token, ServerOptions options, int status)
    {
        var baseUrl = context.Request.Query.ContainsKey("nocatalog") ? null : IamUrls.BaseOf(context.Request);
        context.Response.Headers[SubjectHeader] = token.Text.Value;
        context.Response.Headers.Vary = "X-Auth-Token";
        return TypedResults.Json(new TokenAnswerJson(TokenWords.Of(token, options, baseUrl)), IamJson.Default.TokenAnswerJson, statusCode: status);
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
