using System.Runtime.CompilerServices;
using Rollcall.Core;
using Rollcall.Core.Tabular;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage;

/// <summary>
/// A connection to a store, used by one caller at a time: one SQL for every engine, in which parameters are named with a dollar. An engine
/// that spells something otherwise puts it right in its own connection. A tenant is given as a <see cref="TenantId"/>, and stored as the engine likes.
/// </summary>
internal abstract class StoreConnection
{
    private readonly HashSet<TenantId> grown = [];

    /// <summary>What this process remembers of a tenant's ledger: nothing that another process may have written over since.</summary>
    public virtual TenantMemory MemoryOf(TenantId tenant) => new();

    /// <summary>Changes of sessions kept of each tenant.</summary>
    public int SessionChangesKept { get; set; } = SessionChangeLog.KeptDefault;

    /// <summary>Notes that the transaction lengthened a tenant's feed of changes, to be told when it is committed.</summary>
    public void FeedGrew(TenantId tenant) => grown.Add(tenant);

    /// <summary>Whose feeds grew since it was last asked.</summary>
    public IReadOnlyList<TenantId> TakeGrown()
    {
        TenantId[] taken = [.. grown];
        grown.Clear();
        return taken;
    }

    /// <summary>
    /// Whether each statement is a way to another process: then many questions are better asked as one, and writes of which nobody needs the answer are sent together.
    /// </summary>
    public virtual bool IsFar => false;

    /// <summary>
    /// A write of which nobody needs the answer: every later statement of the transaction sees what it did, and its failure, which may be told by the next statement or by the
    /// commit, undoes the transaction as any other.
    /// </summary>
    public virtual void Queue(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Execute(sql, parameters);

    /// <summary>
    /// The same for an <c>INSERT</c> of one row whose keys neither the store nor the transaction has: such rows may be sent before writes that were queued earlier, many of
    /// a table at once.
    /// </summary>
    /// <param name="sql">Without anything after <c>VALUES (…)</c>, which has parameters alone.</param>
    public virtual void Add(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Execute(sql, parameters);

    /// <summary>Rows changed.</summary>
    /// <exception cref="StoreException">The store refused.</exception>
    public abstract int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>The rows of a query; the caller disposes them before the next statement.</summary>
    /// <exception cref="StoreException">The store refused.</exception>
    public abstract StoreRows Open(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>The rows of a query that may be many, read as they are asked for; the caller disposes them. Others may run meanwhile.</summary>
    /// <exception cref="StoreException">The store refused.</exception>
    public virtual StoreRows OpenStream(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => Open(sql, parameters);

    /// <summary>The first column of the first row; null when there is no row or the column is null.</summary>
    public long? Number(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = Open(sql, parameters);
        return rows.Read() ? rows.Long(0) : null;
    }

    public List<T> Rows<T>(Func<StoreRows, T> map, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        using var rows = Open(sql, parameters);
        var all = new List<T>();
        while (rows.Read())
            all.Add(map(rows));
        return all;
    }

    /// <summary>Rows that may be many, one at a time as they are asked for; the query lasts as long as the enumeration.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        Func<StoreRows, T> map, string sql, (string Name, object? Value)[] parameters, [EnumeratorCancellation] CancellationToken cancel)
    {
        // Both engines read on the caller's thread; callers are given what may one day be read otherwise.
        await Task.CompletedTask.ConfigureAwait(false);
        using var rows = OpenStream(sql, parameters);
        while (rows.Read())
        {
            cancel.ThrowIfCancellationRequested();
            yield return map(rows);
        }
    }

    public T? FirstRow<T>(Func<StoreRows, T> map, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where T : class
    {
        using var rows = Open(sql, parameters);
        return rows.Read() ? map(rows) : null;
    }
}

/// <summary>The row that a query stands on; columns by position from 0.</summary>
internal abstract class StoreRows : IStoredRow, IDisposable
{
    /// <summary>Moves to the next row; false after the last.</summary>
    public abstract bool Read();

    public abstract bool IsDBNull(int column);

    public abstract long GetInt64(int column);

    public abstract string GetString(int column);

    public abstract byte[] GetBytes(int column);

    /// <summary>A text as UTF-8, without an object of its own; good until the next row.</summary>
    public abstract ReadOnlySpan<byte> GetUtf8(int column);

    public abstract void Dispose();

    public int GetInt32(int column) => checked((int)GetInt64(column));

    public bool GetBoolean(int column) => GetInt64(column) != 0;

    /// <summary>A column that says whose the row is.</summary>
    public virtual TenantId Tenant(int column) => TenantId.Parse(GetString(column));

    public virtual string? Text(int column) => IsDBNull(column) ? null : GetString(column);

    public virtual TableCell Cell(int column) => TableCell.Of(Text(column));

    public virtual long? Long(int column) => IsDBNull(column) ? null : GetInt64(column);

    public int? Int(int column) => IsDBNull(column) ? null : GetInt32(column);

    public byte[]? Bytes(int column) => IsDBNull(column) ? null : GetBytes(column);

    public DateTimeOffset Instant(int column) => DateTimeOffset.FromUnixTimeMilliseconds(GetInt64(column));

    public DateTimeOffset? InstantOrNull(int column) => IsDBNull(column) ? null : Instant(column);
}

/// <summary>The store refused a statement: a full disk, a broken file, a value that must be unique and is not.</summary>
/// <param name="message">What the engine said.</param>
/// <param name="isTaken">Whether a value is there already that may be there once only.</param>
internal sealed class StoreException(string message, bool isTaken, Exception? inner = null) : Exception(message, inner)
{
    public bool IsTaken => isTaken;
}
