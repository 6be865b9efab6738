using System.Text;
using Microsoft.Data.Sqlite;
using Rollcall.Core;

namespace Rollcall.Storage.Sqlite;

/// <summary>
/// <c>folded(text)</c> in SQL, for the columns that have no folded twin: <see cref="NameKey.Of"/> as UTF-8 bytes. Bytes, because
/// the driver hands a text over only up to its first NUL, and half a name would match a whole one.
/// </summary>
internal static class SqliteFolding
{
    public static void Register(SqliteConnection connection) => connection.CreateFunction(
        "folded", (byte[]? text) => text is null ? null : Of(Encoding.UTF8.GetString(text)), isDeterministic: true);

    /// <summary>What the function gives for the same text, to compare it with.</summary>
    public static byte[]? Of(string? text) => text is null ? null : Encoding.UTF8.GetBytes(NameKey.Of(text));
}
