using System.Buffers.Text;
using System.Text;
using Rollcall.Core;

namespace Rollcall.Storage;

/// <summary>Where a page ordered by a name or an id ended, as opaque text.</summary>
internal static class NameCursor
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Parse(string text)
    {
        try
        {
            return Base64Url.IsValid(text) ? Strict.GetString(Base64Url.DecodeFromChars(text)) : throw Malformed();
        }
        catch (DecoderFallbackException)
        {
            throw Malformed();
        }
    }

    public static string Of(string name) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(name));

    /// <summary>Cuts the row that only showed that there are more.</summary>
    public static Page<T> Cut<T>(List<T> rows, int take, Func<T, string> key, long? total)
    {
        if (rows.Count <= take)
            return new Page<T>(rows, total);

        rows.RemoveAt(take);
        return new Page<T>(rows, total, Of(key(rows[^1])));
    }

    private static FaultException Malformed() => FaultException.Malformed("cursor", "the next_cursor of the page before");
}
