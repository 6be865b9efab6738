using System.Buffers.Binary;
using System.IO.Compression;

namespace Rollcall.Cli.Imports;

/// <summary>What a gzip file holds, unpacked; a file that breaks off is an error at its end.</summary>
/// <remarks>
/// <see cref="GZipStream"/> takes the end of a file for the end of its content, wherever that comes (seen on .NET 10.0): half a file
/// would be imported as a whole one. RFC 1952, 2.3.1: a member ends with the CRC-32 and the length (modulo 2^32) of its content.
/// </remarks>
internal sealed class GzipContent : Stream
{
    private const int TrailerBytes = 8;

    /// <summary>CRC-32 of each byte: RFC 1952, section 8.</summary>
    private static readonly uint[] Table =
    [
        .. Enumerable.Range(0, 256).Select(i => Enumerable.Range(0, 8).Aggregate((uint)i, (c, _) => (c & 1) == 0 ? c >> 1 : (c >> 1) ^ 0xEDB88320)),
    ];

    private readonly Func<Stream> open;
    private readonly GZipStream content;
    private long total;
    private bool isChecked;

    /// <param name="open">Opens the packed bytes, as often as asked; the streams can seek.</param>
    public GzipContent(Func<Stream> open) => (this.open, content) = (open, new GZipStream(open(), CompressionMode.Decompress));

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => total;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var count = content.Read(buffer);
        total += count;
        if (count == 0 && buffer.Length > 0 && !isChecked)
        {
            if (!EndsWithItsTrailer())
                throw new InvalidDataException("The compressed file breaks off.");

            isChecked = true;
        }

        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            content.Dispose();

        base.Dispose(disposing);
    }

    private bool EndsWithItsTrailer()
    {
        using var raw = open();
        if (raw.Length < TrailerBytes)
            return false;

        raw.Seek(-TrailerBytes, SeekOrigin.End);
        var trailer = new byte[TrailerBytes];
        raw.ReadExactly(trailer);
        var (crc, length) = (BinaryPrimitives.ReadUInt32LittleEndian(trailer), BinaryPrimitives.ReadUInt32LittleEndian(trailer.AsSpan(4)));

        // Several files packed one after the other are one gzip file: then the trailer is of the last one alone.
        return length == (uint)total || (length < total && CrcOfLast(length) == crc);
    }

    private uint CrcOfLast(uint length)
    {
        using var again = new GZipStream(open(), CompressionMode.Decompress);
        var (buffer, toSkip, crc) = (new byte[64 * 1024], total - length, uint.MaxValue);
        for (int count; (count = again.Read(buffer)) > 0;)
        {
            var skipped = (int)Math.Min(toSkip, count);
            toSkip -= skipped;
            foreach (var one in buffer.AsSpan(skipped, count - skipped))
                crc = Table[(byte)(crc ^ one)] ^ (crc >> 8);
        }

        return ~crc;
    }
}
