using System.Diagnostics.CodeAnalysis;
using System.Text;
using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary>What <c>folded(text)</c> gives in SQL, for the columns that have no folded twin: <see cref="NameKey.Of"/>, to be compared with it.</summary>
/// <param name="Key">The folded text.</param>
internal sealed record FoldedText(string Key)
{
    public const string Function = "folded";

    /// <summary>For SQLite, where a text ends at its first NUL in places, and half a name would match a whole one.</summary>
    public byte[] Bytes => Encoding.UTF8.GetBytes(Key);

    /// <summary>Null of null.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public static FoldedText? Of(string? text) => text is null ? null : new FoldedText(NameKey.Of(text));
}
