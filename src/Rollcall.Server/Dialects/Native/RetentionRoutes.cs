using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Retention;
using Rollcall.Core.Sessions;
using Rollcall.Server.Configuration;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>How long history is kept: <c>GET</c> and <c>PUT …/retention</c>.</summary>
internal static class RetentionRoutes
{
    private const int KeepDaysMax = 36_600;

    public static void MapRetention(this RouteGroupBuilder tenant)
    {
        tenant.MapGet("retention", ReadAsync).WithSummary("How long history is kept, when what was older was last taken away, and how much that was")
            .WithDescription("keep_days is the tenant's own setting, null when it has none; keeps_days is what holds, 0 meaning for ever. What ended before kept_from may be gone; overdue counts the sessions that ended before it and are there, because "
                + "others that stay may rest on them or the run is not that far.");
        tenant.MapPut("retention", WriteAsync).Accepts<RetentionSettingJson>("application/json").WithSummary("Say how long history is kept")
            .WithDescription(
                "keep_days from 1 to 36600: sessions, their connections and events, beats and sign-ins go so many days after they ended. 0: everything is kept for ever. null: as the "
                + "server is configured. What is gone does not come back when more is kept from now on.");
    }

    private static async Task<JsonHttpResult<RetentionJson>> ReadAsync(NativeCaller caller, HttpRequest request, IRetention retention, ServerOptions options, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadHosts);
        NativeQuery.Allow(request);
        return Answer(await retention.ReadAsync(tenant, cancel), options);
    }

    private static async Task<JsonHttpResult<RetentionJson>> WriteAsync(NativeCaller caller, HttpRequest request, IRetention retention, ServerOptions options, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ManageRetention);
        NativeQuery.Allow(request);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        await retention.SetAsync(tenant, KeepDays(body.RootElement), cancel);
        return Answer(await retention.ReadAsync(tenant, cancel), options);
    }

    private static int? KeepDays(JsonElement body)
    {
        if (body.EnumerateObject().Select(member => member.Name).FirstOrDefault(name => name is not "keep_days") is { } other)
            throw FaultException.Malformed(other, "not there: keep_days is the only member");
        if (!body.TryGetProperty("keep_days", out var days))
            throw FaultException.Malformed("keep_days", $"a whole number from 0 to {KeepDaysMax}, or null");

        return days.ValueKind is JsonValueKind.Null ? null
            : days.ValueKind is JsonValueKind.Number && days.TryGetInt32(out var number) && number is >= 0 and <= KeepDaysMax ? number
            : throw FaultException.Malformed("keep_days", $"a whole number from 0 to {KeepDaysMax}, or null");
    }

    private static JsonHttpResult<RetentionJson> Answer(RetentionState state, ServerOptions options) => TypedResults.Json(
        new RetentionJson(
            state.KeepDays, state.KeepDays ?? options.Retention.KeepDays, state.KeptFrom, state.RunAt, state.FinishedAt, state.Overdue,
            new RemovedCountsJson(state.Removed.Sessions, state.Removed.Connections, state.Removed.Events, state.Removed.Beats, state.Removed.SignIns)),
        NativeJson.Wire.RetentionJson);
}

/// <param name="KeepDays">From 1 to 36600; 0: for ever; null: as the server is configured.</param>
internal sealed record RetentionSettingJson(int? KeepDays);

/// <param name="KeepDays">The tenant's own setting; null when it has none.</param>
/// <param name="KeepsDays">What holds; 0: for ever.</param>
/// <param name="KeptFrom">What ended before this may be gone; null when nothing ever went.</param>
/// <param name="LastRunAt">When the newest run began, the first time if it was broken off.</param>
/// <param name="LastFinishedAt">When a run was last done to its end.</param>
/// <param name="Overdue">Sessions that ended before kept_from and are there.</param>
/// <param name="Removed">By the newest run, so far or in all.</param>
internal sealed record RetentionJson(
    int? KeepDays, int KeepsDays, DateTimeOffset? KeptFrom, DateTimeOffset? LastRunAt, DateTimeOffset? LastFinishedAt, long Overdue, RemovedCountsJson Removed);

internal sealed record RemovedCountsJson(long Sessions, long Connections, long Events, long Beats, long SignIns);

/// <summary>What retention may have cut out of an answer, in words for it.</summary>
internal static class LimitOf
{
    /// <summary>Null when the filter reaches nothing that may be gone.</summary>
    public static async Task<string?> SessionsAsync(IRetention retention, SessionQuery query, DateTimeOffset? knownAt, CancellationToken cancel)
    {
        if ((await retention.ReadAsync(query.Tenant, cancel)).KeptFrom is not { } keptFrom)
            return null;

        var isOpenOnly = query.OpenSinceBefore is not null || (query.States.Count > 0 && query.States.All(state => state is SessionState.Initializing or SessionState.Active or SessionState.Disconnected));
        var from = new[] { query.Started.From, query.Ended.From, query.Overlapping.From, query.ActiveAt ?? DateTimeOffset.MinValue }.Max();
        // What was open at an instant of which the ledger is asked may have ended, and gone, since.
        var isReached = knownAt is { } then ? then < keptFrom || from < keptFrom : !isOpenOnly && from < keptFrom;
        return isReached ? Words(keptFrom) : null;
    }

    /// <summary>Of what lasted at an instant or began or ended after it; null: at any time.</summary>
    public static Task<string?> SinceAsync(IRetention retention, TenantId tenant, DateTimeOffset? since, CancellationToken cancel) =>
        WhereAsync(retention, tenant, keptFrom => since is null || since < keptFrom, cancel);

    /// <param name="isReached">Whether the answer depends on what ended before the instant it is given.</param>
    public static async Task<string?> WhereAsync(IRetention retention, TenantId tenant, Func<DateTimeOffset, bool> isReached, CancellationToken cancel) =>
        (await retention.ReadAsync(tenant, cancel)).KeptFrom is { } keptFrom && isReached(keptFrom) ? Words(keptFrom) : null;

    private static string Words(DateTimeOffset keptFrom) => $"retention: what ended before {keptFrom.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} may be gone";
}
