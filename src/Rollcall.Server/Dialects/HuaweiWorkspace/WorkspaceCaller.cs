using System.Globalization;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;
using Rollcall.Server.Dialects.HuaweiWorkspace.Signatures;
using Rollcall.Server.Identity;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>Who asks, and about which project: bound from the request before any handler runs (design 3, point 9).</summary>
internal sealed record WorkspaceCaller(Caller Caller, TenantId Tenant)
{
    private const int ProjectIdLengthMax = 128; // contract 1.1

    private static readonly object ItemKey = new();

    /// <exception cref="FaultException">Not signed in, the path's id is none, or the project is not in the token's scope.</exception>
    public static async ValueTask<WorkspaceCaller?> BindAsync(HttpContext context)
    {
        var caller = await KnowAsync(context);
        context.Items[ItemKey] = caller;
        var path = (string)context.GetRouteValue("project_id")!;
        if (path.Length > ProjectIdLengthMax || !path.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_'))
            throw FaultException.Malformed("project_id", "a project ID");

        // One answer for another's project and for none: ids cannot be probed.
        if (ScopeOf(caller) is not { } scope || scope.Value != path)
            throw FaultException.ForeignTenant();
        if (context.Request.Headers["X-Project-Id"].ToString() is { Length: > 0 } header && header != path)
            throw FaultException.ForeignTenant();
        var lists = context.GetEndpoint()?.Metadata.GetMetadata<ListParameters>();
        if (context.Request.Query.FirstOrDefault(parameter => parameter.Value.Count > 1 && lists?.Has(parameter.Key) is not true) is { Key: { } repeated })
            throw FaultException.Malformed(repeated, "given once");

        return new WorkspaceCaller(caller, scope);
    }

    /// <summary>For a route outside any project: a refusal then knows whom it is about.</summary>
    public static void Remember(HttpContext context, Caller caller) => context.Items[ItemKey] = caller;

    /// <summary>Null when the caller was never established.</summary>
    public static Caller? KnownIn(HttpContext context) => context.Items[ItemKey] as Caller;

    public TenantId With(Permission needed)
    {
        Caller.Demand(needed);
        return Tenant;
    }

    /// <summary>A token has the scope it was asked for; a key has its tenant. Null for a token of the domain.</summary>
    private static TenantId? ScopeOf(Caller caller) => caller.SignIn is { } signIn ? signIn.ScopeTenant : caller.Tenant;

    /// <summary>By the token, when there is one, else by the signature: one of them always.</summary>
    private static async Task<Caller> KnowAsync(HttpContext context)
    {
        var token = context.Request.Headers["X-Auth-Token"].ToString();
        if (token.Length == 0 && SignatureDesk.IsOffered(context.Request))
            return await context.RequestServices.GetRequiredService<SignatureDesk>().KnowAsync(context);
        if (token.Length == 0)
            throw FaultException.NotSignedIn(SignatureDesk.Incorrect + "x-auth-token not found");

        var callers = context.RequestServices.GetRequiredService<CallerDesk>();
        var caller = await callers.TrySignInAsync(token, context.RequestAborted);
        return caller?.SignIn is { Scope: SignInScope.Tenant or SignInScope.Domain } ? caller : throw await RefusalOfAsync(context, token);
    }

    private static async Task<FaultException> RefusalOfAsync(HttpContext context, string token)
    {
        var desk = context.RequestServices.GetRequiredService<SignInDesk>();
        var now = context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow();
        var known = await desk.TryGetAsync(token, context.RequestAborted);
        return known is { SignedOutAt: null } && known.EndedAt(now) is { } endedAt
            ? FaultException.NotSignedIn($"{SignatureDesk.Incorrect}token expires, expires_at: {endedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)}")
            : FaultException.NotSignedIn(SignatureDesk.Incorrect + "decrypt token fail");
    }
}

/// <summary>On a route: the query parameters that are lists and so may be repeated (contract 9.3). Every other one is given once.</summary>
internal sealed class ListParameters(params string[] names)
{
    public bool Has(string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
