using System.Globalization;
using Microsoft.Extensions.Primitives;
using Microsoft.OpenApi;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>A user's sign-ins, lasting and ended: <c>GET Session</c> and <c>GET Sessions</c>, one operation in two spellings (D0036).</summary>
internal static class SessionRoutes
{
    public static readonly IReadOnlyList<string> Spellings = ["Session", "Sessions"];

    public static void MapSessions(this RouteGroupBuilder root)
    {
        foreach (var spelling in Spellings)
        {
            root.MapGet(spelling, ListAsync)
                .WithMetadata(new ApiParameter("userId", ParameterLocation.Query, "An operator's number; absent means the caller"))
                .Produces<LoggedInSessionsJson>(StatusCodes.Status200OK, "application/json", "application/xml")
                .WithSummary("A user's sessions at the consoles, newest first")
                .WithDescription("Those of others need the role administrator.");
        }
    }

    private static async Task<IResult> ListAsync(
        CommvaultCaller caller, HttpRequest request, SignInDesk desk, IIdentityStore identities, ServerOptions options, TimeProvider clock,
        CancellationToken cancel)
    {
        var asked = UserIdOf(request.Query["userId"]);
        if (await HolderAsync(caller.Caller, asked, identities, cancel) is not { } holder)
            return new CommvaultResult(LoggedInSessionsJson.Empty);

        var found = await desk.FindAsync(holder, options.Commvault.SessionsMax, cancel);
        return new CommvaultResult(LoggedInSessionsJson.Of(holder, found, clock.GetUtcNow()));
    }

    /// <summary>Null when absent; given more than once, it must be the same number each time. The name ignores case as all queries do.</summary>
    internal static long? UserIdOf(StringValues texts)
    {
        long? userId = null;
        foreach (var text in texts)
        {
            if (!DecimalText.TryParse(text, out var number) || number == 0)
                throw FaultException.Malformed("userId", "a positive whole number of at most 64 bits");
            if (userId is not null && userId != number)
                throw FaultException.Malformed("userId", "given once");
            userId = number;
        }

        return userId;
    }

    /// <summary>Whose sign-ins are asked for; null when there is nobody the caller could see (D0031, D0032).</summary>
    private static async Task<Operator?> HolderAsync(Caller caller, long? asked, IIdentityStore identities, CancellationToken cancel)
    {
        if (asked is not { } userId)
            return caller.Operator ?? throw FaultException.Malformed("userId", "present: an API token has no sessions of its own");
        if (userId == caller.Operator?.Id)
            return caller.Operator;

        // Before anything is looked up: who may not see others must not learn which ids there are.
        caller.Demand(Permission.ReadSignIns);
        var found = await identities.TryGetOperatorAsync(userId, cancel);
        return found is not null && (caller.IsServerAdministrator || found.Tenant == caller.Tenant) ? found : null;
    }
}
