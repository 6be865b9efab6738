using System.Runtime.InteropServices;

namespace Rollcall.Storage.Sqlite;

/// <summary>
/// The calls by which a row is read, some hundred times a row. Without a handle to count and a transition to announce they cost a tenth; none
/// of them waits for anything (sqlite3.h, "Result Values From A Query").
/// </summary>
internal static unsafe partial class SqliteColumns
{
    private const string Library = "e_sqlite3";

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type"), SuppressGCTransition]
    public static partial int Type(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64"), SuppressGCTransition]
    public static partial long Int64(nint statement, int column);

    /// <summary>The bytes of a blob, or of a text in UTF-8; valid until the statement moves.</summary>
    /// <remarks>
    /// The column is looked for once, and its value asked twice. SQLite would have a value protected by a lock for that, but there is none, and no
    /// difference, where one thread at a time uses the connection (sqlite3.h, "sqlite3_value"): ours are opened with SQLITE_OPEN_NOMUTEX.
    /// </remarks>
    public static ReadOnlySpan<byte> Bytes(nint statement, int column)
    {
        var value = Value(statement, column);
        var first = BlobOf(value);
        return first is null ? [] : new ReadOnlySpan<byte>(first, LengthOf(value));
    }

    /// <summary>Null when the column is.</summary>
    public static long? Number(nint statement, int column)
    {
        var value = Value(statement, column);
        return TypeOf(value) == SQLitePCL.raw.SQLITE_NULL ? null : NumberOf(value);
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_column_value"), SuppressGCTransition]
    private static partial nint Value(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_type"), SuppressGCTransition]
    private static partial int TypeOf(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_int64"), SuppressGCTransition]
    private static partial long NumberOf(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_blob"), SuppressGCTransition]
    private static partial void* BlobOf(nint value);

    [LibraryImport(Library, EntryPoint = "sqlite3_value_bytes"), SuppressGCTransition]
    private static partial int LengthOf(nint value);
}
