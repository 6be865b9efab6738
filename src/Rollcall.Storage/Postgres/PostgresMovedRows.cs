using System.Text;
using System.Text.Unicode;
using Npgsql;
using NpgsqlTypes;
using Rollcall.Core;
using Rollcall.Storage.Moves;

namespace Rollcall.Storage.Postgres;

/// <summary>Rows of a move, written into and read out of the database by binary COPY.</summary>
internal static class PostgresMovedRows
{
    /// <summary>Writes rows until there are no more or a piece is full, and digests them as they were given.</summary>
    /// <param name="rows">Stands on the first row; afterwards on the first that is not written.</param>
    /// <returns>Whether it stands on a row, and the key of the last that was written.</returns>
    public static (bool HasMore, MoveKey UpTo) Write(
        NpgsqlConnection session, MovedTable table, TenantId? tenant, IEnumerator<object?[]> rows, RowDigest digest, PieceSize size, CancellationToken cancel)
    {
        using var import = session.BeginBinaryImport($"COPY {Quoted(table.Name)} ({ColumnsOf(table)}) FROM STDIN (FORMAT BINARY)");
        var bytes = 0L;
        bool hasMore;
        MoveKey upTo;
        do
        {
            cancel.ThrowIfCancellationRequested();
            WriteRow(import, table, tenant, rows.Current);
            digest.Add(rows.Current);
            upTo = table.KeyOf(rows.Current);
            bytes += digest.LastBytes;
            hasMore = rows.MoveNext();
        }
        while (hasMore && digest.Rows < size.RowsMax && bytes < size.BytesMax);

        import.Complete();
        return (hasMore, upTo);
    }

    /// <summary>All rows in the order of the key, as the source gives them but with texts as they are stored here. The array is used again for the next row.</summary>
    public static IEnumerable<object?[]> Read(NpgsqlConnection session, MovedTable table, TenantId? tenant)
    {
        // A tenant's id is 32 hexadecimal digits: COPY takes no parameters.
        var where = table.IsOfTenants ? $" WHERE {MovedTable.TenantColumn} = '{tenant!.Value}'" : string.Empty;
        var order = table.Key.Count > 0 ? $" ORDER BY {KeyOf(table)}" : string.Empty;
        var columns = string.Join(", ", table.Columns.Select(column => Quoted(column.Name)));
        using var export = session.BeginBinaryExport($"COPY (SELECT {columns} FROM {Quoted(table.Name)}{where}{order}) TO STDOUT (FORMAT BINARY)");
        var values = new object?[table.Columns.Count];
        while (export.StartRow() >= 0)
        {
            for (var column = 0; column < values.Length; column++)
                values[column] = ReadValue(export, table.Columns[column].Kind);
            yield return values;
        }
    }

    /// <summary>Takes a range of rows away.</summary>
    /// <param name="tenant">As it stands in the rows; empty for a table that is not of tenants.</param>
    public static void Delete(NpgsqlConnection session, MovedTable table, string tenant, MoveKey? after, MoveKey upTo)
    {
        var conditions = new List<string>();
        using var command = new NpgsqlCommand { Connection = session, CommandTimeout = 0 };
        if (table.IsOfTenants)
        {
            conditions.Add($"{MovedTable.TenantColumn} = $1");
            command.Parameters.Add(PostgresMoveState.ParameterOf(tenant));
        }

        AddBound(command, conditions, table, after, ">");
        AddBound(command, conditions, table, upTo, "<=");
        command.CommandText = $"DELETE FROM {Quoted(table.Name)} WHERE {string.Join(" AND ", conditions)}";
        command.ExecuteNonQuery();
    }

    /// <summary>A text's bytes as they are stored here (<see cref="PostgresText"/>).</summary>
    public static byte[] StoredText(byte[] utf8) => !utf8.AsSpan().ContainsAnyInRange((byte)0, (byte)3) && Utf8.IsValid(utf8)
        ? utf8
        : Encoding.UTF8.GetBytes(PostgresText.ToStored(Encoding.UTF8.GetString(utf8)));

    private static void WriteRow(NpgsqlBinaryImporter import, MovedTable table, TenantId? tenant, object?[] values)
    {
        import.StartRow();
        if (table.IsOfTenants)
            import.Write(tenant!.Value.Value, NpgsqlDbType.Text);
        for (var column = 0; column < values.Length; column++)
        {
            switch (values[column])
            {
                case null:
                    import.WriteNull();
                    break;
                case long number:
                    import.Write(number, NpgsqlDbType.Bigint);
                    break;
                case var bytes when table.Columns[column].Kind is MovedKind.Text:
                    import.Write(StoredText((byte[])bytes), NpgsqlDbType.Text);
                    break;
                case var bytes:
                    import.Write((byte[])bytes, NpgsqlDbType.Bytea);
                    break;
            }
        }
    }

    private static object? ReadValue(NpgsqlBinaryExporter export, MovedKind kind)
    {
        if (export.IsNull)
        {
            export.Skip();
            return null;
        }

        return kind is MovedKind.Number ? export.Read<long>(NpgsqlDbType.Bigint) : export.Read<byte[]>(kind is MovedKind.Text ? NpgsqlDbType.Text : NpgsqlDbType.Bytea);
    }

    private static void AddBound(NpgsqlCommand command, List<string> conditions, MovedTable table, MoveKey? bound, string relation)
    {
        if (bound is not { Parts.Count: > 0 })
            return;

        var places = new List<string>();
        for (var index = 0; index < bound.Parts.Count; index++)
        {
            var isText = table.Columns[table.Key[index]].Kind is MovedKind.Text;
            command.Parameters.Add(PostgresMoveState.ParameterOf(isText ? Encoding.UTF8.GetString(StoredText((byte[])bound.Parts[index])) : bound.Parts[index]));
            places.Add($"${command.Parameters.Count}");
        }

        conditions.Add($"({KeyOf(table)}) {relation} ({string.Join(", ", places)})");
    }

    private static string ColumnsOf(MovedTable table) =>
        string.Join(", ", (table.IsOfTenants ? [MovedTable.TenantColumn] : Array.Empty<string>()).Concat(table.Columns.Select(column => column.Name)).Select(Quoted));

    private static string KeyOf(MovedTable table) => string.Join(", ", table.Key.Select(column => Quoted(table.Columns[column].Name)));

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

/// <summary>How much is written in one transaction.</summary>
internal readonly record struct PieceSize(long RowsMax, long BytesMax)
{
    /// <summary>Our choice: a second or so of work, which is all that a killed run does again.</summary>
    public static PieceSize Usual { get; } = new(RowsMax: 20_000, BytesMax: 16 * 1024 * 1024);
}
