using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Core.Users;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Operators' words about a session: <c>POST …/sessions/{id}/close</c> and <c>…/correct</c>.</summary>
internal static class SessionWordRoutes
{
    /// <summary>A sentence or two.</summary>
    private const int ReasonLengthMax = 1000;

    public static void MapSessionWords(this RouteGroupBuilder tenant)
    {
        tenant.MapPost("sessions/{id}/close", CloseAsync).Accepts<SessionCloseJson>("application/json")
            .WithSummary("Say that a session is over")
            .WithDescription("Works when the host never answers. Without end_time it ends at its last proof of life. A goodbye that is reported later replaces it, proof of life takes it back.");
        tenant.MapPost("sessions/{id}/correct", CorrectAsync).Accepts<SessionCorrectJson>("application/json")
            .WithSummary("Say when a session really began or ended")
            .WithDescription("A new event; what was known before stays in the timeline.");
    }

    private static async Task<JsonHttpResult<SessionJson>> CloseAsync(
        NativeCaller caller, string id, HttpRequest request, ISessionWords words, IUserDirectory directory, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.CloseSessions);
        NativeQuery.Allow(request);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var closing = new SessionClosing(SayerOf(caller), ReasonOf(body.RootElement), NativeQuery.Instant("end_time", OperatorBodies.Text(body.RootElement, "end_time")));
        return await AnswerAsync(await words.CloseAsync(tenant, id, closing, cancel), directory, clock, cancel);
    }

    private static async Task<JsonHttpResult<SessionJson>> CorrectAsync(
        NativeCaller caller, string id, HttpRequest request, ISessionWords words, IUserDirectory directory, TimeProvider clock, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.CorrectSessions);
        NativeQuery.Allow(request);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        var correction = CorrectionOf(body.RootElement, SayerOf(caller));
        return await AnswerAsync(await words.CorrectAsync(tenant, id, correction, cancel), directory, clock, cancel);
    }

    private static SessionCorrection CorrectionOf(JsonElement body, long sayer)
    {
        var reason = ReasonOf(body);
        if (!body.TryGetProperty("set", out var set) || set.ValueKind is not JsonValueKind.Object)
            throw FaultException.Malformed("set", "an object with start_time, end_time or both");
        // What is not corrected must not look as if it were.
        if (set.EnumerateObject().FirstOrDefault(member => member.Name is not ("start_time" or "end_time")) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            throw FaultException.Malformed($"set.{unknown.Name}", "left out: start_time and end_time can be corrected");

        var startAt = NativeQuery.Instant("set.start_time", OperatorBodies.Text(set, "start_time"));
        var endAt = NativeQuery.Instant("set.end_time", OperatorBodies.Text(set, "end_time"));
        return startAt is null && endAt is null
            ? throw FaultException.Malformed("set", "an object with start_time, end_time or both")
            : new SessionCorrection(sayer, reason, startAt, endAt);
    }

    private static string ReasonOf(JsonElement body) => OperatorBodies.Text(body, "reason")?.Trim() is { Length: >= 1 and <= ReasonLengthMax } reason && !reason.Any(char.IsControl)
        ? reason
        : throw FaultException.Malformed("reason", $"1 to {ReasonLengthMax} characters without control characters: whoever reads the ledger later asks why");

    /// <summary>The ledger names a person: an API token is nobody's.</summary>
    private static long SayerOf(NativeCaller caller) =>
        caller.Caller.Operator?.Id ?? throw FaultException.Conflict("An API token is nobody's: sign in as an operator to close or correct a session");

    private static async Task<JsonHttpResult<SessionJson>> AnswerAsync(Session? session, IUserDirectory directory, TimeProvider clock, CancellationToken cancel)
    {
        if (session is null)
            throw FaultException.NotFound("There is no session with this id");

        var ids = await UserIds.FindAsync(directory, session.Tenant, [session], cancel);
        return TypedResults.Json(SessionJson.From(session, ids.Of(session), clock.GetUtcNow()), NativeJson.Wire.SessionJson);
    }
}

/// <summary>The body of close.</summary>
internal sealed record SessionCloseJson(string Reason, DateTimeOffset? EndTime);

/// <summary>The body of correct.</summary>
internal sealed record SessionCorrectJson(string Reason, SessionTimesJson Set);

/// <summary>What can be corrected; absent leaves it.</summary>
internal sealed record SessionTimesJson(DateTimeOffset? StartTime, DateTimeOffset? EndTime);
