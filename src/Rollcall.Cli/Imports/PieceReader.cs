using System.Text;

namespace Rollcall.Cli.Imports;

/// <summary>What one more byte means to a <see cref="PieceCut"/>.</summary>
internal enum Cut
{
    /// <summary>Between two pieces, and nothing to speak of.</summary>
    Between,

    /// <summary>Between two pieces, and the first byte of something that does not belong there.</summary>
    Garbage,

    /// <summary>A piece begins with <see cref="PieceCut.Opening"/>, of which this is the last byte.</summary>
    Begins,

    Inside,

    /// <summary>The last byte of a piece.</summary>
    Ends,
}

/// <summary>Finds where pieces begin and end in a stream of bytes; whether a piece is sound is for its reader to say.</summary>
internal abstract class PieceCut
{
    /// <summary>The bytes of the piece so far when <see cref="Cut.Begins"/> is said.</summary>
    public abstract ReadOnlySpan<byte> Opening { get; }

    /// <summary>Why what stands between pieces is no part of such a file.</summary>
    public abstract string GarbageReason { get; }

    /// <summary>What to say of a piece that the end of the file cuts short.</summary>
    public abstract string UnfinishedReason { get; }

    public abstract Cut Take(byte next);
}

/// <summary>Reads files that are no lines: one piece of at most <see cref="LineReader.LineBytesMax"/> bytes is held at a time, however long the file is.</summary>
internal static class PieceReader
{
    private const int BufferBytes = 64 * 1024;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The pieces in order; a spot's line is the number of the piece.</summary>
    public static IEnumerable<LogLine> Read(LogFile file, PieceCut cut, Tally tally)
    {
        using var stream = file.OpenText();
        var (buffer, piece) = (new byte[BufferBytes], new Piece());
        var spot = new Spot(file.Name, 1);
        for (int count; (count = Fill(stream, buffer)) != 0;)
        {
            if (count < 0)
            {
                tally.Break("the file breaks off: it cannot be read further", spot);
                yield break;
            }

            for (var at = 0; at < count; at++)
            {
                var what = cut.Take(buffer[at]);
                piece.Take(what, buffer[at], cut);
                if (what == Cut.Garbage)
                    tally.Skip(cut.GarbageReason, spot);

                if (what != Cut.Ends)
                    continue;

                if (piece.TextOr(tally, spot) is { } text)
                    yield return new LogLine(text, spot);

                spot = spot with { Line = spot.Line + 1 };
            }
        }

        if (piece.IsOpen)
            tally.Break(cut.UnfinishedReason, spot);
    }

    /// <summary>Bytes read, 0 at the end; -1 when the file cannot be read.</summary>
    private static int Fill(Stream stream, byte[] buffer)
    {
        try
        {
            return stream.Read(buffer);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or DecoderFallbackException)
        {
            return -1;
        }
    }

    private sealed class Piece
    {
        private readonly byte[] bytes = new byte[LineReader.LineBytesMax];
        private int length;
        private bool isTooLong;

        public bool IsOpen { get; private set; }

        public void Take(Cut what, byte next, PieceCut cut)
        {
            if (what == Cut.Begins)
            {
                cut.Opening.CopyTo(bytes);
                (length, isTooLong, IsOpen) = (cut.Opening.Length, false, true);
            }
            else if (what is Cut.Inside or Cut.Ends)
            {
                isTooLong |= length == bytes.Length;
                if (!isTooLong)
                    bytes[length++] = next;

                IsOpen = what == Cut.Inside;
            }
        }

        public string? TextOr(Tally tally, Spot spot)
        {
            if (isTooLong)
            {
                tally.Skip($"longer than {LineReader.LineBytesMax / 1024} KiB", spot);
                return null;
            }

            try
            {
                return Utf8.GetString(bytes, 0, length);
            }
            catch (DecoderFallbackException)
            {
                tally.Skip("not UTF-8", spot);
                return null;
            }
        }
    }
}
