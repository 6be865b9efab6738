using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;
using Rollcall.Server.Dialects.HuaweiWorkspace.Iam;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Sts;

/// <summary>Who am I, and why was somebody refused: <c>/v5/caller-identity</c> and <c>/v5/decode-authorization-message</c> (contract 6.5).</summary>
internal static class StsRoutes
{
    public static void MapSts(this RouteGroupBuilder root)
    {
        root.MapGet("/v5/caller-identity", IdentifyAsync).WithName("GetCallerIdentity").WithSummary("Who the caller is");
        root.MapPost("/v5/decode-authorization-message", DecodeAsync).WithName("DecodeAuthorizationMessage")
            .WithSummary("Open the sealed reason of a 403; administrators only")
            .Accepts<EncodedMessageJson>("application/json", RequestBody.AnyType)
            .Needs(Permission.ManageOperators, "sts::decodeAuthorizationMessage");
    }

    private static async Task<JsonHttpResult<CallerIdentityJson>> IdentifyAsync(HttpContext context, ServerOptions options)
    {
        var caller = await IamCaller.KnowAsync(context);
        var account = DomainJson.Of(options).Id;
        var id = caller.Operator?.Id.ToString(CultureInfo.InvariantCulture) ?? string.Empty;
        return TypedResults.Json(
            new CallerIdentityJson(account, id, $"iam::{account}:user:{caller.Name}"), StsJson.Wire.CallerIdentityJson);
    }

    private static async Task<JsonHttpResult<DecodedMessageJson>> DecodeAsync(
        HttpContext context, AuthorizationMessages messages, CancellationToken cancel)
    {
        var caller = await IamCaller.KnowAsync(context);
        WorkspaceCaller.Remember(context, caller);
        caller.Demand(Permission.ManageOperators);
        using var body = await RequestBody.ReadObjectAsync(context.Request, cancel);
        var encoded = ReadMessage(body.RootElement);

        // One answer for what belongs to another tenant and for what is no message: neither tells who was refused elsewhere.
        return messages.TryOpen(encoded) is { } opened && (caller.IsServerAdministrator || opened.Tenant == caller.Tenant)
            ? TypedResults.Json(new DecodedMessageJson(opened.Text), StsJson.Wire.DecodedMessageJson)
            : throw FaultException.Malformed("encoded_message", "an encoded_authorization_message of this server and this account, unchanged");
    }

    private static string ReadMessage(JsonElement body) =>
        WorkspaceText.Member(body, "encoded_message") is { Length: <= AuthorizationMessages.LengthMax } text
            ? text
            : throw FaultException.Malformed("encoded_message", $"1 to {AuthorizationMessages.LengthMax} characters");
}

/// <summary>What the OpenAPI document says of the body; it is read member by member.</summary>
internal sealed record EncodedMessageJson([property: JsonPropertyName("encoded_message")] string EncodedMessage);

/// <summary>JSON inside a string, as the vendor answers.</summary>
internal sealed record DecodedMessageJson([property: JsonPropertyName("decoded_message")] string DecodedMessage);

/// <param name="AccountId">The id of the one domain that this server is.</param>
internal sealed record CallerIdentityJson(
    [property: JsonPropertyName("account_id")] string AccountId,
    [property: JsonPropertyName("principal_id")] string PrincipalId,
    [property: JsonPropertyName("principal_urn")] string PrincipalUrn);
