using System.Runtime.CompilerServices;

namespace Rollcall.Core.Tabular;

/// <summary>Holds the callers of a table writer to its rules, and counts.</summary>
internal sealed class TableProgress
{
    private readonly TableColumn[] _columns;
    private readonly TableKind[] _kinds;
    private Stage _stage;

    public TableProgress(IReadOnlyList<TableColumn> columns, int columnsMax)
    {
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count, nameof(columns));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(columns.Count, columnsMax, nameof(columns));
        _columns = [.. columns];
        _kinds = [.. columns.Select(column => column.Kind)];
    }

    private enum Stage
    {
        Ready,
        Busy,
        Complete,
        Disposed,
    }

    public ReadOnlySpan<TableColumn> Columns => _columns;

    public long RowCount { get; set; }

    public long CellsCut { get; set; }

    /// <summary>Refuses a row that does not fit the columns, before any of it is written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Check(ReadOnlySpan<TableCell> row)
    {
        if (row.Length != _columns.Length)
            throw new ArgumentException($"the row has {row.Length} cells, the table {_columns.Length} columns", nameof(row));

        var kinds = _kinds.AsSpan(0, row.Length);
        for (var i = 0; i < kinds.Length; i++)
        {
            if (row[i].Kind != kinds[i] && row[i].Kind != TableKind.Empty)
                throw new ArgumentException($"column '{_columns[i].Header}' takes {_columns[i].Kind}, not {row[i].Kind}", nameof(row));
        }
    }

    /// <summary>Begins a step that writes. One that never reaches <see cref="Leave"/> has torn the file, and all later ones are refused.</summary>
    public void Enter()
    {
        ObjectDisposedException.ThrowIf(_stage == Stage.Disposed, typeof(ITableWriter));
        if (_stage != Stage.Ready)
            throw new InvalidOperationException(_stage == Stage.Complete ? "the table is complete" : "an earlier call has not finished, or failed");

        _stage = Stage.Busy;
    }

    public void Leave() => _stage = Stage.Ready;

    public void Finish() => _stage = Stage.Complete;

    /// <summary>Returns true the first time.</summary>
    public bool Dispose()
    {
        var first = _stage != Stage.Disposed;
        _stage = Stage.Disposed;
        return first;
    }
}
