using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Sts;

/// <summary>The security token service: <c>/v5</c>, with its error body (contract 6.5).</summary>
internal sealed class StsDialect(AuthorizationMessages messages) : IDialect
{
    public bool Owns(PathString path) => path.StartsWithSegments("/v5", StringComparison.OrdinalIgnoreCase);

    public Task RefuseAsync(HttpContext context, FaultException fault)
    {
        var (status, code) = WordsOf(fault.Code);
        context.Response.StatusCode = status;
        var error = new StsErrorJson(
            code,
            fault.Message,
            fault.Code is FaultCode.NotAllowed ? messages.Seal(context, fault.Missing) : null,
            code.StartsWith("APIGW", StringComparison.Ordinal) ? context.TraceIdentifier : null);
        return context.Response.WriteAsJsonAsync(error, StsJson.Wire.StsErrorJson, "application/json", context.RequestAborted);
    }

    /// <summary>The gateway's own codes before any service's (contract 7.4), else this family's with the status in it (D0046).</summary>
    private static (int Status, string Code) WordsOf(FaultCode code) => code switch
    {
        FaultCode.Malformed or FaultCode.Unreadable => (StatusCodes.Status400BadRequest, "STS5.0400"),
        FaultCode.NotSignedIn => (StatusCodes.Status401Unauthorized, "APIGW.0301"),
        FaultCode.NotAllowed => (StatusCodes.Status403Forbidden, "STS5.0403"),
        FaultCode.NoSuchPath => (StatusCodes.Status404NotFound, "APIGW.0101"),
        FaultCode.NotFound => (StatusCodes.Status404NotFound, "STS5.0404"),
        FaultCode.Method => (StatusCodes.Status405MethodNotAllowed, "STS5.0405"),
        FaultCode.Conflict => (StatusCodes.Status409Conflict, "STS5.0409"),
        FaultCode.TooLarge => (StatusCodes.Status413PayloadTooLarge, "APIGW.0201"),
        FaultCode.MediaType => (StatusCodes.Status415UnsupportedMediaType, "STS5.0415"),
        FaultCode.TooBusy => (StatusCodes.Status429TooManyRequests, "APIGW.0308"),
        FaultCode.Failed => (StatusCodes.Status500InternalServerError, "STS5.0500"),
        FaultCode.Unavailable => (StatusCodes.Status503ServiceUnavailable, "STS5.0503"),
        FaultCode.None => throw new ArgumentOutOfRangeException(nameof(code), code, "not a refusal"),
    };
}

/// <summary><c>request_id</c> stands in the gateway's own errors only, the sealed reason in a 403.</summary>
internal sealed record StsErrorJson(
    [property: JsonPropertyName("error_code")] string Code,
    [property: JsonPropertyName("error_msg")] string Message,
    [property: JsonPropertyName("encoded_authorization_message")] string? EncodedAuthorizationMessage,
    [property: JsonPropertyName("request_id")] string? RequestId);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StsErrorJson))]
[JsonSerializable(typeof(DecodedMessageJson))]
[JsonSerializable(typeof(CallerIdentityJson))]
internal sealed partial class StsJson : JsonSerializerContext
{
    /// <summary>As it goes out: names in every script as themselves.</summary>
    public static StsJson Wire => field ??= new(JsonText.Readable(Default.Options));
}
