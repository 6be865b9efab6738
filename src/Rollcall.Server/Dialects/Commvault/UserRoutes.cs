using Microsoft.OpenApi;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>Who there is, to find a userId by: <c>GET User</c>, one user by number or name, and <c>WhoAmI</c>.</summary>
internal static class UserRoutes
{
    private const string Summary = "One user";

    public static void MapUsers(this RouteGroupBuilder root)
    {
        root.MapGet("User", ListAsync)
            .WithMetadata(new ApiParameter("fq", ParameterLocation.Query, "name:eq:{name}; other filters are refused"))
            .WithMetadata(new ApiParameter("start", ParameterLocation.Query, "Users to skip, from 0"))
            .WithMetadata(new ApiParameter("limit", ParameterLocation.Query, "Users to list at most; absent means all"))
            .Produces<UserListJson>(StatusCodes.Status200OK, "application/json", "application/xml")
            .WithSummary("The users that the caller may see")
            .WithDescription("All of the tenant need the role administrator; without it, the caller alone. filterQueryCount is how many match.");
        foreach (var one in (ReadOnlySpan<(string Path, Delegate Handler)>)[("User/{userId}", GetAsync), ("User/byName(userName='{userName}')", GetByNameAsync)])
        {
            root.MapGet(one.Path, one.Handler)
                .Produces<UserListJson>(StatusCodes.Status200OK, "application/json", "application/xml")
                .WithSummary(Summary);
        }

        root.MapPost("WhoAmI", WhoAmI).Produces<WhoAmIJson>(StatusCodes.Status200OK, "application/json", "application/xml").WithSummary("Who the caller is");
        root.MapGet("v2/WhoAmI", WhoAmI).Produces<WhoAmIJson>(StatusCodes.Status200OK, "application/json", "application/xml").WithSummary("Who the caller is");
    }

    private static async Task<IResult> ListAsync(
        CommvaultCaller caller, HttpRequest request, IIdentityStore identities, ServerOptions options, CancellationToken cancel)
    {
        var wire = UserListRequest.From(request.Query, options.Commvault.UsersMax);
        var seen = caller.Caller.May(Permission.ReadSignIns)
            ? await FindAsync(caller.Caller, wire, identities, options.Commvault.UsersMax, cancel)
            : Self(caller.Caller);
        var matching = seen.Where(found => wire.Name is null || NameKey.Of(found.Name) == NameKey.Of(wire.Name)).OrderBy(found => found.Id).ToList();
        return new CommvaultResult(UserListJson.Of(matching.Skip(wire.Start).Take(wire.Limit), matching.Count));
    }

    private static async Task<IReadOnlyList<Operator>> FindAsync(
        Caller caller, UserListRequest wire, IIdentityStore identities, int usersMax, CancellationToken cancel)
    {
        if (wire.Name is { } name)
            return await identities.TryGetOperatorByNameAsync(name, cancel) is { } named && CommvaultReach.Covers(caller, named) ? [named] : [];

        var all = new List<Operator>();
        await foreach (var tenant in CommvaultReach.TenantsAsync(caller, identities, cancel))
        {
            var page = await identities.FindOperatorsAsync(tenant, after: null, usersMax - all.Count + 1, cancel);
            all.AddRange(page.Items);
            if (all.Count > usersMax)
                throw FaultException.TooMany($"There are more than {usersMax} users, as many as one answer may list: ask for one by userId or by name");
        }

        return all;
    }

    private static async Task<IResult> GetAsync(CommvaultCaller caller, string userId, IIdentityStore identities, CancellationToken cancel)
    {
        if (!DecimalText.TryParse(userId, out var number) || number == 0)
            throw FaultException.Malformed("userId", "a positive whole number of at most 64 bits");

        return await AnswerAsync(caller.Caller, self => self.Id == number, () => identities.TryGetOperatorAsync(number, cancel));
    }

    private static async Task<IResult> GetByNameAsync(CommvaultCaller caller, string userName, IIdentityStore identities, CancellationToken cancel)
    {
        var name = UserListRequest.PathNameOf(userName);
        return await AnswerAsync(
            caller.Caller, self => NameKey.Of(self.Name) == NameKey.Of(name), () => identities.TryGetOperatorByNameAsync(name, cancel));
    }

    /// <summary>Before anything is looked up, the right to see others: who has it not must not learn which numbers and names there are (D0054).</summary>
    private static async Task<IResult> AnswerAsync(Caller caller, Func<Operator, bool> isAsked, Func<Task<Operator?>> lookUp)
    {
        if (caller.Operator is { } self && isAsked(self))
            return new CommvaultResult(UserListJson.Of([self], 1));

        caller.Demand(Permission.ReadSignIns);
        return await lookUp() is { IsRemoved: false } found && CommvaultReach.Covers(caller, found)
            ? new CommvaultResult(UserListJson.Of([found], 1))
            : throw FaultException.NotFound("There is no such user");
    }

    private static CommvaultResult WhoAmI(CommvaultCaller caller) => new(WhoAmIJson.Of(caller.Caller));

    /// <summary>An API token is no user: without the right to see others it sees nobody at all.</summary>
    private static IReadOnlyList<Operator> Self(Caller caller) =>
        caller.Operator is { } self ? [self] : throw FaultException.NotAllowed(Permission.ReadSignIns);
}
