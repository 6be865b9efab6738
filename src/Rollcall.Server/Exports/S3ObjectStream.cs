using Amazon.S3;
using Amazon.S3.Model;

namespace Rollcall.Server.Exports;

/// <summary>Reads an object from any place in it: asks the store for the rest when the first byte there is read.</summary>
internal sealed class S3ObjectStream(AmazonS3Client client, string bucket, string key, long sizeBytes) : Stream
{
    private GetObjectResponse? open;
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => sizeBytes;

    public override long Position
    {
        get => position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (position >= sizeBytes || buffer.IsEmpty)
            return 0;

        open ??= await client.GetObjectAsync(
            new GetObjectRequest { BucketName = bucket, Key = key, ByteRange = new ByteRange(position, sizeBytes - 1) }, cancellationToken);
        var read = await open.ResponseStream.ReadAsync(buffer, cancellationToken);
        if (read == 0)
            throw new IOException("the store of exported files broke an answer off");

        position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("an object comes over the network: read asynchronously");

    public override long Seek(long offset, SeekOrigin origin)
    {
        var wanted = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => position + offset,
            _ => sizeBytes + offset,
        };
        ArgumentOutOfRangeException.ThrowIfNegative(wanted, nameof(offset));
        if (wanted != position)
            Close(ref open);
        return position = wanted;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            Close(ref open);
        base.Dispose(disposing);
    }

    private static void Close(ref GetObjectResponse? answer)
    {
        answer?.Dispose();
        answer = null;
    }
}
