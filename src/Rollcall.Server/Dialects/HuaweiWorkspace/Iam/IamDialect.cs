using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>The identity service's paths, whose error body differs from every other service's (contract 6.1).</summary>
internal sealed class IamDialect : IDialect
{
    /// <summary>Its first segments below <c>/v3</c>. Everything else there begins with a project's id, which is none of these words.</summary>
    private static readonly PathString[] Roots = ["/auth", "/projects", "/domains", "/users"];

    public bool Owns(PathString path) =>
        path.StartsWithSegments("/v3", StringComparison.OrdinalIgnoreCase, out var rest)
        && (!rest.HasValue || rest == "/" || Roots.Any(root => rest.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase)));

    public Task RefuseAsync(HttpContext context, FaultException fault)
    {
        var (status, title) = WordsOf(fault.Code);
        context.Response.StatusCode = status;
        if (fault.Code is FaultCode.NotSignedIn)
            context.Response.Headers.WWWAuthenticate = $"Keystone uri=\"{context.Request.Scheme}://{context.Request.Host}/v3\"";
        return context.Response.WriteAsJsonAsync(
            new IamErrorJson(new IamErrorBodyJson(status, fault.Message, title)), IamJson.Default.IamErrorJson, "application/json", context.RequestAborted);
    }

    private static (int Status, string Title) WordsOf(FaultCode code) => code switch
    {
        FaultCode.Malformed or FaultCode.Unreadable => (StatusCodes.Status400BadRequest, "Bad Request"),
        FaultCode.NotSignedIn => (StatusCodes.Status401Unauthorized, "Unauthorized"),
        FaultCode.NotAllowed => (StatusCodes.Status403Forbidden, "Forbidden"),
        FaultCode.NoSuchPath or FaultCode.NotFound => (StatusCodes.Status404NotFound, "Not Found"),
        FaultCode.Method => (StatusCodes.Status405MethodNotAllowed, "Method Not Allowed"),
        FaultCode.Conflict => (StatusCodes.Status409Conflict, "Conflict"),
        FaultCode.TooLarge => (StatusCodes.Status413PayloadTooLarge, "Request Entity Too Large"),
        FaultCode.MediaType => (StatusCodes.Status415UnsupportedMediaType, "Unsupported Media Type"),
        FaultCode.TooBusy => (StatusCodes.Status429TooManyRequests, "Too Many Requests"),
        FaultCode.Failed => (StatusCodes.Status500InternalServerError, "Internal Server Error"),
        FaultCode.Unavailable => (StatusCodes.Status503ServiceUnavailable, "Service Unavailable"),
        FaultCode.None => throw new ArgumentOutOfRangeException(nameof(code), code, "not a refusal"),
    };
}

internal sealed record IamErrorJson([property: JsonPropertyName("error")] IamErrorBodyJson Error);

internal sealed record IamErrorBodyJson(
    [property: JsonPropertyName("code")] int Code, [property: JsonPropertyName("message")] string Message, [property: JsonPropertyName("title")] string Title);
