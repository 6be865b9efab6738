using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Wtmp;

namespace Rollcall.Cli.Agent.Files;

/// <summary>How a file that grows is cut into whole pieces.</summary>
internal abstract class Framing
{
    /// <summary>Lines, each with its newline.</summary>
    public static Framing Lines { get; } = new LineFraming(LineReader.LineBytesMax);

    /// <summary>Lines of a log that its user may write to: none of those that are read is a tenth as long.</summary>
    public static Framing UsersLines { get; } = new LineFraming(UsersLineBytesMax);

    /// <summary>Login records of one size.</summary>
    public static Framing Records { get; } = new RecordFraming();

    /// <summary>Longest line of a user's log, in bytes.</summary>
    private const int UsersLineBytesMax = 4 * 1024;

    /// <summary>Bytes of the first whole piece; 0 when it is not all there yet.</summary>
    public abstract int LengthOfFirst(ReadOnlySpan<byte> rest);

    /// <summary>The last piece of a file that will not grow any more may lack its end.</summary>
    public abstract bool MayLackItsEnd { get; }

    /// <summary>Longest piece taken, in bytes; what is longer is passed over.</summary>
    public abstract int PieceBytesMax { get; }

    private sealed class LineFraming(int lineBytesMax) : Framing
    {
        public override bool MayLackItsEnd => true;

        public override int PieceBytesMax => lineBytesMax;

        public override int LengthOfFirst(ReadOnlySpan<byte> rest) => rest.IndexOf((byte)'\n') + 1;
    }

    private sealed class RecordFraming : Framing
    {
        public override bool MayLackItsEnd => false;

        public override int PieceBytesMax => WtmpRecord.SizeBytes;

        public override int LengthOfFirst(ReadOnlySpan<byte> rest) => rest.Length < WtmpRecord.SizeBytes ? 0 : WtmpRecord.SizeBytes;
    }
}
