using System.Globalization;
using System.Xml;

namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>An event as Windows renders it in XML (docs/contracts/windows-events.md, section 1).</summary>
internal sealed class XmlEvent : ExportedEvent
{
    /// <summary>Elements within elements; Windows writes five at most.</summary>
    private const int DepthMax = 16;

    // A document type could name other files and blow up: nothing that Windows writes has one.
    private static readonly XmlReaderSettings Hardened = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = LineReader.LineBytesMax,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    private readonly Dictionary<string, string> system = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    private XmlEvent()
    {
    }

    public override int? EventId => Texts.Number(system.GetValueOrDefault("EventID"));

    public override string? Host => system.GetValueOrDefault("Computer");

    public override long? RecordNumber => Texts.LongNumber(system.GetValueOrDefault("EventRecordID"));

    public override string? Provider => system.GetValueOrDefault("Provider") ?? system.GetValueOrDefault("Channel");

    public override DateTimeOffset? Instant => Instants.TryZoned(system.GetValueOrDefault("TimeCreated"));

    protected override string? Message => null;

    /// <summary>Null when the text is no event in XML.</summary>
    public static XmlEvent? TryParse(string text)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(text), Hardened);
            var made = new XmlEvent();
            return made.TryRead(reader) ? made : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    protected override string? Value(int place, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (values.TryGetValue(name, out var value))
                return value;
        }

        return null;
    }

    private bool TryRead(XmlReader reader)
    {
        var path = new List<string>();
        while (reader.Read())
        {
            if (reader.NodeType == XmlNodeType.EndElement)
            {
                path.RemoveAt(path.Count - 1);
            }
            else if (reader.NodeType == XmlNodeType.Element)
            {
                if (path.Count == DepthMax)
                    return false;

                path.Add(reader.LocalName);
                TakeAttributes(reader, path);
                if (reader.IsEmptyElement)
                    path.RemoveAt(path.Count - 1);
            }
            else if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA)
            {
                TakeText(reader.Value, path);
            }
        }

        return system.Count > 0;
    }

    private void TakeAttributes(XmlReader reader, List<string> path)
    {
        if (path is [_, "System", "Provider"])
            Keep(system, "Provider", reader.GetAttribute("Name"));
        else if (path is [_, "System", "TimeCreated"])
            Keep(system, "TimeCreated", reader.GetAttribute("SystemTime"));
        else if (path is [_, "EventData", "Data"] && reader.GetAttribute("Name") is { } name)
            path[^1] = $"Data/{name}";
    }

    private void TakeText(string text, List<string> path)
    {
        if (path is [_, "System", var member])
            Keep(system, member, text);
        else if (path is [_, "UserData", _, var value])
            Keep(values, value, text);
        else if (path is [_, "EventData", var data] && data.StartsWith("Data/", StringComparison.Ordinal))
            Keep(values, data["Data/".Length..], text);
    }

    private static void Keep(Dictionary<string, string> to, string name, string? text)
    {
        if (Texts.Cleaned(text ?? "") is { } kept)
            to.TryAdd(name, kept);
    }
}
