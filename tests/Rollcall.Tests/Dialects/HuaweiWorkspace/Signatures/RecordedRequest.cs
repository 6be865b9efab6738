using System.Globalization;
using System.Text;
using Rollcall.Server.Dialects.HuaweiWorkspace.Signatures;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Signatures;

/// <summary>A request as one of the vendor's SDKs sent it, byte for byte (tests/data/huawei-sdk-requests).</summary>
internal sealed record RecordedRequest(string Name, byte[] Bytes)
{
    public const string AccessKey = "AKEXAMPLE0001";
    public const string SecretKey = "SKEXAMPLE-secret";
    public const string Project = "29dfe82ada564ac2b927e1ff036d9a9b";

    /// <summary>All were recorded within three minutes of this instant.</summary>
    public static readonly DateTimeOffset RecordedAt = new(2026, 11, 21, 23, 23, 0, TimeSpan.Zero);

    private static readonly string Folder = Checkout.PathOf("tests", "data", "huawei-sdk-requests");

    public static TheoryData<string> Names
    {
        get
        {
            var names = Directory.GetFiles(Folder, "*.txt", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(Folder, path)).Order(StringComparer.Ordinal).ToArray();
            Assert.Equal(25, names.Length);
            return [.. names];
        }
    }

    /// <summary>The request alone: the recorder put a line end behind it.</summary>
    public static RecordedRequest Read(string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Folder, name));
        var recorded = new RecordedRequest(name, bytes);
        return recorded with { Bytes = bytes[..(recorded.HeadLength + int.Parse(recorded.Header("content-length") is { Length: > 0 } length ? length : "0", CultureInfo.InvariantCulture))] };
    }

    public SignedRequest Request
    {
        get
        {
            var line = Lines[0].Split(' ');
            return new SignedRequest(line[0], line[1], Header, Bytes.AsMemory(HeadLength));
        }
    }

    /// <summary>Null when the headers are no longer in the vendor's form.</summary>
    public SignatureHeader? Signature => SignatureHeader.TryRead(Header("authorization"), Header("x-sdk-date"));

    /// <summary>Positions of every byte that the signature covers: method, target, values of signed headers, body.</summary>
    public IEnumerable<int> SignedPositions
    {
        get
        {
            var line = Encoding.UTF8.GetByteCount(Lines[0]) - " HTTP/1.1".Length;
            foreach (var position in Enumerable.Range(0, line).Where(position => Bytes[position] != ' '))
                yield return position;

            foreach (var name in Signature!.SignedHeaders)
            {
                var start = Encoding.UTF8.GetString(Bytes, 0, HeadLength).IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase) + name.Length + 4;
                for (var position = start; Bytes[position] != '\r'; position++)
                    yield return position;
            }

            for (var position = HeadLength; position < Bytes.Length; position++)
                yield return position;
        }
    }

    public RecordedRequest Changed(int position, byte by)
    {
        var changed = Bytes.ToArray();
        changed[position] = by;
        return this with { Bytes = changed };
    }

    private int HeadLength => Bytes.AsSpan().IndexOf("\r\n\r\n"u8) + 4;

    private string[] Lines => Encoding.UTF8.GetString(Bytes, 0, HeadLength).Split("\r\n");

    private string Header(string name) => Lines.Skip(1)
        .Select(line => line.Split(": ", 2))
        .FirstOrDefault(pair => pair[0].Equals(name, StringComparison.OrdinalIgnoreCase)) is [_, var value] ? value : string.Empty;
}
