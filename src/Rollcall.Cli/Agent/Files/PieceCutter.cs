using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent.Files;

/// <summary>Cuts what was read of a followed file into whole pieces, and counts them.</summary>
/// <param name="path">What the pieces are said to be of, whatever the file is called by now.</param>
internal sealed class PieceCutter(string path, Framing framing, Tally tally)
{
    private long pieces;

    /// <summary>The piece that was cut last.</summary>
    public Spot Spot => new(path, pieces);

    /// <summary>Takes whole pieces; returns how many bytes need not be seen again.</summary>
    public (int Used, bool IsSkipping) Cut(ReadOnlySpan<byte> rest, bool isSkipping, List<(ReadOnlyMemory<byte>, Spot)> taken)
    {
        var used = 0;
        for (int length; (length = framing.LengthOfFirst(rest[used..])) > 0; used += length)
        {
            pieces++;
            if (isSkipping || length > framing.PieceBytesMax)
                tally.Skip($"longer than {framing.PieceBytesMax / 1024} KiB", Spot);
            else
                taken.Add((rest.Slice(used, length).ToArray(), Spot));
            isSkipping = false;
        }

        if (rest.Length - used <= framing.PieceBytesMax)
            return (isSkipping ? rest.Length : used, isSkipping);

        return (rest.Length, true);
    }

    /// <summary>The last line of a file that nobody writes to any more is a line, even without its newline.</summary>
    public void TakeLast(ReadOnlySpan<byte> rest, List<(ReadOnlyMemory<byte>, Spot)> taken)
    {
        if (!framing.MayLackItsEnd || rest.IsEmpty || rest.Length > framing.PieceBytesMax)
            return;

        pieces++;
        taken.Add((rest.ToArray(), Spot));
    }
}
