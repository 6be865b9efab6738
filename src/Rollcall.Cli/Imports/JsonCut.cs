namespace Rollcall.Cli.Imports;

/// <summary>Cuts JSON into its outermost objects: those of one array, one after the other, or one alone.</summary>
internal sealed class JsonCut : PieceCut
{
    private int depth;
    private bool isText, isEscaped, isGarbage;

    public override ReadOnlySpan<byte> Opening => "{"u8;

    public override string GarbageReason => "not JSON";

    public override string UnfinishedReason => "not JSON from here on; the rest of the file is lost";

    public override Cut Take(byte next)
    {
        if (depth == 0)
            return Outside(next);

        if (isText)
        {
            (isText, isEscaped) = (isEscaped || next != '"', !isEscaped && next == '\\');
            return Cut.Inside;
        }

        isText = next == '"';
        depth += next switch
        {
            (byte)'{' or (byte)'[' => 1,
            (byte)'}' or (byte)']' => -1,
            _ => 0,
        };
        return depth == 0 ? Cut.Ends : Cut.Inside;
    }

    private Cut Outside(byte next)
    {
        if (next == '{')
        {
            (depth, isText, isEscaped, isGarbage) = (1, false, false, false);
            return Cut.Begins;
        }

        var known = next is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n' or (byte)',' or (byte)'[' or (byte)']';
        var said = isGarbage;
        isGarbage |= !known;
        return known || said ? Cut.Between : Cut.Garbage;
    }
}
