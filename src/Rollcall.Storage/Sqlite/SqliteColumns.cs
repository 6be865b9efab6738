using System.Runtime.InteropServices;

namespace Rollcall.Storage.Sqlite;

/// <summary>
/// The four calls by which a row is read, some hundred times a row. Without a handle to count and a transition to announce they cost a
/// tenth; none of them waits for anything (sqlite3.h, "Result Values From A Query").
/// </summary>
internal static unsafe partial class SqliteColumns
{
    private const string Library = "e_sqlite3";

    [LibraryImport(Library, EntryPoint = "sqlite3_column_type"), SuppressGCTransition]
    public static partial int Type(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_int64"), SuppressGCTransition]
    public static partial long Int64(nint statement, int column);

    /// <summary>The bytes of a blob, or of a text in UTF-8; valid until the statement moves.</summary>
    public static ReadOnlySpan<byte> Bytes(nint statement, int column)
    {
        var first = Blob(statement, column);
        return first is null ? [] : new ReadOnlySpan<byte>(first, Length(statement, column));
    }

    [LibraryImport(Library, EntryPoint = "sqlite3_column_blob"), SuppressGCTransition]
    private static partial void* Blob(nint statement, int column);

    [LibraryImport(Library, EntryPoint = "sqlite3_column_bytes"), SuppressGCTransition]
    private static partial int Length(nint statement, int column);
}
