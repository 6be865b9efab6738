using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Storage;

/// <summary>Numbered migrations of one engine, to be applied once each and in order. A released file is never edited.</summary>
internal static class SchemaMigrations
{
    private const string ResourcePrefix = "Rollcall.Storage.Schema.";

    /// <summary>Those that a ledger lacks, oldest first.</summary>
    /// <param name="engine">The folder below Schema.</param>
    /// <param name="version">Number of the newest that the ledger has; 0 when it is new.</param>
    /// <exception cref="InvalidOperationException">A newer program wrote the ledger.</exception>
    public static IReadOnlyList<(int Number, string Sql)> After(string engine, long version)
    {
        var migrations = All(engine);
        var newest = migrations[^1].Number;
        if (version > newest)
        {
            throw new InvalidOperationException(
                $"The ledger has schema {version}, this program knows {newest}: it was opened by a newer Rollcall. Start that one.");
        }

        return migrations.FindAll(migration => migration.Number > version);
    }

    /// <summary>Number of the newest migration that this program knows.</summary>
    public static int Newest(string engine) => All(engine)[^1].Number;

    /// <summary>SHA-256 of the migrations that lead to a version, in lower-case hexadecimal: before a release files change under the same number.</summary>
    public static string DigestUpTo(string engine, long version) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes(string.Concat(All(engine).TakeWhile(migration => migration.Number <= version).Select(migration => migration.Sql)))));

    private static List<(int Number, string Sql)> All(string engine)
    {
        var assembly = typeof(SchemaMigrations).Assembly;
        var prefix = $"{ResourcePrefix}{engine}.";
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => (int.Parse(name.AsSpan(prefix.Length, 4), NumberStyles.None, CultureInfo.InvariantCulture), Read(assembly, name)))];
    }

    private static string Read(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }
}
