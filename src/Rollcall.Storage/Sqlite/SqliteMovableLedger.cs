using System.Globalization;
using System.Text;
using Rollcall.Core;
using Rollcall.Storage.Moves;

namespace Rollcall.Storage.Sqlite;

/// <summary>A ledger's file, read row by row for another store.</summary>
/// <param name="connection">Inside a transaction that sees one instant.</param>
internal sealed class SqliteMovableLedger(SqliteConnection connection) : MovableLedger
{
    /// <summary>The number by which this store's rows name a tenant.</summary>
    private const string TenantNumber = "no";

    internal override IReadOnlyList<(TenantId Id, string Name)> Tenants { get; } =
        connection.Rows(row => (TenantId.Parse(row.GetString(0)), row.GetString(1)), "SELECT id, name FROM tenants ORDER BY id");

    internal override TenantId First => TenantId.Parse(connection.FirstRow(row => row.GetString(0), "SELECT id FROM tenants ORDER BY no LIMIT 1")!);

    public override void Dispose() => connection.Dispose();

    internal override IReadOnlyList<string> ColumnsOf(string table) =>
        [.. connection.Rows(row => row.GetString(0), "SELECT name FROM pragma_table_info($table)", ("$table", table)).Where(name => (table, name) is not ("tenants", TenantNumber))];

    internal override long Count(string table) => connection.Number($"SELECT COUNT(*) FROM {Quoted(table)}") ?? 0;

    internal override IEnumerable<object?[]> Rows(MovedTable table, TenantId? tenant, MoveKey? after, MoveKey? upTo)
    {
        var parameters = new List<(string, object?)>();
        var conditions = new List<string>();
        if (table.IsOfTenants)
        {
            conditions.Add($"{MovedTable.TenantColumn} = $tenant");
            parameters.Add(("$tenant", tenant!.Value));
        }

        if (after is not null)
            conditions.Add(Bound(table, after, ">", "$after", parameters));
        if (upTo is { Parts.Count: > 0 })
            conditions.Add(Bound(table, upTo, "<=", "$upTo", parameters));
        var sql = $"SELECT {string.Join(", ", table.Columns.Select(column => Quoted(column.Name)))} FROM {Quoted(table.Name)}" +
            (conditions.Count > 0 ? $" WHERE {string.Join(" AND ", conditions)}" : string.Empty) +
            (table.Key.Count > 0 ? $" ORDER BY {KeyOf(table)}" : string.Empty);
        return Read(table, sql, [.. parameters]);
    }

    private IEnumerable<object?[]> Read(MovedTable table, string sql, (string, object?)[] parameters)
    {
        using var rows = connection.Open(sql, parameters);
        var values = new object?[table.Columns.Count];
        while (rows.Read())
        {
            for (var column = 0; column < values.Length; column++)
                values[column] = ValueOf(rows, column, table.Columns[column].Kind);
            yield return values;
        }
    }

    private static object? ValueOf(StoreRows rows, int column, MovedKind kind) =>
        rows.IsDBNull(column) ? null : kind is MovedKind.Number ? rows.GetInt64(column) : rows.GetBytes(column);

    /// <summary>Where a tenant has one row at most there is none after it.</summary>
    private static string Bound(MovedTable table, MoveKey key, string relation, string name, List<(string, object?)> parameters)
    {
        if (key.Parts.Count == 0)
            return "FALSE";

        var names = key.Parts.Select((_, index) => string.Create(CultureInfo.InvariantCulture, $"{name}{index}")).ToList();
        parameters.AddRange(names.Select((each, index) => (each, ParameterOf(table, key, index))));
        return $"({KeyOf(table)}) {relation} ({string.Join(", ", names)})";
    }

    private static object? ParameterOf(MovedTable table, MoveKey key, int index) =>
        table.Columns[table.Key[index]].Kind is MovedKind.Text ? Encoding.UTF8.GetString((byte[])key.Parts[index]) : key.Parts[index];

    private static string KeyOf(MovedTable table) => string.Join(", ", table.Key.Select(column => Quoted(table.Columns[column].Name)));

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
