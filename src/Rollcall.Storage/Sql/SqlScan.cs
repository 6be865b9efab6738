namespace Rollcall.Storage.Sql;

/// <summary>Goes through millions of rows without keeping one.</summary>
internal static class SqlScan
{
    /// <summary>Rows between two looks at whether the caller is still there.</summary>
    private const int LookEvery = 1 << 16;

    /// <param name="onRow">Called on each row; what it was given as bytes is good until it returns.</param>
    /// <exception cref="OperationCanceledException">The caller is gone.</exception>
    public static void Scan(
        this StoreConnection connection, Action<StoreRows> onRow, string sql, CancellationToken cancel, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = connection.OpenStream(sql, parameters);
        for (var read = 1; rows.Read(); read++)
        {
            onRow(rows);
            if (read % LookEvery == 0)
                cancel.ThrowIfCancellationRequested();
        }
    }
}
