using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Rollcall.Storage.Moves;

/// <summary>SHA-256 over rows in the order of their key. Every value is written with its sort and length, so that no two lists of rows look alike.</summary>
internal sealed class RowDigest : IDisposable
{
    private const byte Null = 0, Number = 1, Bytes = 2;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> row = new();

    /// <summary>Rows added.</summary>
    public long Rows { get; private set; }

    /// <summary>Of the row added last, as it is written.</summary>
    public int LastBytes => row.WrittenCount;

    /// <param name="values">Null, a <see cref="long"/>, or the bytes of a text or blob.</param>
    public void Add(object?[] values)
    {
        row.ResetWrittenCount();
        foreach (var value in values)
            Write(value);
        hash.AppendData(row.WrittenSpan);
        Rows++;
    }

    public byte[] Finish() => hash.GetHashAndReset();

    public void Dispose() => hash.Dispose();

    private void Write(object? value)
    {
        var head = row.GetSpan(1 + sizeof(long));
        switch (value)
        {
            case null:
                head[0] = Null;
                row.Advance(1);
                return;
            case long number:
                head[0] = Number;
                BinaryPrimitives.WriteInt64BigEndian(head[1..], number);
                row.Advance(1 + sizeof(long));
                return;
            case byte[] bytes:
                head[0] = Bytes;
                BinaryPrimitives.WriteInt64BigEndian(head[1..], bytes.Length);
                row.Advance(1 + sizeof(long));
                row.Write(bytes);
                return;
            default:
                throw new ArgumentOutOfRangeException(nameof(value), value.GetType(), "no column has values of it");
        }
    }
}
