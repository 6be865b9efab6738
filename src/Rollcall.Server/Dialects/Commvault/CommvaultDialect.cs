using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;
using Rollcall.Core;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>Commvault's web services: refusals are two members or two attributes (contract 1.7).</summary>
internal sealed class CommvaultDialect : IDialect
{
    /// <summary>Clients compare both this text and the code 5 that goes with it (contract 1.6).</summary>
    private const string AccessDenied = "Access denied";

    public bool Owns(PathString path) => CommvaultRoots.Own(path);

    public Task RefuseAsync(HttpContext context, FaultException fault)
    {
        var (status, code) = WordsOf(fault.Code);
        if (fault.Code is FaultCode.NotSignedIn)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        return new CommvaultResult(new CommvaultErrorJson(MessageOf(fault), code), status).ExecuteAsync(context);
    }

    /// <summary>Design 3b. No default arm: a new refusal must not compile until it has words here.</summary>
    private static (int Status, int Code) WordsOf(FaultCode code) => code switch
    {
        FaultCode.Malformed or FaultCode.Unreadable => (StatusCodes.Status400BadRequest, 2),
        FaultCode.NotSignedIn => (StatusCodes.Status401Unauthorized, 5),
        FaultCode.NotAllowed => (StatusCodes.Status403Forbidden, 6),
        FaultCode.NoSuchPath or FaultCode.NotFound => (StatusCodes.Status404NotFound, 404),
        FaultCode.Method => (StatusCodes.Status405MethodNotAllowed, 405),
        FaultCode.Conflict => (StatusCodes.Status409Conflict, 409),
        FaultCode.TooLarge => (StatusCodes.Status413PayloadTooLarge, 413),
        FaultCode.MediaType => (StatusCodes.Status415UnsupportedMediaType, 415),
        FaultCode.TooBusy => (StatusCodes.Status429TooManyRequests, 429),
        FaultCode.Failed => (StatusCodes.Status500InternalServerError, 500),
        FaultCode.Unavailable => (StatusCodes.Status503ServiceUnavailable, 503),
        FaultCode.None => throw new ArgumentOutOfRangeException(nameof(code), code, "not a refusal"),
    };

    private static string MessageOf(FaultException fault) => fault.Code switch
    {
        FaultCode.NotSignedIn => AccessDenied,
        _ => fault.Message,
    };
}

/// <summary>A refusal.</summary>
internal sealed record CommvaultErrorJson(
    [property: JsonPropertyName("errorMessage")] string Message,
    [property: JsonPropertyName("errorCode")] int Code) : ICommvaultAnswer
{
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CommvaultJson.Wire.CommvaultErrorJson);

    public void WriteTo(XmlWriter xml)
    {
        xml.WriteStartElement("CVGui_GenericResp");
        xml.WriteText("errorMessage", Message);
        xml.WriteNumber("errorCode", Code);
        xml.WriteEndElement();
    }
}
