using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>Huawei Cloud Workspace: <c>/v1</c>, <c>/v2</c> and <c>/v3</c>, with its error bodies (contract 7.1).</summary>
internal sealed class WorkspaceDialect(AuthorizationMessages messages) : IDialect
{
    public bool Owns(PathString path) =>
        path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/v2", StringComparison.OrdinalIgnoreCase)
        || path.StartsWithSegments("/v3", StringComparison.OrdinalIgnoreCase);

    public Task RefuseAsync(HttpContext context, FaultException fault)
    {
        var (status, code) = WordsOf(fault.Code);
        context.Response.StatusCode = status;
        var error = new WorkspaceErrorJson(
            code,
            fault.Message,
            SealedReason(context, fault),
            code.StartsWith("APIGW", StringComparison.Ordinal) ? context.TraceIdentifier : null);
        return context.Response.WriteAsJsonAsync(error, WorkspaceJson.Wire.WorkspaceErrorJson, "application/json", context.RequestAborted);
    }

    /// <summary>Design 3b; the codes' sources are in contract 7.2 to 7.4. No default arm: a new refusal must not compile until it has words here.</summary>
    private static (int Status, string Code) WordsOf(FaultCode code) => code switch
    {
        FaultCode.Malformed => (StatusCodes.Status400BadRequest, "WKS.00211102"),
        FaultCode.Unreadable => (StatusCodes.Status400BadRequest, "WKS.00139901"),
        FaultCode.NotSignedIn => (StatusCodes.Status401Unauthorized, "APIGW.0301"),
        FaultCode.NotAllowed => (StatusCodes.Status403Forbidden, "WKS.00081102"),
        FaultCode.NoSuchPath => (StatusCodes.Status404NotFound, "APIGW.0101"),
        FaultCode.NotFound => (StatusCodes.Status404NotFound, "WKS.00211902"),
        FaultCode.Method => (StatusCodes.Status405MethodNotAllowed, "WKS.00000405"),
        FaultCode.Conflict => (StatusCodes.Status409Conflict, "WKS.00211103"),
        FaultCode.TooLarge => (StatusCodes.Status413PayloadTooLarge, "APIGW.0201"),
        FaultCode.MediaType => (StatusCodes.Status415UnsupportedMediaType, "WKS.00000415"),
        FaultCode.TooBusy => (StatusCodes.Status429TooManyRequests, "APIGW.0308"),
        FaultCode.Failed => (StatusCodes.Status500InternalServerError, "WKS.00211401"),
        FaultCode.Unavailable => (StatusCodes.Status503ServiceUnavailable, "WKS.00050902"),
        FaultCode.None => throw new ArgumentOutOfRangeException(nameof(code), code, "not a refusal"),
    };

    /// <summary>On a 403 of v2 and v3: which action was missing, readable by this server alone (D0025).</summary>
    private string? SealedReason(HttpContext context, FaultException fault) =>
        fault.Code is FaultCode.NotAllowed && !context.Request.Path.StartsWithSegments("/v1", StringComparison.OrdinalIgnoreCase)
            ? messages.Seal(context, fault.Missing)
            : null;
}

/// <summary>The vendor's error body; <c>request_id</c> stands in the gateway's own errors only.</summary>
internal sealed record WorkspaceErrorJson(
    [property: JsonPropertyName("error_code")] string Code,
    [property: JsonPropertyName("error_msg")] string Message,
    [property: JsonPropertyName("encoded_authorization_message")] string? EncodedAuthorizationMessage,
    [property: JsonPropertyName("request_id")] string? RequestId);
