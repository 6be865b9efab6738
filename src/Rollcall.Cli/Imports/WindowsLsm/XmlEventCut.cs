namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>Cuts XML into its <c>Event</c> elements. Everything around them, such as a root, is passed over.</summary>
internal sealed class XmlEventCut : PieceCut
{
    private readonly byte[] began = [.. "<Event "u8];
    private int openingMatched, closingMatched;
    private bool isInside, isXml, isGarbage;

    public override ReadOnlySpan<byte> Opening => began;

    public override string GarbageReason => "not XML";

    public override string UnfinishedReason => "an event cut short at the end of the file";

    public override Cut Take(byte next)
    {
        if (isInside)
        {
            isInside = !Closes(next);
            return isInside ? Cut.Inside : Cut.Ends;
        }

        if (Opens(next))
        {
            (isInside, isXml, began[^1]) = (true, true, next);
            return Cut.Begins;
        }

        var isWrong = !isXml && !isGarbage && next != '<' && !IsBlank(next);
        isXml |= next == '<';
        isGarbage |= isWrong;
        return isWrong ? Cut.Garbage : Cut.Between;
    }

    /// <summary>Also <c>Events</c> and <c>EventXML</c> begin so: only a blank or the end of the tag makes it an Event.</summary>
    private bool Opens(byte next)
    {
        var opening = "<Event"u8;
        var isNamed = openingMatched == opening.Length;
        openingMatched = Advance(isNamed ? 0 : openingMatched, opening, next);
        return isNamed && (next == '>' || IsBlank(next));
    }

    private bool Closes(byte next)
    {
        var closing = "</Event>"u8;
        closingMatched = Advance(closingMatched, closing, next);
        if (closingMatched < closing.Length)
            return false;

        closingMatched = 0;
        return true;
    }

    /// <summary>How much of the text stands at the end of what was read. Its first byte stands in it once only.</summary>
    private static int Advance(int matched, ReadOnlySpan<byte> text, byte next)
    {
        if (next == text[matched])
            return matched + 1;

        return next == text[0] ? 1 : 0;
    }

    private static bool IsBlank(byte next) => next is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n';
}
