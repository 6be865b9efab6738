using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>How long each user was connected: <c>GET /v2/{project_id}/statistics/metrics/users</c>.</summary>
internal static class UserUsageRoutes
{
    public static void MapUserUsage(this RouteGroupBuilder project) => project.MapGet("statistics/metrics/users", ListAsync)
        .WithName("ListUserUsageMetric").WithSummary("Query how long each user was connected, and how often they logged in");

    private static async Task<JsonHttpResult<UserUsageListJson>> ListAsync(
        WorkspaceCaller caller, [AsParameters] UserUsageParameters wire, ISessionStatistics statistics, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        var page = await statistics.FindUsageAsync(wire.ToQuery(tenant, clock.GetUtcNow()), wire.ToWindow(), cancel);
        return TypedResults.Json(
            new UserUsageListJson(page.Total ?? 0, [.. page.Items.Select(UserUsageJson.From)]), WorkspaceJson.Wire.UserUsageListJson);
    }
}

/// <summary>The filters, as text.</summary>
internal sealed record UserUsageParameters(
    [FromQuery(Name = "start_time")] string? StartTime,
    [FromQuery(Name = "end_time")] string? EndTime,
    [FromQuery(Name = "username")] string? Username,
    [FromQuery(Name = "usage_min_hours")] string? UsageMinHours,
    [FromQuery(Name = "usage_max_hours")] string? UsageMaxHours,
    [FromQuery(Name = "enterprise_project_id")] string? EnterpriseProjectId,
    [FromQuery(Name = "sort_field")] string? SortField,
    [FromQuery(Name = "sort_type")] string? SortType,
    [FromQuery(Name = "domain")] string? Domain,
    [FromQuery(Name = "offset")] string? Offset,
    [FromQuery(Name = "limit")] string? Limit)
{
    private const int LimitDefault = 10, LimitMax = 100; // contract 5.7
    private const int TimeLengthMax = 40; // design 3, point 3
    private const int TextLengthMax = 255; // our choice: the contract names no length
    private const long HourMs = 60 * 60 * 1000;

    private static readonly TimeSpan SpanMax = TimeSpan.FromDays(30); // contract 5.7

    public PageWindow ToWindow() => new(
        Skip: WorkspaceText.WholeNumber("offset", Offset, fallback: 0, min: 0, max: int.MaxValue),
        Take: WorkspaceText.WholeNumber("limit", Limit, fallback: LimitDefault, min: 1, max: LimitMax));

    public UsageQuery ToQuery(TenantId tenant, DateTimeOffset now)
    {
        var start = WorkspaceTime.Parse("start_time", WorkspaceText.Required("start_time", StartTime, TimeLengthMax));
        var end = WorkspaceTime.Parse("end_time", WorkspaceText.Required("end_time", EndTime, TimeLengthMax));
        if (start.At > end.At)
            throw FaultException.Malformed("start_time", "no later than end_time");
        if (end.At - start.At > SpanMax)
            throw FaultException.Malformed("end_time", "at most 30 days after start_time");

        var (min, max) = (Hours("usage_min_hours", UsageMinHours), Hours("usage_max_hours", UsageMaxHours));
        if (min > max)
            throw FaultException.Malformed("usage_max_hours", "no less than usage_min_hours");

        return new UsageQuery(tenant, start.At, end.AfterUnit, now)
        {
            UserContains = WorkspaceText.Optional("username", Username, TextLengthMax),
            ConnectedMsMin = min * HourMs,
            ConnectedMsMax = max * HourMs,
            Subproject = WorkspaceUsers.SubprojectOf(WorkspaceText.Optional("enterprise_project_id", EnterpriseProjectId, TextLengthMax)),
            Domain = WorkspaceText.Optional("domain", Domain, TextLengthMax), // D0071
            LeastFirst = IsLeastFirst(),
        };
    }

    private bool IsLeastFirst()
    {
        if (WorkspaceText.Optional("sort_field", SortField, TextLengthMax) is not (null or "user_usage"))
            throw FaultException.Malformed("sort_field", "user_usage");

        return WorkspaceText.Optional("sort_type", SortType, TextLengthMax) switch
        {
            null or "DESC" => false,
            "ASC" => true,
            _ => throw FaultException.Malformed("sort_type", "ASC or DESC"),
        };
    }

    private static int? Hours(string field, string? text) =>
        string.IsNullOrEmpty(text) ? null : WorkspaceText.WholeNumber(field, text, fallback: 0, min: 0, max: int.MaxValue);
}

internal sealed record UserUsageListJson(
    [property: JsonPropertyName("count")] long Count, [property: JsonPropertyName("items")] IReadOnlyList<UserUsageJson> Items);

/// <summary>One user with the four metrics of contract 5.7, in its order.</summary>
internal sealed record UserUsageJson
{
    private const double MillisecondsPerSecond = 1000;

    [JsonPropertyName("username")] public required string Username { get; init; }
    [JsonPropertyName("enterprise_project_id")] public string? EnterpriseProjectId { get; init; }
    [JsonPropertyName("metric")] public required IReadOnlyList<UsageMetricJson> Metric { get; init; }

    /// <summary>Usage is connected time (D0069), a login an attempt to connect, a reconnect included (D0070).</summary>
    public static UserUsageJson From(UserUsage usage) => new()
    {
        Username = usage.User,
        EnterpriseProjectId = usage.Subproject,
        Metric =
        [
            new("user_usage", usage.ConnectedMs / MillisecondsPerSecond),
            new("user_login_count", usage.Attempts),
            new("user_login_success_count", usage.Established),
            new("user_login_fail_count", usage.Failed),
        ],
    };
}

internal sealed record UsageMetricJson(
    [property: JsonPropertyName("metric_name")] string MetricName, [property: JsonPropertyName("metric_value")] double MetricValue);
