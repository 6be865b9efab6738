using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>How many users were logged on, hour by hour or day by day (D0067): <c>GET /v2/{project_id}/connections/online-users</c>.</summary>
internal static class OnlineUserRoutes
{
    public static void MapOnlineUsers(this RouteGroupBuilder project) => project.MapGet("connections/online-users", ListAsync)
        .WithName("ListHistoryOnlineInfoNew").WithSummary("Count the users who were logged on, by hour or by day (UTC)");

    private static async Task<JsonHttpResult<OnlineUsersJson>> ListAsync(
        WorkspaceCaller caller, [AsParameters] OnlineUserParameters wire, ISessionStatistics statistics, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        var now = clock.GetUtcNow();
        var units = wire.ToUnits(now);
        var counts = units.Count == 0
            ? []
            : await statistics.CountPresentAsync(new PresenceQuery(tenant, units.From, units.Length, units.Count, now), cancel);
        return TypedResults.Json(new OnlineUsersJson([.. counts.Select((count, index) => $"{units.LabelOf(index)} : {count}")]), WorkspaceJson.Wire.OnlineUsersJson);
    }
}

/// <summary>The span, as text: a type, which wins, or both times (contract 2.4).</summary>
internal sealed record OnlineUserParameters(
    [FromQuery(Name = "start_time")] string? StartTime,
    [FromQuery(Name = "end_time")] string? EndTime,
    [FromQuery(Name = "query_type")] string? QueryType)
{
    private const int TextLengthMax = 255; // contract 2.4
    private const int WeekDays = 7, MonthDays = 30; // D0068

    /// <summary>Our choice: a year, so that an answer stays one (D0068).</summary>
    private const int DaysMax = 366;

    public OnlineUnits ToUnits(DateTimeOffset now) => WorkspaceText.Optional("query_type", QueryType, TextLengthMax) switch
    {
        "DAY" => OnlineUnits.Between(OnlineUnits.DayOf(now), now, OnlineUnits.Hour),
        "WEEK" => OnlineUnits.Between(OnlineUnits.DayOf(now).AddDays(1 - WeekDays), now, OnlineUnits.Day),
        "MONTH" => OnlineUnits.Between(OnlineUnits.DayOf(now).AddDays(1 - MonthDays), now, OnlineUnits.Day),
        null => OfTimes(now),
        _ => throw FaultException.Malformed("query_type", "DAY, WEEK or MONTH"),
    };

    private OnlineUnits OfTimes(DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(StartTime) && string.IsNullOrEmpty(EndTime))
            throw FaultException.Malformed("query_type", "present when start_time and end_time are not");

        var start = WorkspaceTime.Parse("start_time", WorkspaceText.Required("start_time", StartTime, TextLengthMax)).At;
        var end = WorkspaceTime.Parse("end_time", WorkspaceText.Required("end_time", EndTime, TextLengthMax)).At;
        if (start > end)
            throw FaultException.Malformed("start_time", "no later than end_time");

        // A span that ends on the hour does not reach into that hour, and one of no length is the hour it lies in (D0068).
        var last = end > start ? end.AddTicks(-1) : start;
        if (OnlineUnits.DayOf(last) - OnlineUnits.DayOf(start) >= TimeSpan.FromDays(DaysMax))
            throw FaultException.Malformed("end_time", $"within {DaysMax} days of start_time");

        var unit = OnlineUnits.DayOf(start) == OnlineUnits.DayOf(last) ? OnlineUnits.Hour : OnlineUnits.Day;
        return OnlineUnits.Between(start, last < now ? last : now, unit);
    }
}

/// <summary>Hours or days, whole, one after another.</summary>
internal readonly record struct OnlineUnits(DateTimeOffset From, TimeSpan Length, int Count)
{
    public static TimeSpan Hour { get; } = TimeSpan.FromHours(1);

    public static TimeSpan Day { get; } = TimeSpan.FromDays(1);

    /// <summary>Those that hold <paramref name="first"/>, <paramref name="last"/> or what lies between; none when the last comes before the first.</summary>
    public static OnlineUnits Between(DateTimeOffset first, DateTimeOffset last, TimeSpan length)
    {
        var from = BeginOf(first, length);
        return new OnlineUnits(from, length, last < first ? 0 : (int)((BeginOf(last, length) - from) / length) + 1);
    }

    public static DateTimeOffset DayOf(DateTimeOffset at) => BeginOf(at, Day);

    public string LabelOf(int index) =>
        (From + (Length * index)).UtcDateTime.ToString(Length == Day ? "yyyy-MM-dd" : "HH:mm", CultureInfo.InvariantCulture);

    private static DateTimeOffset BeginOf(DateTimeOffset at, TimeSpan length) => at.AddTicks(-(at.UtcTicks % length.Ticks));
}

internal sealed record OnlineUsersJson([property: JsonPropertyName("time_counts")] IReadOnlyList<string> TimeCounts);
