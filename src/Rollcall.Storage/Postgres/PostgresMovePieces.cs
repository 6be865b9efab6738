using Npgsql;
using Rollcall.Core;
using Rollcall.Core.Backups;
using Rollcall.Storage.Moves;

namespace Rollcall.Storage.Postgres;

/// <summary>
/// Brings the rows of a ledger into the database in pieces: a range of one tenant's keys in one table, with what says that it is there, in one transaction.
/// A piece whose digest is no longer that of the ledger's rows in its range is taken away and written anew; all others stay.
/// </summary>
internal sealed class PostgresMovePieces(
    NpgsqlConnection session, MovableLedger source, IReadOnlyList<MovedTable> tables, PieceSize size, Action<LedgerProgress> tell, CancellationToken cancel)
{
    private readonly Dictionary<string, MovedTable> known = tables.ToDictionary(table => table.Name, StringComparer.Ordinal);
    private long done;
    private long all;

    public void Copy()
    {
        all = tables.Sum(table => source.Count(table.Name));
        // First all that is not so any more, then what is missing: a name or an id may have gone from one piece to another, and stands in one of them only.
        var good = Sound(ReadPieces()).ToLookup(piece => (piece.Table, piece.Tenant));
        done = good.Sum(pieces => pieces.Sum(piece => piece.Rows));
        foreach (var table in tables)
        {
            foreach (var tenant in table.IsOfTenants ? source.Tenants.Select(tenant => (TenantId?)tenant.Id) : [null])
                CopyMissing(table, tenant, [.. good[(table.Name, TextOf(tenant))].Order(Comparer<Piece>.Create((one, other) => MoveKey.Compare(one.UpTo, other.UpTo)))]);
        }
    }

    private static string TextOf(TenantId? tenant) => tenant?.Value ?? string.Empty;

    private List<Piece> Sound(List<Piece> pieces)
    {
        var sound = new List<Piece>();
        for (var index = 0; index < pieces.Count; index++)
        {
            tell(new LedgerProgress("pieces that are there compared with the ledger", index, pieces.Count));
            if (IsSound(pieces[index]))
                sound.Add(pieces[index]);
            else
                TakeAway(pieces[index]);
        }

        return sound;
    }

    private bool IsSound(Piece piece)
    {
        var table = known[piece.Table];
        using var digest = new RowDigest();
        foreach (var row in source.Rows(table, table.IsOfTenants ? TenantId.Parse(piece.Tenant) : null, piece.After, piece.UpTo))
        {
            cancel.ThrowIfCancellationRequested();
            digest.Add(row);
        }

        return digest.Rows == piece.Rows && digest.Finish().AsSpan().SequenceEqual(piece.Digest);
    }

    private void TakeAway(Piece piece)
    {
        using var transaction = session.BeginTransaction();
        PostgresMovedRows.Delete(session, known[piece.Table], piece.Tenant, piece.After, piece.UpTo);
        PostgresMoveState.Run(session, $"DELETE FROM {PostgresMoveState.Pieces} WHERE no = $1", piece.No);
        transaction.Commit();
    }

    /// <param name="pieces">Those that are there, in order.</param>
    private void CopyMissing(MovedTable table, TenantId? tenant, List<Piece> pieces)
    {
        MoveKey? at = null;
        foreach (var piece in pieces)
        {
            if (piece.After is not null && (at is null || MoveKey.Compare(at, piece.After) < 0))
                CopyRange(table, tenant, at, piece.After);
            at = piece.UpTo;
        }

        CopyRange(table, tenant, at, upTo: null);
    }

    private void CopyRange(MovedTable table, TenantId? tenant, MoveKey? after, MoveKey? upTo)
    {
        using var rows = source.Rows(table, tenant, after, upTo).GetEnumerator();
        for (var hasMore = rows.MoveNext(); hasMore;)
        {
            using var transaction = session.BeginTransaction();
            using var digest = new RowDigest();
            (hasMore, var last) = PostgresMovedRows.Write(session, table, tenant, rows, digest, size, cancel);
            PostgresMoveState.Run(
                session,
                $"INSERT INTO {PostgresMoveState.Pieces} (moved_table, tenant, after_key, up_to_key, row_count, digest) VALUES ($1, $2, $3, $4, $5, $6)",
                table.Name, TextOf(tenant), after?.ToString(), last.ToString(), digest.Rows, digest.Finish());
            transaction.Commit();
            after = last;
            done += digest.Rows;
            tell(new LedgerProgress($"rows copied, now of {table.Name}", done, all));
        }
    }

    private List<Piece> ReadPieces()
    {
        using var command = new NpgsqlCommand($"SELECT no, moved_table, tenant, after_key, up_to_key, row_count, digest FROM {PostgresMoveState.Pieces} ORDER BY no", session);
        using var rows = command.ExecuteReader();
        var pieces = new List<Piece>();
        while (rows.Read())
        {
            var table = known[rows.GetString(1)];
            pieces.Add(new Piece(
                rows.GetInt64(0), table.Name, rows.GetString(2), rows.IsDBNull(3) ? null : MoveKey.Parse(rows.GetString(3), table), MoveKey.Parse(rows.GetString(4), table),
                rows.GetInt64(5), rows.GetFieldValue<byte[]>(6)));
        }

        return pieces;
    }

    /// <param name="No">Of the piece's own row.</param>
    /// <param name="Table">Whose rows.</param>
    /// <param name="Tenant">Whose; empty for a table that is not of tenants.</param>
    /// <param name="After">Exclusive; null: from the first.</param>
    /// <param name="UpTo">Inclusive: the last row that was written.</param>
    /// <param name="Rows">How many.</param>
    /// <param name="Digest">Of the rows as the ledger had them.</param>
    private sealed record Piece(long No, string Table, string Tenant, MoveKey? After, MoveKey UpTo, long Rows, byte[] Digest);
}
