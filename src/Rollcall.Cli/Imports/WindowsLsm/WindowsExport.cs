using System.Text.Json;

namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>Streams the events of an export, whichever tool wrote it.</summary>
/// <param name="form">Which tool; <see cref="WindowsForm.Auto"/> tells it from the content.</param>
/// <param name="tally">Counts what is no event.</param>
internal sealed class WindowsExport(WindowsForm form, Tally tally)
{
    /// <summary>Bytes looked at to tell what a file is.</summary>
    private const int HeadBytesMax = LineReader.LineBytesMax;

    private enum Shape
    {
        Lines,
        Objects,
        Xml,
        Evtx,
    }

    public IEnumerable<(ExportedEvent Event, Spot Spot)> Read(LogFile file)
    {
        switch (ShapeOf(file))
        {
            case Shape.Evtx:
                tally.Skip("an .evtx file, which is binary: export it with wevtutil qe FILE /lf:true /f:xml /uni:true", new Spot(file.Name, 1));
                return [];
            case Shape.Xml:
                return Parsed(PieceReader.Read(file, new XmlEventCut(), tally), XmlEvent.TryParse, "not XML that Windows writes");
            case Shape.Objects:
                return Parsed(PieceReader.Read(file, new JsonCut(), tally), EventOf, "not JSON");
            default:
                return Parsed(LineReader.Read(file, tally), EventOf, "not JSON");
        }
    }

    private Shape ShapeOf(LogFile file)
    {
        ReadOnlySpan<byte> head = file.HeadOfText(HeadBytesMax);
        if (head.StartsWith("ElfFile\0"u8))
            return Shape.Evtx;

        head = head.TrimStart(" \t\r\n"u8);
        if (form == WindowsForm.Wevtutil || (form == WindowsForm.Auto && head.StartsWith("<"u8)))
            return Shape.Xml;

        if (head.StartsWith("["u8))
            return Shape.Objects;

        // One object a line begins with a whole one; one object over many lines, as PowerShell writes it, does not.
        var end = head.IndexOf((byte)'\n');
        var isOpen = head.StartsWith("{"u8) && !(end < 0 ? head : head[..end]).TrimEnd(" \t\r\n"u8).EndsWith("}"u8);
        return isOpen ? Shape.Objects : Shape.Lines;
    }

    private IEnumerable<(ExportedEvent Event, Spot Spot)> Parsed(IEnumerable<LogLine> pieces, Func<string, ExportedEvent?> parse, string reason)
    {
        foreach (var piece in pieces)
        {
            if (parse(piece.Text) is { } one)
                yield return (one, piece.Spot);
            else
                tally.Skip(reason, piece.Spot);
        }
    }

    private ExportedEvent? EventOf(string text)
    {
        try
        {
            var json = JsonElement.Parse(text);
            var isWinlogbeat = form == WindowsForm.Winlogbeat || (form == WindowsForm.Auto && WinlogbeatEvent.Is(json));
            return isWinlogbeat ? new WinlogbeatEvent(json) : new FlatEvent(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
