using System.Text.Json;
using System.Xml;
using Microsoft.Net.Http.Headers;
using Rollcall.Core;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>The members of a Login as text, from JSON members or XML attributes alike; names ignore case, unknown ones are passed over.</summary>
internal sealed class LoginBody
{
    public const string JsonType = "application/json";
    public const string XmlType = "application/xml";
    public const string XmlTextType = "text/xml";

    private const string Element = "DM2ContentIndexing_CheckCredentialReq";
    private const int TextLengthMax = 4096; // a password of 3000 bytes in Base64; everything else is shorter

    private static readonly HashSet<string> Known = new(["username", "password", "domain", "timeout", "deviceId"], StringComparer.OrdinalIgnoreCase);

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = RequestBody.SmallBytesMax,
    };

    private readonly Dictionary<string, string> members = new(StringComparer.OrdinalIgnoreCase);

    private LoginBody()
    {
    }

    /// <summary>The member as sent; null when absent.</summary>
    public string? this[string name] => members.GetValueOrDefault(name);

    /// <summary>An empty body has no members, whatever its type.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.MediaType"/>, <see cref="FaultCode.Unreadable"/> or <see cref="FaultCode.Malformed"/>.</exception>
    public static LoginBody Read(string? contentType, ReadOnlyMemory<byte> bytes)
    {
        var body = new LoginBody();
        if (bytes.Length == 0)
            return body;

        switch (MediaTypeHeaderValue.TryParse(contentType, out var type) ? type.MediaType.ToString().ToLowerInvariant() : string.Empty)
        {
            case JsonType:
                body.ReadJson(bytes);
                return body;
            case XmlType or XmlTextType:
                body.ReadXml(bytes);
                return body;
            default:
                throw FaultException.MediaType($"{JsonType}, {XmlType} or {XmlTextType}");
        }
    }

    private void ReadJson(ReadOnlyMemory<byte> bytes)
    {
        using var document = RequestBody.Parse(bytes);
        if (document.RootElement.ValueKind is JsonValueKind.Null)
            return;
        if (document.RootElement.ValueKind is not JsonValueKind.Object)
            throw FaultException.Unreadable("The request body must be a JSON object");

        try
        {
            foreach (var member in document.RootElement.EnumerateObject().Where(member => member.Value.ValueKind is not JsonValueKind.Null))
            {
                if (Known.Contains(member.Name))
                    Add(member.Name, TextOf(member));
            }
        }
        catch (InvalidOperationException)
        {
            throw FaultException.Unreadable("The request body has text that is not valid Unicode");
        }
    }

    private static string TextOf(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.String => member.Value.GetString()!,
        JsonValueKind.Number when member.Name.Equals("timeout", StringComparison.OrdinalIgnoreCase) => member.Value.GetRawText(),
        _ => throw FaultException.Malformed(member.Name, "a string"),
    };

    private void ReadXml(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var xml = XmlReader.Create(new MemoryStream(bytes.ToArray()), Settings);
            xml.MoveToContent();
            if (!xml.LocalName.Equals(Element, StringComparison.OrdinalIgnoreCase))
                throw FaultException.Unreadable($"The request body must be a {Element} element");

            while (xml.MoveToNextAttribute())
            {
                if (Known.Contains(xml.LocalName))
                    Add(xml.LocalName, xml.Value);
            }

            while (xml.Read())
            {
                // To the very end: half a document is none.
            }
        }
        catch (XmlException)
        {
            throw FaultException.Unreadable("The request body is not valid XML, or has a document type, which is not read");
        }
    }

    /// <summary>The same name in two spellings would leave open which one counts.</summary>
    private void Add(string name, string text)
    {
        if (text.Length > TextLengthMax)
            throw FaultException.Malformed(name, $"at most {TextLengthMax} characters long");
        if (!members.TryAdd(name, text) && members[name] != text)
            throw FaultException.Malformed(name, "given once");
    }
}
