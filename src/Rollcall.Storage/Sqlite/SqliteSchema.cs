using System.Globalization;
using System.Reflection;

namespace Rollcall.Storage.Sqlite;

/// <summary>Numbered migrations, each applied once and in order. A released file is never edited.</summary>
internal static class SqliteSchema
{
    private const string ResourcePrefix = "Rollcall.Storage.Schema.Sqlite.";

    /// <summary>Applies what the file lacks; refuses a file that a newer program wrote.</summary>
    public static void Migrate(SqliteConnection connection)
    {
        var migrations = Migrations();
        var version = connection.Number("PRAGMA user_version") ?? 0;
        var newest = migrations[^1].Number;
        if (version > newest)
        {
            throw new InvalidOperationException(
                $"The ledger has schema {version}, this program knows {newest}: it was opened by a newer Rollcall. Start that one.");
        }

        foreach (var (number, sql) in migrations.Where(migration => migration.Number > version))
        {
            // Whatever fails leaves the transaction open, and the file as it was when the connection goes.
            connection.Script($"BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {number}; COMMIT;");
        }
    }

    private static List<(int Number, string Sql)> Migrations()
    {
        var assembly = typeof(SqliteSchema).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => (Number(name), Read(assembly, name)))];
    }

    private static int Number(string resource) =>
        int.Parse(resource.AsSpan(ResourcePrefix.Length, 4), NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
