using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Tabular;
using Rollcall.Storage.Sql;
using SQLitePCL;

namespace Rollcall.Storage.Sqlite;

/// <summary>One prepared statement and the row it stands on.</summary>
internal sealed class SqliteRows(SqliteConnection connection, sqlite3_stmt statement, string sql) : StoreRows
{
    private const int StackBytesMax = 512;

    /// <summary>Of the parameters in the order they were last given: one call site gives them in one order.</summary>
    private (string Name, int Index)[] places = [];

    /// <summary>Good as long as <c>statement</c> is, which is as long as this.</summary>
    private readonly nint handle = statement.DangerousGetHandle();

    private readonly int parameterCount = raw.sqlite3_bind_parameter_count(statement);

    private readonly RowTexts cells = new();

    private bool isBorrowed;

    public string Sql => sql;

    /// <exception cref="InvalidOperationException">A parameter of the statement is not given, or a value has a type that no column has.</exception>
    public void Bind(ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (places.Length != parameters.Length)
            places = new (string, int)[parameters.Length];
        isBorrowed = true;
        var bound = 0;
        for (var at = 0; at < parameters.Length; at++)
        {
            var (name, value) = parameters[at];
            if (!ReferenceEquals(places[at].Name, name))
                places[at] = (name, raw.sqlite3_bind_parameter_index(statement, name));

            // A parameter that this form of the statement does not use is no error: filters share theirs.
            if (places[at].Index == 0)
                continue;
            if (Bind(places[at].Index, value) is var result and not raw.SQLITE_OK)
                throw connection.Refusal(result);

            bound++;
        }

        if (bound != parameterCount)
            throw new InvalidOperationException($"{parameterCount} parameters, {bound} given: {sql}");
    }

    public override bool Read()
    {
        cells.Clear();
        return raw.sqlite3_step(statement) switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            var result => throw connection.Refusal(result),
        };
    }

    public override bool IsDBNull(int column) => SqliteColumns.Type(handle, column) == raw.SQLITE_NULL;

    public override long GetInt64(int column) => SqliteColumns.Int64(handle, column);

    public override long? Long(int column) => SqliteColumns.Number(handle, column);

    public override TenantId Tenant(int column) => connection.Tenants.Of(GetInt64(column));

    /// <summary>By its length, not up to its first NUL: half a name would pass for a whole one.</summary>
    public override string GetString(int column) => connection.Texts.Of(SqliteColumns.Bytes(handle, column));

    public override string? Text(int column)
    {
        var utf8 = SqliteColumns.Bytes(handle, column);
        // Only of nothing is it to be asked whether it is null or empty.
        return utf8.IsEmpty && IsDBNull(column) ? null : connection.Texts.Of(utf8);
    }

    public override TableCell Cell(int column) => cells.Add(SqliteColumns.Bytes(handle, column));

    public override byte[] GetBytes(int column) => SqliteColumns.Bytes(handle, column).ToArray();

    public override ReadOnlySpan<byte> GetUtf8(int column) => SqliteColumns.Bytes(handle, column);

    public override void Dispose()
    {
        if (!isBorrowed)
            return;

        isBorrowed = false;
        cells.Release();
        raw.sqlite3_reset(statement);
        // So that nothing of one use is there in the next, nor stays in memory between them.
        raw.sqlite3_clear_bindings(statement);
        connection.GiveBack(this);
    }

    /// <summary>Frees the statement.</summary>
    public void Finish() => statement.Dispose();

    private int Bind(int index, object? value) => value switch
    {
        null or DBNull => raw.sqlite3_bind_null(statement, index),
        string { Length: 0 } => raw.sqlite3_bind_text(statement, index, string.Empty),
        string text => Bind(index, text),
        long number => raw.sqlite3_bind_int64(statement, index, number),
        int number => raw.sqlite3_bind_int64(statement, index, number),
        bool flag => raw.sqlite3_bind_int64(statement, index, flag ? 1 : 0),
        byte[] { Length: 0 } => raw.sqlite3_bind_zeroblob(statement, index, 0),
        byte[] bytes => raw.sqlite3_bind_blob(statement, index, bytes),
        TenantId tenant => raw.sqlite3_bind_int64(statement, index, connection.Tenants.NumberOf(tenant)),
        FoldedText folded => raw.sqlite3_bind_blob(statement, index, folded.Bytes),
        IReadOnlyList<long> numbers => Bind(index, $"[{string.Join(',', numbers)}]"),
        IReadOnlyList<string> texts => Bind(index, JsonSerializer.Serialize(texts)),
        Enum member => raw.sqlite3_bind_int64(statement, index, Convert.ToInt64(member, CultureInfo.InvariantCulture)),
        _ => throw new InvalidOperationException($"no column has values of {value.GetType()}"),
    };

    private int Bind(int index, string text)
    {
        var bytesMax = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (bytesMax <= StackBytesMax)
        {
            Span<byte> bytes = stackalloc byte[StackBytesMax];
            return raw.sqlite3_bind_text(statement, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(bytesMax);
        try
        {
            return raw.sqlite3_bind_text(statement, index, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
