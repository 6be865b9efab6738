namespace Rollcall.Storage.Sqlite;

/// <summary>Brings a file's schema up to date.</summary>
internal static class SqliteSchema
{
    /// <summary>Applies what the file lacks; refuses a file that a newer program wrote.</summary>
    public static void Migrate(SqliteConnection connection)
    {
        foreach (var (number, sql) in SchemaMigrations.After("Sqlite", connection.Number("PRAGMA user_version") ?? 0))
        {
            // Whatever fails leaves the transaction open, and the file as it was when the connection goes.
            connection.Script($"BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {number}; COMMIT;");
        }
    }
}
