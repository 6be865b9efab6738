using System.Security.Cryptography;
using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Exports;

/// <summary>Passes what is written on to another stream, and knows its SHA-256 and size: a finished file need not be read again.</summary>
internal sealed class HashingStream(Stream inner) : Stream
{
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public long SizeBytes { get; private set; }

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Lower-case hexadecimal, of everything written so far.</summary>
    private string Sha256() => Convert.ToHexStringLower(hash.GetCurrentHash());

    /// <summary>What has been written, once the table is complete.</summary>
    public ExportOutcome OutcomeOf(ITableWriter table) =>
        new(table.RowCount, table.SheetCount, table.CellsCut, SizeBytes, Sha256(), ProgramVersion.Text);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Count(buffer);
        inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Count(buffer.Span);
        if (inner is not FileStream { IsAsync: false } file)
            return inner.WriteAsync(buffer, cancellationToken);

        // The kernel takes the bytes at once; a thread of the pool to do it for this one costs more than it does.
        cancellationToken.ThrowIfCancellationRequested();
        file.Write(buffer.Span);
        return default;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>The inner stream stays its owner's, open.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            hash.Dispose();
        base.Dispose(disposing);
    }

    private void Count(ReadOnlySpan<byte> written)
    {
        hash.AppendData(written);
        SizeBytes += written.Length;
    }
}
