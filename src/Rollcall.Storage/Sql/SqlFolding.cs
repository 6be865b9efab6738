using System.Text;
using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary>
/// <c>folded(text)</c> in SQL, for the columns that have no folded twin: <see cref="NameKey.Of"/> as UTF-8 bytes. Bytes, because a text ends
/// at its first NUL in places, and half a name would match a whole one.
/// </summary>
internal static class SqlFolding
{
    public const string Function = "folded";

    /// <summary>What the function gives for the same text, to compare it with; null of null.</summary>
    public static byte[]? Of(string? text) => text is null ? null : Encoding.UTF8.GetBytes(NameKey.Of(text));
}
