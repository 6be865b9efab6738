using System.Globalization;
using System.Text;

namespace Rollcall.Storage.Moves;

/// <summary>A place in the order of a table's key.</summary>
/// <param name="Parts">A <see cref="long"/>, or a text's or blob's bytes, for each column of the key.</param>
internal sealed record MoveKey(IReadOnlyList<object> Parts)
{
    private const char Between = ',';

    /// <summary>For the table of progress: numbers in decimals, bytes in hexadecimal.</summary>
    public override string ToString() => string.Join(Between, Parts.Select(part => part is long number
        ? number.ToString(CultureInfo.InvariantCulture)
        : Convert.ToHexStringLower((byte[])part)));

    /// <param name="text">As <see cref="ToString"/> wrote it.</param>
    /// <param name="table">Whose key it is.</param>
    public static MoveKey Parse(string text, MovedTable table) => new(table.Key.Count == 0
        ? []
        : [.. text.Split(Between).Select((part, index) => table.Columns[table.Key[index]].Kind is MovedKind.Number
            ? (object)long.Parse(part, CultureInfo.InvariantCulture)
            : Convert.FromHexString(part))]);

    /// <summary>For a person: texts as texts, blobs in hexadecimal.</summary>
    public string Describe(MovedTable table) => string.Join(", ", Parts.Select((part, index) => string.Create(CultureInfo.InvariantCulture,
        $"{table.Columns[table.Key[index]].Name} {(table.Columns[table.Key[index]].Kind is MovedKind.Text ? Encoding.UTF8.GetString((byte[])part) : part is byte[] bytes ? Convert.ToHexStringLower(bytes) : part)}")));

    /// <summary>The order of both stores: numbers by value, texts and blobs byte by byte.</summary>
    public static int Compare(MoveKey one, MoveKey other)
    {
        for (var index = 0; index < one.Parts.Count; index++)
        {
            var order = one.Parts[index] is long number
                ? number.CompareTo((long)other.Parts[index])
                : ((byte[])one.Parts[index]).AsSpan().SequenceCompareTo((byte[])other.Parts[index]);
            if (order != 0)
                return order;
        }

        return 0;
    }
}
