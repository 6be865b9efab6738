using Microsoft.AspNetCore.Mvc;
using Microsoft.OpenApi;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Changes of sessions as they come: <c>GET …/stream</c>.</summary>
internal static class StreamRoutes
{
    private const string PositionHeader = "Last-Event-ID";

    public static void MapStream(this RouteGroupBuilder tenant) => tenant.MapGet("stream", StreamAsync)
        .WithSummary("Changes of sessions as they are committed, as Server-Sent Events")
        .WithDescription(
            "event: session has a session as the list has it, as it is when it is sent; event: joined tells of a session that turned out to be part of another one (id, joined_id). Each change that the "
            + "ledger commits is sent once, in order. Begins with what comes from now on; who sends the last id again gets what came after it, also after a restart of either. When that is not kept any "
            + "more, or the id is not of this ledger, event: reset says that lists are to be loaded anew. Comments come while nothing else does. user and host mean what they mean in the list.")
        .WithMetadata(new ApiParameter(PositionHeader, ParameterLocation.Header, "The id of the last event that was received; browsers send it by themselves when they connect again"))
        .Produces<SessionJson>(StatusCodes.Status200OK, SessionStream.ContentType);

    private static async Task StreamAsync(
        NativeCaller caller, HttpContext context, [AsParameters] StreamParameters wire, SessionStreaming streaming, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadSessions);
        NativeQuery.Allow(context.Request, "user", "host", "last_event_id");
        // The header wins: a browser that connects again by itself repeats the address with the id it began with.
        var sent = context.Request.Headers[PositionHeader].ToString() is { Length: > 0 } header ? header : wire.LastEventId;
        var query = wire.ToQuery(tenant);
        using var seat = streaming.Watch.Take(tenant);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancel, streaming.Lifetime.ApplicationStopping);
        await new SessionStream(context, query, seat, streaming).RunAsync(sent, ending.Token);
    }
}

/// <summary>Which changes, as text.</summary>
internal sealed record StreamParameters
{
    [FromQuery(Name = "user")] public string? User { get; init; }

    [FromQuery(Name = "host")] public string? Host { get; init; }

    /// <summary>For clients that cannot set the header.</summary>
    [FromQuery(Name = "last_event_id")] public string? LastEventId { get; init; }

    public SessionQuery ToQuery(Core.TenantId tenant) => new(tenant) { UserInAnyForm = NativeQuery.Text("user", User), HostName = NativeQuery.Text("host", Host) };
}
