using Rollcall.Core.Tabular;

namespace Rollcall.Storage.Sqlite;

/// <summary>The texts of one row as cells: copied beside each other, because SQLite takes its own back when the statement moves.</summary>
internal sealed class RowTexts
{
    /// <summary>Most rows fit; a longer one makes room for its like.</summary>
    private const int BytesMin = 4096;

    private byte[] bytes = [];
    private int used;

    /// <summary>Good until <see cref="Clear"/>.</summary>
    public TableCell Add(ReadOnlySpan<byte> utf8)
    {
        // Cells that were given out keep the array they are in.
        if (bytes.Length - used < utf8.Length)
            (bytes, used) = (new byte[Math.Max(BytesMin, Math.Max(bytes.Length, utf8.Length) * 2)], 0);

        utf8.CopyTo(bytes.AsSpan(used));
        var cell = TableCell.OfUtf8(bytes, used, utf8.Length);
        used += utf8.Length;
        return cell;
    }

    /// <summary>Another row comes.</summary>
    public void Clear() => used = 0;

    /// <summary>No row comes for now.</summary>
    public void Release() => (bytes, used) = ([], 0);
}
