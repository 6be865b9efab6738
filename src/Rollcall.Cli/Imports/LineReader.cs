using System.Text;

namespace Rollcall.Cli.Imports;

/// <summary>One line of text and where it stood.</summary>
internal readonly record struct LogLine(string Text, Spot Spot);

/// <summary>Reads lines from files that nobody vouches for: what is no line of text is counted, never thrown.</summary>
internal static class LineReader
{
    /// <summary>Longest line taken, in bytes. Real log lines stay far below; a longer one is damage or an attack on memory.</summary>
    public const int LineBytesMax = 64 * 1024;

    private const byte NewLine = (byte)'\n';

    // Strict: a replacement character would turn two different names into one.
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Streams the lines of a file in order. Empty lines are passed over without counting.</summary>
    public static IEnumerable<LogLine> Read(LogFile file, Tally tally)
    {
        using var source = new LineBytes(file.OpenText());
        for (long number = 1; ; number++)
        {
            var spot = new Spot(file.Name, number);
            switch (source.Next())
            {
                case LineKind.End:
                    yield break;
                case LineKind.Damaged:
                    tally.Break("the file breaks off: it cannot be read further", spot);
                    yield break;
                case LineKind.TooLong:
                    tally.Skip($"longer than {LineBytesMax / 1024} KiB", spot);
                    break;
                default:
                    if (TextOf(source.Line, spot, tally) is { } text)
                        yield return new LogLine(text, spot);

                    break;
            }
        }
    }

    /// <summary>The text of one line without its end; null, and counted unless it is empty, when it is none.</summary>
    public static string? TextOf(ReadOnlySpan<byte> line, Spot spot, Tally tally)
    {
        if (line.EndsWith("\n"u8))
            line = line[..^1];

        if (line.EndsWith("\r"u8))
            line = line[..^1];

        if (line.IsEmpty)
            return null;

        if (line.IndexOfAnyInRange((byte)0, (byte)8) >= 0 || line.IndexOfAnyInRange((byte)10, (byte)31) >= 0)
        {
            tally.Skip("not text (control characters)", spot);
            return null;
        }

        try
        {
            return Utf8.GetString(line);
        }
        catch (DecoderFallbackException)
        {
            tally.Skip("not UTF-8", spot);
            return null;
        }
    }

    private enum LineKind
    {
        Line,
        TooLong,
        Damaged,
        End,
    }

    /// <summary>Cuts a stream at newlines, keeping at most <see cref="LineBytesMax"/> bytes at once.</summary>
    private sealed class LineBytes(Stream stream) : IDisposable
    {
        private readonly byte[] buffer = new byte[LineBytesMax];
        private readonly byte[] line = new byte[LineBytesMax];
        private int bufferAt, bufferEnd, lineEnd;

        public ReadOnlySpan<byte> Line => line.AsSpan(0, lineEnd);

        public LineKind Next()
        {
            lineEnd = 0;
            var (any, tooLong) = (false, false);
            while (true)
            {
                if (bufferAt == bufferEnd && !TryFill())
                    return LineKind.Damaged;

                if (bufferEnd == 0)
                    return !any ? LineKind.End : tooLong ? LineKind.TooLong : LineKind.Line;

                any = true;
                var rest = buffer.AsSpan(bufferAt, bufferEnd - bufferAt);
                var cut = rest.IndexOf(NewLine);
                var piece = cut < 0 ? rest : rest[..cut];
                tooLong |= !TryKeep(piece);
                bufferAt += cut < 0 ? rest.Length : cut + 1;
                if (cut >= 0)
                    return tooLong ? LineKind.TooLong : LineKind.Line;
            }
        }

        public void Dispose() => stream.Dispose();

        private bool TryKeep(ReadOnlySpan<byte> piece)
        {
            if (lineEnd + piece.Length > line.Length)
                return false;

            piece.CopyTo(line.AsSpan(lineEnd));
            lineEnd += piece.Length;
            return true;
        }

        private bool TryFill()
        {
            try
            {
                (bufferAt, bufferEnd) = (0, stream.Read(buffer));
                return true;
            }
            catch (Exception e) when (e is IOException or InvalidDataException or DecoderFallbackException)
            {
                return false;
            }
        }
    }
}
