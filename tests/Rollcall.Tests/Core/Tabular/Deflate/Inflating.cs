using System.IO.Compression;
using System.Security.Cryptography;
using Rollcall.Core.Tabular;
using Rollcall.Core.Tabular.Deflate;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Core.Tabular.Deflate;

/// <summary>Compresses, and inflates with two programs that are not ours.</summary>
internal static class Inflating
{
    private const string Python = "/usr/bin/python3";

    // Not only what comes out, but also that the stream ends where the file does.
    private const string Script = """
        import sys, os, zlib, hashlib
        for name in sorted(os.listdir(sys.argv[1])):
            z = zlib.decompressobj(-15)
            out = z.decompress(open(os.path.join(sys.argv[1], name), 'rb').read())
            print(name, hashlib.sha256(out).hexdigest() if z.eof and not z.unused_data else 'torn')
        """;

    public static byte[] Deflate(DeflateCase input, params int[] cuts)
    {
        using var deflate = new RowDeflate();
        using var packed = new Utf8Buffer(1 << 10);
        var from = 0;
        foreach (var cut in cuts.Append(input.Bytes.Length))
        {
            deflate.Add(input.Bytes.AsSpan(from, cut - from), [.. input.Marks.Select(mark => mark - from)], input.Columns, packed);
            from = cut;
        }

        deflate.End(packed);
        return packed.Waiting.ToArray();
    }

    public static byte[] ByBaseLibrary(byte[] packed)
    {
        using var stream = new DeflateStream(new MemoryStream(packed), CompressionMode.Decompress);
        var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Asserts that Debian's zlib makes of each packed stream what went into it.</summary>
    public static async Task AssertZlibAgreesAsync(IReadOnlyList<(DeflateCase Case, byte[] Packed)> streams)
    {
        RealPart.Require("python3", () => File.Exists(Python));
        using var folder = new TemporaryFolder();
        for (var i = 0; i < streams.Count; i++)
            await File.WriteAllBytesAsync(folder.File($"{i:D6}"), streams[i].Packed);

        var printed = await RealPart.TryRunAsync(Python, "-c", Script, folder.File("."));
        Assert.NotNull(printed);
        var wanted = streams.Select((stream, i) => $"{i:D6} {Convert.ToHexStringLower(SHA256.HashData(stream.Case.Bytes))}");
        Assert.Equal(wanted, printed.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
