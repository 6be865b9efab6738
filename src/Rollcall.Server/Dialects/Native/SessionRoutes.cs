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
            .WithDescription("Newest start first. Filters are joined by AND; state may be repeated. A range is half-open and overlaps by default.");
        tenant.MapGet("sessions/{id}", GetAsync).WithSummary("One session with its connections and its timeline");
    }

    public static void MapOwnSessions(this RouteGroupBuilder api) => api.MapGet("me/sessions", ListOwnAsync)
        .WithSummary("The caller's own sessions: those of the user of the same name, under any domain")
        .WithDescription("Needs no permission. Takes the filters of the list of sessions but user.");

    private static async Task<JsonHttpResult<SessionListJson>> ListOwnAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] SessionListParameters wire, ISessionLedger ledger, IUserDirectory directory,
        TimeProvider clock, CancellationToken cancel)
    {
        NativeQuery.Allow(request, "host", "state", "from", "to", "range", "limit", "cursor", "count");
        if (caller.Caller.Operator is not { } self)
            throw FaultException.Conflict("An API token is nobody's: it has no sessions of its own");

        return await AnswerAsync(wire with { User = self.Name }, caller.Tenant, ledger, directory, clock, cancel);
    }

    private static async Task<JsonHttpResult<SessionListJson>> ListAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] SessionListParameters wire, ISessionLedger ledger, IUserDirectory directory,
        TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        NativeQuery.Allow(request, "user", "host", "state", "from", "to", "range", "limit", "cursor", "count");
        return await AnswerAsync(wire, tenant, ledger, directory, clock, cancel);
    }

    private static async Task<JsonHttpResult<SessionListJson>> AnswerAsync(
        SessionListParameters wire, TenantId tenant, ISessionLedger ledger, IUserDirectory directory, TimeProvider clock, CancellationToken cancel)
    {
        var asOf = clock.GetUtcNow();
        var page = await ledger.FindAsync(wire.ToQuery(tenant), wire.Cursor, NativeQuery.Limit(wire.Limit), wire.IsCounted, cancel);
        var ids = await UserIds.FindAsync(directory, tenant, page.Items, cancel);
        var items = page.Items.Select(session => SessionJson.From(session, ids.Of(session), asOf)).ToList();
        return TypedResults.Json(new SessionListJson(items, page.NextCursor, page.Total, asOf, LimitedBy: null), NativeJson.Wire.SessionListJson);
    }

    private static async Task<JsonHttpResult<SessionDetailJson>> GetAsync(
        NativeCaller caller, HttpRequest request, string id, ISessionLedger ledger, IUserDirectory directory, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        NativeQuery.Allow(request);
        var detail = await ledger.TryGetAsync(tenant, id, cancel) ?? throw FaultException.NotFound("There is no session with this id");
        var ids = await UserIds.FindAsync(directory, tenant, [detail.Session], cancel);
        return TypedResults.Json(
            new SessionDetailJson(detail, ids.Of(detail.Session), clock.GetUtcNow()), NativeJson.Wire.SessionDetailJson);
    }
}

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
    [FromQuery(Name = "limit")] string? Limit,
    [FromQuery(Name = "cursor")] string? Cursor,
    [FromQuery(Name = "count")] string? Count)
{
    public bool IsCounted => NativeQuery.IsCounted(Count);

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
