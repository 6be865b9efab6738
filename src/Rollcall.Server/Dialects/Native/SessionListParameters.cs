using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Server.Ingest;

namespace Rollcall.Server.Dialects.Native;

/// <summary>The filters of the list, as text.</summary>
internal sealed record SessionListParameters
{
    /// <summary>The widest span of a list as known at an instant that names neither host nor user.</summary>
    /// <remarks>Source: native API, "Asking".</remarks>
    private static readonly TimeSpan KnownSpanMax = TimeSpan.FromDays(31);

    /// <summary>What decides which rows there are and how they come: exports take the same.</summary>
    public static IReadOnlyList<string> Filters { get; } =
    [
        "user", "user_contains", "host", "host_group", "state", "kind", "protocol", "app_contains", "client_ip", "public_ip", "client_contains", "failed_code",
        "end_time_source", "open_longer_than", "active_at", "from", "to", "range", "order",
    ];

    public static IReadOnlyList<string> Paging { get; } = ["as_known_at", "limit", "cursor", "count"];

    [FromQuery(Name = "user")] public string? User { get; init; }

    [FromQuery(Name = "user_contains")] public string? UserContains { get; init; }

    [FromQuery(Name = "host")] public string? Host { get; init; }

    [FromQuery(Name = "host_group")] public string? HostGroup { get; init; }

    [FromQuery(Name = "state")] public string[]? State { get; init; }

    [FromQuery(Name = "kind")] public string? Kind { get; init; }

    [FromQuery(Name = "protocol")] public string? Protocol { get; init; }

    [FromQuery(Name = "app_contains")] public string? AppContains { get; init; }

    [FromQuery(Name = "client_ip")] public string? ClientIp { get; init; }

    [FromQuery(Name = "public_ip")] public string? PublicIp { get; init; }

    [FromQuery(Name = "client_contains")] public string? ClientContains { get; init; }

    [FromQuery(Name = "failed_code")] public string? FailedCode { get; init; }

    [FromQuery(Name = "end_time_source")] public string? EndTimeSource { get; init; }

    [FromQuery(Name = "open_longer_than")] public string? OpenLongerThan { get; init; }

    [FromQuery(Name = "active_at")] public string? ActiveAt { get; init; }

    [FromQuery(Name = "from")] public string? From { get; init; }

    [FromQuery(Name = "to")] public string? To { get; init; }

    [FromQuery(Name = "range")] public string? Range { get; init; }

    [FromQuery(Name = "order")] public string? Order { get; init; }

    [FromQuery(Name = "as_known_at")] public string? AsKnownAt { get; init; }

    [FromQuery(Name = "limit")] public string? Limit { get; init; }

    [FromQuery(Name = "cursor")] public string? Cursor { get; init; }

    [FromQuery(Name = "count")] public string? Count { get; init; }

    public bool IsCounted => NativeQuery.IsCounted(Count);

    /// <summary>What was known is worked out anew: not for all sessions there ever were.</summary>
    public void CheckKnownAt(SessionQuery query)
    {
        if (AsKnownAt is null || query.HostName is not null || query.UserInAnyForm is not null)
            return;
        if (NativeQuery.Instant("from", From) is not { } from || NativeQuery.Instant("to", To) is not { } to || to - from > KnownSpanMax)
            throw FaultException.Malformed("as_known_at", "asked together with host, with user, or with from and to at most 31 days apart");
    }

    /// <param name="asOf">Up to which open sessions last.</param>
    public SessionQuery ToQuery(TenantId tenant, DateTimeOffset asOf)
    {
        var query = new SessionQuery(tenant)
        {
            UserInAnyForm = NativeQuery.Text("user", User),
            UserContains = NativeQuery.Text("user_contains", UserContains),
            HostName = NativeQuery.Text("host", Host),
            HostGroupId = NativeQuery.Text("host_group", HostGroup),
            States = [.. (State ?? []).Select(text => SessionWords.TryState(text)
                ?? throw FaultException.Malformed("state", "initializing, active, disconnected, ended or failed"))],
            Kind = NativeQuery.Word<SessionKind>("kind", Kind, SessionWords.Of),
            Protocol = NativeQuery.Text("protocol", Protocol),
            AppContains = NativeQuery.Text("app_contains", AppContains),
            ClientIpIn = NativeQuery.Addresses("client_ip", ClientIp),
            PublicIpIn = NativeQuery.Addresses("public_ip", PublicIp),
            ClientContains = NativeQuery.Text("client_contains", ClientContains),
            FailureCode = NativeQuery.Text("failed_code", FailedCode),
            EndSource = NativeQuery.Word<EndTimeSource>("end_time_source", EndTimeSource, SessionJson.WordOf),
            OpenSinceBefore = NativeQuery.Duration("open_longer_than", OpenLongerThan) is { } span ? asOf - span : null,
            ActiveAt = NativeQuery.Instant("active_at", ActiveAt),
            Sort = NativeQuery.Word<SessionSort>("order", Order, WordOf) ?? SessionSort.NewestStart,
            SortedAt = asOf,
        };
        return InRange(query);
    }

    private SessionQuery InRange(SessionQuery query)
    {
        var range = NativeQuery.Range(From, To);
        return Range switch
        {
            null or "overlaps" => query with { Overlapping = range },
            "starts_in" => query with { Started = range },
            "ends_in" => query with { Ended = range },
            _ => throw FaultException.Malformed("range", "overlaps, starts_in or ends_in"),
        };
    }

    private static string WordOf(SessionSort sort) => sort switch
    {
        SessionSort.NewestStart => "-start_time",
        SessionSort.OldestStart => "start_time",
        SessionSort.NewestEnd => "-end_time",
        SessionSort.Shortest => "duration",
        SessionSort.Longest => "-duration",
        _ => throw new ArgumentOutOfRangeException(nameof(sort), sort, "not an order"),
    };
}
