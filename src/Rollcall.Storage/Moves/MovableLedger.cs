using Rollcall.Core;

namespace Rollcall.Storage.Moves;

/// <summary>One instant of a whole ledger, to be written into another store.</summary>
public abstract class MovableLedger : IDisposable
{
    /// <summary>Every tenant by id, with its name.</summary>
    internal abstract IReadOnlyList<(TenantId Id, string Name)> Tenants { get; }

    /// <summary>The first tenant that the ledger ever had: it is this ledger and no other.</summary>
    internal abstract TenantId First { get; }

    public abstract void Dispose();

    /// <summary>Names of a table's columns, as far as the rows are the ledger's: without what stands for a tenant in this store alone.</summary>
    internal abstract IReadOnlyList<string> ColumnsOf(string table);

    /// <summary>Of all tenants.</summary>
    internal abstract long Count(string table);

    /// <summary>Rows in the order of the key: null, <see cref="long"/>, or bytes, those of a text in UTF-8. The array is used again for the next row.</summary>
    /// <param name="table">Which.</param>
    /// <param name="tenant">Whose; null for a table that is not of tenants.</param>
    /// <param name="after">Exclusive; null: from the first.</param>
    /// <param name="upTo">Inclusive; null: to the last.</param>
    internal abstract IEnumerable<object?[]> Rows(MovedTable table, TenantId? tenant, MoveKey? after, MoveKey? upTo);
}
