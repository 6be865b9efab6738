using System.Text;

namespace Rollcall.Cli.Imports;

/// <summary>One log to read: what to call it, and how to open it again and again.</summary>
/// <param name="Name">Shown in summaries; never part of an event, so that a moved log is still the same log.</param>
/// <param name="OpenRaw">Opens the bytes as stored. The caller disposes the stream.</param>
internal sealed record LogFile(string Name, Func<Stream> OpenRaw)
{
    public static LogFile At(string path) =>
        new(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

    public static LogFile Of(string name, byte[] bytes) => new(name, () => new MemoryStream(bytes, writable: false));

    /// <summary>Opens the content; what logrotate compressed comes out plain.</summary>
    public Stream Open()
    {
        var magic = Sniff(OpenRaw, 2);
        return magic is [0x1f, 0x8b] ? new GzipContent(OpenRaw) : OpenRaw();
    }

    /// <summary>Opens the content as UTF-8 without a byte order mark. Windows PowerShell writes UTF-16 when output is redirected.</summary>
    public Stream OpenText()
    {
        var mark = Sniff(Open, 3);
        var stream = Open();
        return mark switch
        {
            [0xff, 0xfe, ..] => Transcoded(stream, Encoding.Unicode),
            [0xfe, 0xff, ..] => Transcoded(stream, Encoding.BigEndianUnicode),
            [0xef, 0xbb, 0xbf] => Behind(stream, 3),

            // wevtutil /uni:true writes no mark; no text in UTF-8 has a NUL behind its first bracket.
            [(byte)'<' or (byte)'[' or (byte)'{', 0, ..] => Encoding.CreateTranscodingStream(stream, Encoding.Unicode, Encoding.UTF8),
            _ => stream,
        };
    }

    /// <summary>The first bytes of the text, to tell what it is; none when the file cannot be read, which whoever reads on meets and counts.</summary>
    public byte[] HeadOfText(int countMax)
    {
        try
        {
            using var stream = OpenText();
            var head = new byte[countMax];
            return head[..stream.ReadAtLeast(head, countMax, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return [];
        }
    }

    private static Stream Transcoded(Stream stream, Encoding from) =>
        Encoding.CreateTranscodingStream(Behind(stream, 2), from, Encoding.UTF8);

    private static Stream Behind(Stream stream, int count)
    {
        stream.ReadExactly(stackalloc byte[count]);
        return stream;
    }

    private static byte[] Sniff(Func<Stream> open, int count)
    {
        using var stream = open();
        var head = new byte[count];
        try
        {
            return head[..stream.ReadAtLeast(head, count, throwOnEndOfStream: false)];
        }
        catch (InvalidDataException)
        {
            // Not the compressed file it claims to be: whoever reads on meets the same error and counts it.
            return [];
        }
    }
}
