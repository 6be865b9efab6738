using System.Text;
using System.Xml;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>The same facts in both of this dialect's formats.</summary>
internal interface ICommvaultAnswer
{
    /// <summary>UTF-8.</summary>
    byte[] ToJson();

    /// <summary>Writes the root element.</summary>
    void WriteTo(XmlWriter xml);
}

/// <summary>Sends an answer in the format that the caller prefers.</summary>
internal sealed class CommvaultResult(ICommvaultAnswer answer, int status = StatusCodes.Status200OK) : IResult
{
    public const string JsonType = "application/json; charset=utf-8";
    public const string XmlType = "application/xml; charset=utf-8";

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var isXml = AcceptHeader.PrefersXml(httpContext.Request.Headers.Accept);
        var body = isXml ? CommvaultXml.Document(answer) : answer.ToJson();
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = isXml ? XmlType : JsonType;
        response.ContentLength = body.Length;
        response.Headers.Vary = "Accept";
        await response.Body.WriteAsync(body, httpContext.RequestAborted);
    }
}

/// <summary>Which of the two formats a caller wants (D0033).</summary>
internal static class AcceptHeader
{
    /// <summary>True when XML is named and its quality is above that of JSON, named or by a wildcard. What cannot be read asks for nothing.</summary>
    public static bool PrefersXml(StringValues accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges))
            return false;

        var xml = Math.Max(QualityOf("application/xml", ranges), QualityOf("text/xml", ranges));
        return xml > (MostSpecific(["application/json", "application/*", "*/*"], ranges) ?? 0);
    }

    private static double? MostSpecific(ReadOnlySpan<string> types, IList<MediaTypeHeaderValue> ranges)
    {
        foreach (var type in types)
        {
            if (ranges.Any(range => range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)))
                return QualityOf(type, ranges);
        }

        return null;
    }

    private static double QualityOf(string type, IList<MediaTypeHeaderValue> ranges) => ranges
        .Where(range => range.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase))
        .Select(range => range.Quality ?? 1)
        .DefaultIfEmpty(0)
        .Max();
}

/// <summary>Writes XML as the vendor's sample has it: its declaration, attributes only, no white space between elements.</summary>
internal static class CommvaultXml
{
    /// <summary>The blank before the end is the sample's (contract 1.4).</summary>
    private const string Declaration = """<?xml version="1.0" encoding="UTF-8" standalone="no" ?>""";

    private static readonly XmlWriterSettings Settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        OmitXmlDeclaration = true, // the framework's has no blank before its end
    };

    public static byte[] Document(ICommvaultAnswer answer)
    {
        using var body = new MemoryStream();
        body.Write(Encoding.ASCII.GetBytes(Declaration));
        using (var xml = XmlWriter.Create(body, Settings))
            answer.WriteTo(xml);
        return body.ToArray();
    }

    /// <summary>Any text, however it came: what XML cannot hold becomes U+FFFD, and tabs and line ends are written so that they survive reading.</summary>
    public static void WriteText(this XmlWriter xml, string name, string text) => xml.WriteAttributeString(name, Legal(text));

    public static void WriteNumber(this XmlWriter xml, string name, long number) => xml.WriteAttributeString(name, XmlConvert.ToString(number));

    /// <summary>The vendor's answers have 0 and 1 (contract 3.1).</summary>
    public static void WriteFlag(this XmlWriter xml, string name, bool flag) => xml.WriteAttributeString(name, flag ? "1" : "0");

    /// <summary>XML 1.0, production 2.</summary>
    internal static string Legal(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (var i = 0; i < from.Length; i++)
        {
            var isPair = i + 1 < from.Length && char.IsSurrogatePair(from[i], from[i + 1]);
            to[i] = isPair || XmlConvert.IsXmlChar(from[i]) ? from[i] : '\uFFFD';
            if (isPair)
                to[++i] = from[i];
        }
    });
}
