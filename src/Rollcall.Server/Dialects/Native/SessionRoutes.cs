using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Identity;
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
                "Newest start first. Filters are joined by AND; state may be repeated. A range is half-open and overlaps by default. "
                + "With as_known_at the answer is what it would have been at that instant; it then needs host, user, or from and to at most 31 days apart, and revision is null.");
        tenant.MapGet("sessions/{id}", GetAsync).WithSummary("One session with its connections, its timeline and every reading")
            .WithDescription(
                "timeline has every event, readings what the ledger said of the session from one arrival to the next that changed it. "
                + "With as_known_at both are as they were at that instant; 404 when the session was not known by then.");
    }

    public static void MapOwnSessions(this RouteGroupBuilder api) => api.MapGet("me/sessions", ListOwnAsync)
        .WithSummary("The caller's own sessions: those of the user of the same name, under any domain")
        .WithDescription("Needs no permission. Takes the filters of the list of sessions but user.");

    private static async Task<JsonHttpResult<SessionListJson>> ListOwnAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] SessionListParameters wire, SessionAsking asking, IUserDirectory directory,
        TimeProvider clock, CancellationToken cancel)
    {
        NativeQuery.Allow(request, "host", "state", "from", "to", "range", "as_known_at", "limit", "cursor", "count");
        if (caller.Caller.Operator is not { } self)
            throw FaultException.Conflict("An API token is nobody's: it has no sessions of its own");

        return await AnswerAsync(wire with { User = self.Name }, caller.Tenant, asking, directory, clock, cancel);
    }

    private static async Task<JsonHttpResult<SessionListJson>> ListAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] SessionListParameters wire, SessionAsking asking, IUserDirectory directory,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        NativeQuery.Allow(request, "user", "host", "state", "from", "to", "range", "as_known_at", "limit", "cursor", "count");
        return await AnswerAsync(wire, tenant, asking, directory, clock, cancel);
    }

    private static async Task<JsonHttpResult<SessionListJson>> AnswerAsync(
        SessionListParameters wire, TenantId tenant, SessionAsking asking, IUserDirectory directory, TimeProvider clock, CancellationToken cancel)
    {
        var asOf = clock.GetUtcNow();
        var (query, limit) = (wire.ToQuery(tenant), NativeQuery.Limit(wire.Limit));
        var knownAt = NativeQuery.PastInstant("as_known_at", wire.AsKnownAt, asOf);
        wire.CheckKnownAt(query);
        var page = knownAt is { } then
            ? await asking.History.FindAsync(query, then, wire.Cursor, limit, wire.IsCounted, cancel)
            : await asking.Ledger.FindAsync(query, wire.Cursor, limit, wire.IsCounted, cancel);
        var ids = await UserIds.FindAsync(directory, tenant, page.Items, cancel);
        var items = page.Items.Select(session => SessionJson.From(session, ids.Of(session), knownAt ?? asOf)).ToList();
        return TypedResults.Json(new SessionListJson(items, page.NextCursor, page.Total, knownAt ?? asOf, LimitedBy: null), NativeJson.Wire.SessionListJson);
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
internal sealed record SessionAsking(ISessionLedger Ledger, ISessionHistory History);

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

/// <summary>The filters of the list, as text.</summary>
internal sealed record SessionListParameters(
    [FromQuery(Name = "user")] string? User,
    [FromQuery(Name = "host")] string? Host,
    [FromQuery(Name = "state")] string[]? State,
    [FromQuery(Name = "from")] string? From,
    [FromQuery(Name = "to")] string? To,
    [FromQuery(Name = "range")] string? Range,
    [FromQuery(Name = "as_known_at")] string? AsKnownAt,
    [FromQuery(Name = "limit")] string? Limit,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "count")] string? Count)
{
    /// <summary>The widest span of a list as known at an instant that names neither host nor user.</summary>
    /// <remarks>Source: native API, "Asking".</remarks>
    private static readonly TimeSpan KnownSpanMax = TimeSpan.FromDays(31);

    public bool IsCounted => NativeQuery.IsCounted(Count);

    /// <summary>What was known is worked out anew: not for all sessions there ever were.</summary>
    public void CheckKnownAt(SessionQuery query)
    {
        if (AsKnownAt is null || query.HostName is not null || query.UserInAnyForm is not null)
            return;
        if (NativeQuery.Instant("from", From) is not { } from || NativeQuery.Instant("to", To) is not { } to || to - from > KnownSpanMax)
            throw FaultException.Malformed("as_known_at", "asked together with host, with user, or with from and to at most 31 days apart");
    }

    public SessionQuery ToQuery(TenantId tenant)
    {
        var query = new SessionQuery(tenant)
        {
            UserInAnyForm = NativeQuery.Text("user", User),
            HostName = NativeQuery.Text("host", Host),
            States = [.. (State ?? []).Select(text => SessionWords.TryState(text)
                ?? throw FaultException.Malformed("state", "initializing, active, disconnected, ended or failed"))],
        };
        var range = NativeQuery.Range(From, To);
        return Range switch
        {
            null or "overlaps" => query with { Overlapping = range },
            "starts_in" => query with { Started = range },
            "ends_in" => query with { Ended = range },
            _ => throw FaultException.Malformed("range", "overlaps, starts_in or ends_in"),
        };
    }
}
