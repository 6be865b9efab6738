using Npgsql;
using Rollcall.Core.Backups;
using Rollcall.Storage.Moves;

namespace Rollcall.Storage.Postgres;

/// <summary>The tables of a move as the database has them: whatever column a migration adds is moved without a word here.</summary>
internal static class PostgresMoveCatalogue
{
    /// <summary>Every table with its columns in their order; the last column is the place in the primary key, null outside of it.</summary>
    private const string Columns =
        """
        SELECT c.relname, a.attname, format_type(a.atttypid, NULL), array_position(i.indkey::smallint[], a.attnum)
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
        ORDER BY c.relname, a.attnum
        """;

    /// <summary>In the order of <see cref="MovedTables.All"/>.</summary>
    /// <exception cref="LedgerException">The other store's table has other columns: the two are not of one version.</exception>
    public static IReadOnlyList<MovedTable> Read(NpgsqlConnection session, MovableLedger source)
    {
        var columns = ColumnsOf(session).ToLookup(column => column.Table, StringComparer.Ordinal);
        return [.. MovedTables.All.Select(name => Checked(TableOf(name, [.. columns[name]]), source))];
    }

    private static MovedTable TableOf(string name, List<Column> columns)
    {
        var isOfTenants = columns.Exists(column => column.Name == MovedTable.TenantColumn);
        var others = columns.FindAll(column => column.Name != MovedTable.TenantColumn);
        return new MovedTable(
            name,
            isOfTenants,
            [.. others.Select(column => new MovedColumn(column.Name, KindOf(column.Type)))],
            [.. others.Where(column => column.KeyPlace is not null).OrderBy(column => column.KeyPlace).Select(column => others.IndexOf(column))]);
    }

    private static MovedTable Checked(MovedTable table, MovableLedger source)
    {
        var here = table.Columns.Select(column => column.Name).Concat(table.IsOfTenants ? [MovedTable.TenantColumn] : []).Order(StringComparer.Ordinal);
        return source.ColumnsOf(table.Name).Order(StringComparer.Ordinal).SequenceEqual(here, StringComparer.Ordinal)
            ? table
            : throw new LedgerException($"The table {table.Name} has other columns in the ledger than in the database: both must be of this program's version");
    }

    private static MovedKind KindOf(string type) => type switch
    {
        "bigint" => MovedKind.Number,
        "text" => MovedKind.Text,
        "bytea" => MovedKind.Bytes,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no column of a ledger is of it"),
    };

    private static List<Column> ColumnsOf(NpgsqlConnection session)
    {
        using var command = new NpgsqlCommand(Columns, session);
        using var rows = command.ExecuteReader();
        var columns = new List<Column>();
        while (rows.Read())
            columns.Add(new Column(rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.IsDBNull(3) ? null : rows.GetInt32(3)));
        return columns;
    }

    private sealed record Column(string Table, string Name, string Type, int? KeyPlace);
}
