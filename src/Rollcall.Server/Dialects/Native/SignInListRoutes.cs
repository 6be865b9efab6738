using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Retention;
using Rollcall.Core.SignIns;
using Rollcall.Server.Identity;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Who signed in at a console or an API: <c>GET …/signins</c>.</summary>
internal static class SignInListRoutes
{
    public static void MapSignIns(this RouteGroupBuilder tenant) => tenant.MapGet("signins", ListAsync).WithSummary("Find sign-ins of operators")
        .WithDescription(
            "Newest first; from and to bound the start. operator and host are exact; client_ip takes an address or a range; open=true finds those that last at as_of. The cursor belongs to the "
            + "filter. Sign-ins that other consoles report are among them: operator_id and client_ip are null there. "
            + "limited_by says from when on history is kept where from reaches behind that.");

    private static async Task<JsonHttpResult<SignInListJson>> ListAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] SignInListParameters wire, SignInDesk desk, IRetention retention, TimeProvider clock,
        CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSignIns);
        NativeQuery.Allow(request, [.. SignInListParameters.Filters, "limit", "cursor", "count"]);
        var (limit, isCounted) = (NativeQuery.Limit(wire.Limit), NativeQuery.IsCounted(wire.Count));
        var cursor = BoundCursor.Of(request, wire.Cursor, clock.GetUtcNow());
        var query = wire.ToQuery(tenant, cursor.AsOf);
        var page = await desk.FindAsync(query, cursor.Inner, limit, isCounted, cancel);
        return TypedResults.Json(
            new SignInListJson(
                [.. page.Items.Select(signIn => ListedSignInJson.Of(signIn, cursor.AsOf))], cursor.Next(request, page.NextCursor), page.Total, cursor.AsOf,
                query.LastingAt is null ? await LimitOf.SinceAsync(retention, tenant, query.Started.From, cancel) : null),
            NativeJson.Wire.SignInListJson);
    }
}

/// <summary>The filters of the list, as text.</summary>
internal sealed record SignInListParameters
{
    /// <summary>What decides which rows there are: exports take the same.</summary>
    public static IReadOnlyList<string> Filters { get; } = ["operator", "host", "client_ip", "open", "from", "to"];

    [FromQuery(Name = "operator")] public string? Operator { get; init; }

    [FromQuery(Name = "host")] public string? Host { get; init; }

    [FromQuery(Name = "client_ip")] public string? ClientIp { get; init; }

    [FromQuery(Name = "open")] public string? Open { get; init; }

    [FromQuery(Name = "from")] public string? From { get; init; }

    [FromQuery(Name = "to")] public string? To { get; init; }

    [FromQuery(Name = "limit")] public string? Limit { get; init; }

    [FromQuery(Name = "cursor")] public string? Cursor { get; init; }

    [FromQuery(Name = "count")] public string? Count { get; init; }

    public SignInQuery ToQuery(TenantId tenant, DateTimeOffset asOf) => new(tenant)
    {
        OperatorName = NativeQuery.Text("operator", Operator),
        Host = NativeQuery.Text("host", Host),
        ClientAddressIn = NativeQuery.Addresses("client_ip", ClientIp),
        LastingAt = Open switch
        {
            null => null,
            "true" => asOf,
            _ => throw FaultException.Malformed("open", "true, or left out"),
        },
        Started = NativeQuery.Range(From, To),
    };
}

/// <summary>One page of sign-ins.</summary>
/// <param name="AsOf">Ends by silence and expiry are told as of it.</param>
/// <param name="LimitedBy">What cut the answer; null when nothing did: what is open is always there.</param>
internal sealed record SignInListJson(IReadOnlyList<ListedSignInJson> Items, string? NextCursor, long? Count, DateTimeOffset AsOf, string? LimitedBy);

/// <param name="OperatorId">Null when another console reported it, which knows names only.</param>
/// <param name="Host">The operator's machine, as far as known.</param>
/// <param name="ClientIp">Where it came from; null when another console reported it.</param>
/// <param name="EndedAt">By sign-out, silence or expiry; null while it lasts.</param>
internal sealed record ListedSignInJson(
    string Id, string Operator, string? OperatorId, int ConsoleType, string Host, string? ClientIp, long BrowserSessionId, DateTimeOffset StartedAt, DateTimeOffset LastSeenAt,
    DateTimeOffset? ExpiresAt, DateTimeOffset? EndedAt)
{
    public static ListedSignInJson Of(SignIn signIn, DateTimeOffset asOf) => new(
        signIn.Id.ToString("D"), signIn.OperatorName, signIn.OperatorId?.ToString(System.Globalization.CultureInfo.InvariantCulture), signIn.ConsoleType, signIn.Host, signIn.ClientAddress,
        signIn.BrowserSessionId, signIn.StartedAt, signIn.LastSeenAt, signIn.ExpiresAt, signIn.EndedAt(asOf));
}
