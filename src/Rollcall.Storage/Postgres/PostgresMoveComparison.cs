using System.Globalization;
using Npgsql;
using Rollcall.Core;
using Rollcall.Core.Backups;
using Rollcall.Storage.Moves;

namespace Rollcall.Storage.Postgres;

/// <summary>Reads every row of both sides again, counts and digests each side by itself, and finds the first row that differs.</summary>
internal sealed class PostgresMoveComparison(NpgsqlConnection session, MovableLedger source, IReadOnlyList<MovedTable> tables, Action<LedgerProgress> tell, CancellationToken cancel)
{
    /// <summary>Rows between two words about how far it is.</summary>
    private const int RowsPerWord = 10_000;

    private readonly List<MovedRows> moved = [];
    private long done;
    private long all;

    /// <summary>Rows of each table in the ledger.</summary>
    public IReadOnlyList<MovedRows> Moved => moved;

    /// <summary>What differs, a sentence for each tenant and table.</summary>
    public IEnumerable<string> Run()
    {
        all = tables.Sum(table => source.Count(table.Name));
        foreach (var table in tables)
        {
            var (here, there) = (0L, 0L);
            foreach (var (tenant, name) in table.IsOfTenants ? source.Tenants.Select(tenant => ((TenantId?)tenant.Id, $"tenant {tenant.Name} ({tenant.Id}): ")) : [(null, string.Empty)])
            {
                var found = Compare(table, tenant);
                if (found.Fault is { } fault)
                    yield return $"{name}{table.Name}: {fault}";
                (here, there) = (here + found.Here, there + found.There);
            }

            if (CountThere(table) is var rows && rows != there)
                yield return $"{table.Name}: {rows - there} rows in the database belong to no tenant of the ledger";
            if (source.Count(table.Name) is var own && own != here)
                yield return $"{table.Name}: {own - here} rows of the ledger belong to no tenant of it";
            moved.Add(new MovedRows(table.Name, here));
        }
    }

    private (string? Fault, long Here, long There) Compare(MovedTable table, TenantId? tenant)
    {
        using var digestHere = new RowDigest();
        using var digestThere = new RowDigest();
        using var rowsHere = source.Rows(table, tenant, after: null, upTo: null).GetEnumerator();
        using var rowsThere = PostgresMovedRows.Read(session, table, tenant).GetEnumerator();
        MoveKey? first = null;
        while (true)
        {
            var here = rowsHere.MoveNext() ? Stored(table, rowsHere.Current) : null;
            var there = rowsThere.MoveNext() ? rowsThere.Current : null;
            if (here is null && there is null)
                break;

            cancel.ThrowIfCancellationRequested();
            if (here is not null)
                digestHere.Add(here);
            if (there is not null)
                digestThere.Add(there);
            if (first is null && !IsSame(here, there))
                first = FirstOf(table, here, there);
            if (++done % RowsPerWord == 0)
                tell(new LedgerProgress($"rows read again on both sides, now of {table.Name}", done, all));
        }

        var isSame = digestHere.Rows == digestThere.Rows && digestHere.Finish().AsSpan().SequenceEqual(digestThere.Finish());
        return (isSame ? null : FaultOf(table, digestHere.Rows, digestThere.Rows, first!), digestHere.Rows, digestThere.Rows);
    }

    private static string FaultOf(MovedTable table, long here, long there, MoveKey first)
    {
        var where = first.Parts.Count > 0 ? $", first at {first.Describe(table)}" : string.Empty;
        return here == there
            ? string.Create(CultureInfo.InvariantCulture, $"{here} rows on both sides, but they differ{where}")
            : string.Create(CultureInfo.InvariantCulture, $"{here} rows in the ledger, {there} in the database; they differ{where}");
    }

    private static MoveKey FirstOf(MovedTable table, object?[]? here, object?[]? there)
    {
        if (here is null || there is null)
            return table.KeyOf((here ?? there)!);

        var (own, other) = (table.KeyOf(here), table.KeyOf(there));
        return MoveKey.Compare(own, other) <= 0 ? own : other;
    }

    private static bool IsSame(object?[]? here, object?[]? there) => here is not null && there is not null && here.Zip(there).All(pair => pair switch
    {
        (null, null) => true,
        (long one, long other) => one == other,
        (byte[] one, byte[] other) => one.AsSpan().SequenceEqual(other),
        _ => false,
    });

    private static object?[] Stored(MovedTable table, object?[] row)
    {
        for (var column = 0; column < row.Length; column++)
        {
            if (table.Columns[column].Kind is MovedKind.Text && row[column] is byte[] text)
                row[column] = PostgresMovedRows.StoredText(text);
        }

        return row;
    }

    private long CountThere(MovedTable table)
    {
        using var command = new NpgsqlCommand($"SELECT COUNT(*) FROM {table.Name}", session) { CommandTimeout = 0 };
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }
}
