using Rollcall.Core.Tabular;

namespace Rollcall.Core;

/// <summary>The row on which a scan of a store stands: columns by position from 0, good until the scan goes on.</summary>
public interface IStoredRow
{
    bool IsDBNull(int column);

    /// <summary>A whole number, of a column that is not null here.</summary>
    long GetInt64(int column);

    /// <summary>A whole number; null when the column is.</summary>
    long? Long(int column);

    /// <summary>A text, as a cell without an object of its own where the store has it as UTF-8; an empty cell when the column is null or empty.</summary>
    TableCell Cell(int column);
}
