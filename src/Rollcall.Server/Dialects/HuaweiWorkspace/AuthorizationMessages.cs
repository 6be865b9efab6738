using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Identity;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>Why a caller was refused, sealed so that this server alone can read it back (contract 6.5).</summary>
internal sealed class AuthorizationMessages(SecretSealer sealer, TimeProvider clock)
{
    public const string Purpose = "authorization-message";

    /// <summary>Sealed or opened, a message has at most this many characters (contract 6.5).</summary>
    public const int LengthMax = 10_240;

    /// <summary>
    /// Texts that others chose are cut here: escaped they take at most six bytes a character, so that the two of them with all
    /// that is ours stay far below <see cref="LengthMax"/> even in base64.
    /// </summary>
    private const int ForeignTextMax = 256;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <param name="missing">Null when it is not a permission that is missing, but the project in the token's scope.</param>
    public string Seal(HttpContext context, Permission? missing)
    {
        var caller = WorkspaceCaller.KnownIn(context);
        var message = new AuthorizationMessageJson(
            new AuthorizationContextJson(
                new UserProfileJson(caller?.Tenant.Value, caller?.Operator?.Id.ToString(CultureInfo.InvariantCulture), Cut(caller?.Name)),
                missing is { } permission ? WorkspaceActions.NameOf(context, permission) : null,
                (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText is { } template ? $"{context.Request.Method} {template}" : null,
                Cut(context.GetRouteValue("project_id") as string),
                context.TraceIdentifier,
                clock.GetUtcNow().UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)),
            missing is null ? "the project is not in the scope of the caller" : "implicit deny by identity-based policy");
        return Base64Url.EncodeToString(sealer.Seal(Purpose, JsonSerializer.SerializeToUtf8Bytes(message, WorkspaceJson.Wire.AuthorizationMessageJson)));
    }

    /// <summary>The message as JSON text, and the tenant of the caller whom it is about; null when this server did not seal it.</summary>
    public (string Text, TenantId Tenant)? TryOpen(string encoded)
    {
        if (!Base64Url.IsValid(encoded))
            return null;

        try
        {
            var opened = sealer.Open(Purpose, Base64Url.DecodeFromChars(encoded));
            var message = JsonSerializer.Deserialize(opened, WorkspaceJson.Wire.AuthorizationMessageJson);
            return TenantId.TryParse(message?.Context?.User?.Tenant, out var tenant) ? (Encoding.UTF8.GetString(opened), tenant) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>No surrogate pair is cut in two: half of one is not valid Unicode.</summary>
    private static string? Cut(string? text) => text switch
    {
        { Length: > ForeignTextMax } => char.IsHighSurrogate(text[ForeignTextMax - 1]) ? text[..(ForeignTextMax - 1)] : text[..ForeignTextMax],
        _ => text,
    };
}

/// <summary>What the message says once opened, in the shape of the vendor's: <c>context</c> first, <c>failure</c> last.</summary>
internal sealed record AuthorizationMessageJson(
    [property: JsonPropertyName("context")] AuthorizationContextJson? Context,
    [property: JsonPropertyName("failure")] string Failure);

/// <param name="Resource">Method and path template, never the path itself.</param>
/// <param name="Project">The project of the path, as it was asked for.</param>
internal sealed record AuthorizationContextJson(
    [property: JsonPropertyName("user_profile")] UserProfileJson? User,
    [property: JsonPropertyName("action")] string? Action,
    [property: JsonPropertyName("resource")] string? Resource,
    [property: JsonPropertyName("project_id")] string? Project,
    [property: JsonPropertyName("request_id")] string RequestId,
    [property: JsonPropertyName("time")] string Time);

/// <summary>Who was refused.</summary>
/// <param name="Tenant">The tenant that the caller belongs to: its administrators may open the message.</param>
internal sealed record UserProfileJson(
    [property: JsonPropertyName("project_id")] string? Tenant,
    [property: JsonPropertyName("user_id")] string? Id,
    [property: JsonPropertyName("user_name")] string? Name);
