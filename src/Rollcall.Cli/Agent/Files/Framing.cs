using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Wtmp;

namespace Rollcall.Cli.Agent.Files;

/// <summary>How a file that grows is cut into whole pieces.</summary>
internal abstract class Framing
{
    /// <summary>Lines, each with its newline.</summary>
    public static Framing Lines { get; } = new LineFraming();

    /// <summary>Login records of one size.</summary>
    public static Framing Records { get; } = new RecordFraming();

    /// <summary>Bytes of the first whole piece; 0 when it is not all there yet.</summary>
    public abstract int LengthOfFirst(ReadOnlySpan<byte> rest);

    /// <summary>The last piece of a file that will not grow any more may lack its end.</summary>
    public abstract bool MayLackItsEnd { get; }

    /// <summary>Longest piece taken, in bytes; what is longer is passed over.</summary>
    public abstract int PieceBytesMax { get; }

    private sealed class LineFraming : Framing
    {
        public override bool MayLackItsEnd => true;

        public override int PieceBytesMax => LineReader.LineBytesMax;

        public override int LengthOfFirst(ReadOnlySpan<byte> rest) => rest.IndexOf((byte)'\n') + 1;
    }

    private sealed class RecordFraming : Framing
    {
        public override bool MayLackItsEnd => false;

        public override int PieceBytesMax => WtmpRecord.SizeBytes;

        public override int LengthOfFirst(ReadOnlySpan<byte> rest) => rest.Length < WtmpRecord.SizeBytes ? 0 : WtmpRecord.SizeBytes;
    }
}
