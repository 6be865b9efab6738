using System.Buffers;
using Amazon.S3;
using Amazon.S3.Model;

namespace Rollcall.Server.Exports;

/// <summary>Sends what is written as the parts of one object, which shows only after <see cref="CompleteAsync"/>. Disposing before that calls it off.</summary>
internal sealed class S3Upload : Stream
{
    /// <summary>Our choice: above the 5 MiB that every part but the last must have, and 78 GiB in the parts that an object may have.</summary>
    /// <remarks>Source: Amazon S3 User Guide, "Multipart upload limits".</remarks>
    private const int PartBytes = 8 * 1024 * 1024, PartsMax = 10_000;

    private readonly AmazonS3Client client;
    private readonly string bucket, key, uploadId;
    private readonly List<PartETag> parts = [];
    private readonly byte[] buffer = ArrayPool<byte>.Shared.Rent(PartBytes);
    private int waiting;
    private bool isComplete, isDisposed;

    private S3Upload(AmazonS3Client client, string bucket, string key, string uploadId) =>
        (this.client, this.bucket, this.key, this.uploadId) = (client, bucket, key, uploadId);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static async Task<S3Upload> BeginAsync(AmazonS3Client client, string bucket, string key, string type, CancellationToken cancel)
    {
        var begun = await client.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest { BucketName = bucket, Key = key, ContentType = type }, cancel);
        return new S3Upload(client, bucket, key, begun.UploadId);
    }

    /// <summary>Sends the last part and makes the object whole.</summary>
    public async Task CompleteAsync(CancellationToken cancel)
    {
        // An object needs a part, even an empty one.
        if (waiting > 0 || parts.Count == 0)
            await SendPartAsync(cancel);
        await client.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = uploadId, PartETags = parts }, cancel);
        isComplete = true;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        while (!bytes.IsEmpty)
        {
            var taken = Math.Min(bytes.Length, PartBytes - waiting);
            bytes[..taken].CopyTo(buffer.AsMemory(waiting));
            waiting += taken;
            bytes = bytes[taken..];
            if (waiting == PartBytes)
                await SendPartAsync(cancellationToken);
        }
    }

    public override Task WriteAsync(byte[] bytes, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(bytes.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] bytes, int offset, int count) => throw new NotSupportedException("an upload waits for the network: write asynchronously");

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] bytes, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        if (isDisposed)
            return;

        isDisposed = true;
        ArrayPool<byte>.Shared.Return(buffer);
        if (!isComplete)
            await CallOffAsync();
        await base.DisposeAsync();
    }

    private async Task SendPartAsync(CancellationToken cancel)
    {
        if (parts.Count == PartsMax)
            throw new IOException($"the file is larger than an object of {PartsMax} parts of {PartBytes} bytes");

        using var part = new MemoryStream(buffer, 0, waiting, writable: false);
        var sent = await client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = bucket, Key = key, UploadId = uploadId, PartNumber = parts.Count + 1, PartSize = waiting, InputStream = part, UseChunkEncoding = false,
            },
            cancel);
        parts.Add(new PartETag(parts.Count + 1, sent.ETag));
        waiting = 0;
    }

    private async Task CallOffAsync()
    {
        try
        {
            await client.AbortMultipartUploadAsync(bucket, key, uploadId, CancellationToken.None);
        }
        catch (Exception e) when (e is AmazonS3Exception or Amazon.Runtime.AmazonClientException or HttpRequestException)
        {
            // The store is away, which is why this is called off; the sweep takes it up when it is back.
        }
    }
}
