using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Retention;
using Rollcall.Core.Sessions;
using Rollcall.Core.Users;
using Rollcall.Server.Ingest;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Asking about sessions: <c>GET …/sessions</c> and <c>GET …/sessions/{id}</c>.</summary>
internal static class SessionRoutes
{
    public static void MapSessions(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("sessions", ListAsync).WithSummary("Find sessions")
            .WithDescription(
                "Filters are joined by AND; state may be repeated. A range is half-open and overlaps by default. client_ip and public_ip take an address or a range such as 10.2.0.0/16. "
                + "active_at finds who was on at an instant. order is -start_time (default), start_time, -end_time (open sessions first), duration or -duration; the cursor belongs to "
                + "filter and order, and pages after the first keep its as_of. "
                + "limited_by says from when on sessions are kept whose time the filter reaches behind. With as_known_at the answer is what it would have been at that instant; it then needs host, user, or from and to at most 31 days apart, and revision is null.");
        tenant.MapGet("sessions/{id}", GetAsync).WithSummary("One session with its connections, its timeline and every reading")
            .WithDescription(
                "timeline has every event, readings what the ledger said of the session from one arrival to the next that changed it. "
                + "With as_known_at both are as they were at that instant; 404 when the session was not known by then.");
    }

    public static void MapOwnSessions(this RouteGroupBuilder api) => api.MapGet("me/sessions", ListOwnAsync)
        .WithSummary("The caller's own sessions: those of the user of the same name, under any domain")
        .WithDescription("Needs no permission. Takes the filters of the list of sessions but user and user_contains.");

    private static async Task<JsonHttpResult<SessionListJson>> ListOwnAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] SessionListParameters wire, SessionAsking asking, IUserDirectory directory,
        TimeProvider clock, CancellationToken cancel)
    {
        NativeQuery.Allow(request, [.. SessionListParameters.Filters.Where(name => name is not ("user" or "user_contains")), .. SessionListParameters.Paging]);
        if (caller.Caller.Operator is not { } self)
            throw FaultException.Conflict("An API token is nobody's: it has no sessions of its own");

        return await AnswerAsync(request, wire with { User = self.Name }, caller.Tenant, asking, directory, clock, cancel);
    }

    private static async Task<JsonHttpResult<SessionListJson>> ListAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] SessionListParameters wire, SessionAsking asking, IUserDirectory directory,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        NativeQuery.Allow(request, [.. SessionListParameters.Filters, .. SessionListParameters.Paging]);
        return await AnswerAsync(request, wire, tenant, asking, directory, clock, cancel);
    }

    private static async Task<JsonHttpResult<SessionListJson>> AnswerAsync(
        HttpRequest request, SessionListParameters wire, TenantId tenant, SessionAsking asking, IUserDirectory directory, TimeProvider clock, CancellationToken cancel)
    {
        var cursor = BoundCursor.Of(request, wire.Cursor, clock.GetUtcNow());
        var knownAt = NativeQuery.PastInstant("as_known_at", wire.AsKnownAt, cursor.AsOf);
        var asOf = knownAt ?? cursor.AsOf;
        var (query, limit) = (wire.ToQuery(tenant, asOf), NativeQuery.Limit(wire.Limit));
        wire.CheckKnownAt(query);
        var page = knownAt is { } then
            ? await asking.History.FindAsync(query, then, cursor.Inner, limit, wire.IsCounted, cancel)
            : await asking.Ledger.FindAsync(query, cursor.Inner, limit, wire.IsCounted, cancel);
        var ids = await UserIds.FindAsync(directory, tenant, page.Items, cancel);
        var items = page.Items.Select(session => SessionJson.From(session, ids.Of(session), asOf)).ToList();
        return TypedResults.Json(
            new SessionListJson(items, cursor.Next(request, page.NextCursor), page.Total, asOf, await LimitOf.SessionsAsync(asking.Retention, query, knownAt, cancel)), NativeJson.Wire.SessionListJson);
    }

    private static async Task<JsonHttpResult<SessionDetailJson>> GetAsync(
        NativeCaller caller, HttpRequest request, string id, [FromQuery(Name = "as_known_at")] string? asKnownAt, SessionAsking asking,
        IUserDirectory directory, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        NativeQuery.Allow(request, "as_known_at");
        var asOf = clock.GetUtcNow();
        var knownAt = NativeQuery.PastInstant("as_known_at", asKnownAt, asOf);
        var account = await asking.History.TryGetAsync(tenant, id, knownAt, cancel)
            ?? throw FaultException.NotFound(knownAt is null ? "There is no session with this id" : "No session with this id was known by then");
        var ids = await UserIds.FindAsync(directory, tenant, [account.Detail.Session], cancel);
        return TypedResults.Json(
            new SessionDetailJson(account, ids.Of(account.Detail.Session), knownAt ?? asOf), NativeJson.Wire.SessionDetailJson);
    }
}

/// <summary>Where answers about sessions come from: the ledger as it is, and as it was.</summary>
internal sealed record SessionAsking(ISessionLedger Ledger, ISessionHistory History, IRetention Retention);

/// <summary>Who of the directory the users of some sessions are: by the name as the source wrote it, else by the plain name in it.</summary>
internal sealed record UserIds(IReadOnlyDictionary<string, string> ByKey)
{
    public static async Task<UserIds> FindAsync(
        IUserDirectory directory, TenantId tenant, IReadOnlyCollection<Session> sessions, CancellationToken cancel)
    {
        var keys = sessions.SelectMany(session => new[] { NameKey.Of(session.User), NameKey.OfPlain(session.User) }).ToHashSet(StringComparer.Ordinal);
        return new UserIds(await directory.FindIdsAsync(tenant, keys, cancel));
    }

    /// <summary>Null when the directory does not know the user.</summary>
    public string? Of(Session session) => ByKey.GetValueOrDefault(NameKey.Of(session.User)) ?? ByKey.GetValueOrDefault(NameKey.OfPlain(session.User));
}
