using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core.Identity;
using Rollcall.Server.Identity;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>Why a caller was refused, sealed so that only the server can read it back.</summary>
internal static class AuthorizationMessage
{
    public const string Purpose = "authorization-message";

    public static string Seal(SecretSealer sealer, HttpContext context, Permission? missing)
    {
        var caller = WorkspaceCaller.KnownIn(context);
        var reason = new AuthorizationMessageJson(
            missing is { } permission ? WorkspaceActions.NameOf(permission) : null,
            caller?.Name,
            caller?.Tenant.Value,
            context.TraceIdentifier,
            missing is null ? "the project is not in the token's scope" : "implicit deny by role");
        return Base64Url.EncodeToString(sealer.Seal(Purpose, JsonSerializer.SerializeToUtf8Bytes(reason, WorkspaceJson.Wire.AuthorizationMessageJson)));
    }
}

/// <summary>What the message says once opened.</summary>
internal sealed record AuthorizationMessageJson(
    [property: JsonPropertyName("action")] string? Action,
    [property: JsonPropertyName("principal")] string? Principal,
    [property: JsonPropertyName("tenant")] string? Tenant,
    [property: JsonPropertyName("request_id")] string RequestId,
    [property: JsonPropertyName("failure")] string Failure);
