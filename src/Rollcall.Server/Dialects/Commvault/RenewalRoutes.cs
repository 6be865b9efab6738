using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>A new token for a sign-in that fell silent: <c>POST RenewLoginToken</c>, which no source knows in XML (D0051).</summary>
internal static class RenewalRoutes
{
    /// <summary>One text whatever the cause: it must not tell a killed sign-in from another's device (contract 3.3).</summary>
    private const string Refused = "The session cannot be renewed: log in again";

    private static readonly BodyShape Body = new(Element: null, ["sessionId", "deviceId"]);

    public static void MapRenewal(this RouteGroupBuilder root) => root.MapPost("RenewLoginToken", RenewAsync)
        .Accepts<RenewalMembersJson>(isOptional: true, CommvaultBody.JsonType, RequestBody.AnyType)
        .WithSummary("Change the token of a sign-in that fell silent for a new one")
        .WithDescription("sessionId is the token, deviceId the one given at Login. A refusal is 200 too, with error and without a token.");

    private static async Task<JsonHttpResult<RenewedJson>> RenewAsync(
        HttpContext context, SignInDesk desk, ServerOptions options, CancellationToken cancel)
    {
        var bytes = await RequestBody.ReadAsync(context.Request, RequestBody.SmallBytesMax, cancel);
        var wire = MemberBody.Read(context.Request.ContentType, bytes, Body);
        var token = Secrets.NewHexToken();
        var isRenewed = await desk.TryRenewAsync(
            new RenewalRequest
            {
                Token = CommvaultCaller.BareToken(Mandatory(wire, "sessionId")),
                NewToken = token,
                DeviceId = Mandatory(wire, "deviceId"),
                Address = context.Connection.RemoteIpAddress,
                Grace = TimeSpan.FromHours(options.Commvault.RenewHours),
            },
            cancel);
        var answer = isRenewed
            ? new RenewedJson { Token = CommvaultCaller.TokenPrefix + token }
            : new RenewedJson { Error = new RenewalErrorJson(Refused) };
        return TypedResults.Json(answer, CommvaultJson.Wire.RenewedJson);
    }

    private static string Mandatory(MemberBody wire, string name) =>
        wire[name] is { Length: > 0 } text ? text : throw FaultException.Malformed(name, "present: it is mandatory");
}

/// <summary>What a renewal takes, for the API document; <see cref="MemberBody"/> reads it.</summary>
internal sealed record RenewalMembersJson(
    [property: JsonPropertyName("sessionId")] string SessionId,
    [property: JsonPropertyName("deviceId")] string DeviceId);

/// <summary>Either a token or an error: clients look for the one and then for the other (contract 3.3).</summary>
internal sealed record RenewedJson
{
    [JsonPropertyName("token")] public string? Token { get; init; }
    [JsonPropertyName("error")] public RenewalErrorJson? Error { get; init; }
}

internal sealed record RenewalErrorJson([property: JsonPropertyName("errLogMessage")] string Message);
