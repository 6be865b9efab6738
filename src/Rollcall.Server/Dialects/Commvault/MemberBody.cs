using System.Text.Json;
using Rollcall.Core;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>What the body of one operation may say.</summary>
/// <param name="Element">The root in XML; null when no source knows the operation in XML.</param>
/// <param name="Members">Members in JSON, attributes of the root in XML; anything else is passed over.</param>
internal sealed record BodyShape(string? Element, IReadOnlyList<string> Members)
{
    /// <summary>The one member that may be a number in JSON too; null when all are text.</summary>
    public string? NumberMember { get; init; }

    public bool Has(string name) => Members.Contains(name, StringComparer.OrdinalIgnoreCase);
}

/// <summary>The members of a body as text, from JSON members or XML attributes alike; names ignore case.</summary>
internal sealed class MemberBody
{
    private const int TextLengthMax = 4096; // a password of 3000 bytes in Base64; everything else is shorter

    private readonly Dictionary<string, string> members = new(StringComparer.OrdinalIgnoreCase);

    private MemberBody()
    {
    }

    /// <summary>The member as sent; null when absent.</summary>
    public string? this[string name] => members.GetValueOrDefault(name);

    /// <summary>An empty body has no members, whatever its type.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.MediaType"/>, <see cref="FaultCode.Unreadable"/> or <see cref="FaultCode.Malformed"/>.</exception>
    public static MemberBody Read(string? contentType, ReadOnlyMemory<byte> bytes, BodyShape shape)
    {
        var body = new MemberBody();
        if (bytes.Length == 0)
            return body;

        if (!CommvaultBody.IsXml(contentType))
        {
            CommvaultBody.ReadJson(bytes, member => body.AddMember(member, shape));
            return body;
        }

        body.ReadXml(bytes, shape.Element ?? throw FaultException.MediaType(CommvaultBody.JsonType), shape);
        return body;
    }

    private void AddMember(JsonProperty member, BodyShape shape)
    {
        if (member.Value.ValueKind is JsonValueKind.Null || !shape.Has(member.Name))
            return;

        Add(member.Name, member.Value.ValueKind switch
        {
            JsonValueKind.String => member.Value.GetString()!,
            JsonValueKind.Number when member.Name.Equals(shape.NumberMember, StringComparison.OrdinalIgnoreCase) => member.Value.GetRawText(),
            _ => throw FaultException.Malformed(member.Name, "a string"),
        });
    }

    private void ReadXml(ReadOnlyMemory<byte> bytes, string element, BodyShape shape) => CommvaultBody.ReadXml(bytes, element, xml =>
    {
        if (xml.Depth > 0)
            return;

        while (xml.MoveToNextAttribute())
        {
            if (shape.Has(xml.LocalName))
                Add(xml.LocalName, xml.Value);
        }
    });

    /// <summary>The same name in two spellings would leave open which one counts.</summary>
    private void Add(string name, string text)
    {
        if (text.Length > TextLengthMax)
            throw FaultException.Malformed(name, $"at most {TextLengthMax} characters long");
        if (!members.TryAdd(name, text) && members[name] != text)
            throw FaultException.Malformed(name, "given once");
    }
}
