using System.Text.Json;
using System.Xml;
using Microsoft.Net.Http.Headers;
using Rollcall.Core;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>Bodies in the two formats of this dialect, read to the very end: half a document is none.</summary>
internal static class CommvaultBody
{
    public const string JsonType = "application/json";
    public const string XmlType = "application/xml";

    private const string XmlTextType = "text/xml";

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        MaxCharactersInDocument = RequestBody.SmallBytesMax,
    };

    /// <summary>True for XML, false for JSON.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.MediaType"/> for anything else.</exception>
    public static bool IsXml(string? contentType) =>
        (MediaTypeHeaderValue.TryParse(contentType, out var type) ? type.MediaType.ToString().ToLowerInvariant() : string.Empty) switch
        {
            JsonType => false,
            XmlType or XmlTextType => true,
            _ => throw FaultException.MediaType($"{JsonType}, {XmlType} or {XmlTextType}"),
        };

    /// <summary>Hands out the members of the object that the body is; <c>null</c> has none.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Unreadable"/>, or what <paramref name="read"/> throws.</exception>
    public static void ReadJson(ReadOnlyMemory<byte> bytes, Action<JsonProperty> read)
    {
        using var document = RequestBody.Parse(bytes);
        if (document.RootElement.ValueKind is JsonValueKind.Null)
            return;
        if (document.RootElement.ValueKind is not JsonValueKind.Object)
            throw FaultException.Unreadable("The request body must be a JSON object");

        try
        {
            foreach (var member in document.RootElement.EnumerateObject())
                read(member);
        }
        catch (InvalidOperationException)
        {
            throw FaultException.Unreadable("The request body has text that is not valid Unicode");
        }
    }

    /// <summary>Hands out the reader at every element, the root included, whose name must be <paramref name="root"/> in any case.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Unreadable"/>, or what <paramref name="read"/> throws.</exception>
    public static void ReadXml(ReadOnlyMemory<byte> bytes, string root, Action<XmlReader> read)
    {
        try
        {
            using var xml = XmlReader.Create(new MemoryStream(bytes.ToArray()), Settings);
            xml.MoveToContent();
            if (!xml.LocalName.Equals(root, StringComparison.OrdinalIgnoreCase))
                throw FaultException.Unreadable($"The request body must be a {root} element");

            do
            {
                if (xml.NodeType is XmlNodeType.Element)
                    read(xml);
            }
            while (xml.Read());
        }
        catch (XmlException)
        {
            throw FaultException.Unreadable("The request body is not valid XML, or has a document type, which is not read");
        }
    }
}
