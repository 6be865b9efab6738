using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Identity;
using Rollcall.Core.Retention;
using Rollcall.Server.Ingest;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Attaches of clients and failed attempts: <c>GET …/connections</c>.</summary>
internal static class ConnectionRoutes
{
    public static void MapConnections(this RouteGroupBuilder tenant) => tenant.MapGet("connections", ListAsync).WithSummary("Find connections")
        .WithDescription(
            "Newest request first; from and to bound it. user is exact in any form, host exact, user_contains a part; client_ip takes an address or a range such as 10.9.0.0/16; "
            + "failed is true or false, failed_code exact. The cursor belongs to the filter. limited_by says from when on history is kept where from reaches behind that.");

    private static async Task<JsonHttpResult<ConnectionListJson>> ListAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] ConnectionListParameters wire, IConnectionLog log, IRetention retention, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadConnections);
        NativeQuery.Allow(request, [.. ConnectionListParameters.Filters, "limit", "cursor", "count"]);
        var (query, limit, isCounted) = (wire.ToQuery(tenant), NativeQuery.Limit(wire.Limit), NativeQuery.IsCounted(wire.Count));
        var cursor = BoundCursor.Of(request, wire.Cursor, clock.GetUtcNow());
        var page = await log.FindAsync(query, cursor.Inner, limit, isCounted, cancel);
        return TypedResults.Json(
            new ConnectionListJson(
                [.. page.Items.Select(ListedConnectionJson.Of)], cursor.Next(request, page.NextCursor), page.Total,
                await LimitOf.SinceAsync(retention, tenant, query.Requested.From, cancel)),
            NativeJson.Wire.ConnectionListJson);
    }
}

/// <summary>The filters of the list, as text.</summary>
internal sealed record ConnectionListParameters
{
    /// <summary>What decides which rows there are: exports take the same.</summary>
    public static IReadOnlyList<string> Filters { get; } = ["user", "user_contains", "host", "client_ip", "failed", "failed_code", "from", "to"];

    [FromQuery(Name = "user")] public string? User { get; init; }

    [FromQuery(Name = "user_contains")] public string? UserContains { get; init; }

    [FromQuery(Name = "host")] public string? Host { get; init; }

    [FromQuery(Name = "client_ip")] public string? ClientIp { get; init; }

    [FromQuery(Name = "failed")] public string? Failed { get; init; }

    [FromQuery(Name = "failed_code")] public string? FailedCode { get; init; }

    [FromQuery(Name = "from")] public string? From { get; init; }

    [FromQuery(Name = "to")] public string? To { get; init; }

    [FromQuery(Name = "limit")] public string? Limit { get; init; }

    [FromQuery(Name = "cursor")] public string? Cursor { get; init; }

    [FromQuery(Name = "count")] public string? Count { get; init; }

    public ConnectionQuery ToQuery(TenantId tenant) => new(tenant)
    {
        UserInAnyForm = NativeQuery.Text("user", User),
        UserContains = NativeQuery.Text("user_contains", UserContains),
        HostName = NativeQuery.Text("host", Host),
        ClientIpIn = NativeQuery.Addresses("client_ip", ClientIp),
        IsFailed = NativeQuery.Flag("failed", Failed),
        FailureCode = NativeQuery.Text("failed_code", FailedCode),
        Requested = NativeQuery.Range(From, To),
    };
}

/// <summary>One page of connections.</summary>
/// <param name="LimitedBy">What cut the answer; null when nothing did.</param>
internal sealed record ConnectionListJson(IReadOnlyList<ListedConnectionJson> Items, string? NextCursor, long? Count, string? LimitedBy);

/// <summary>One attach to detach, or one failed attempt, of a list.</summary>
internal sealed record ListedConnectionJson(
    string Id, string SessionId, string User, string Kind, HostJson Host, string? AppName, DateTimeOffset RequestedAt, DateTimeOffset? EstablishedAt, DateTimeOffset? EndedAt,
    bool IsReconnect, ClientJson? Client, FailureJson? Failure, string? TransactionId, int? NetworkRttMs, int? E2eRttMs, string? AgentVersion)
{
    public static ListedConnectionJson Of(Connection connection) => new(
        connection.Id, connection.SessionId, connection.User, SessionWords.Of(connection.Kind), HostJson.From(connection.Host), connection.AppName, connection.RequestedAt,
        connection.EstablishedAt, connection.EndedAt, connection.IsReconnect, ClientJson.From(connection.Client), FailureJson.From(connection.Failure), connection.TransactionId,
        connection.NetworkRttMs, connection.EndToEndRttMs, connection.AgentVersion);
}
