using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Rollcall.Storage.Postgres;

/// <summary>Brings a database's schema up to date, whichever of several servers comes first.</summary>
internal static class PostgresSchema
{
    /// <summary>The folder of its migrations.</summary>
    public const string Engine = "Postgres";

    /// <summary>Held from the look at the schema until all is applied. "rollcall" as a number; PostgreSQL has one space of them per database.</summary>
    private const long MigrationLock = 0x726F_6C6C_6361_6C6C;

    /// <summary>Our choice: a server that starts beside one that migrates a large ledger waits for it.</summary>
    private const int MigrationSecondsMax = 600;

    /// <summary>Applies what the database lacks; refuses one that a newer program wrote.</summary>
    public static void Migrate(NpgsqlConnection session)
    {
        using var transaction = session.BeginTransaction();
        Run(session, $"SET LOCAL lock_timeout = '{MigrationSecondsMax}s'; SELECT pg_advisory_xact_lock({MigrationLock})");
        Run(session, "CREATE TABLE IF NOT EXISTS rollcall_schema (version BIGINT NOT NULL, folding TEXT NOT NULL, migrations TEXT NOT NULL)");
        var (version, folding, migrations) = State(session);
        var missing = SchemaMigrations.After(Engine, version);
        if (version > 0 && migrations != SchemaMigrations.DigestUpTo(Engine, version))
            throw new InvalidOperationException($"it has schema {version} as a build of Rollcall between releases made it, which is not this program's: use that build, or an empty database");

        foreach (var (_, sql) in missing)
            Run(session, sql);
        if (missing is [.., var (newest, _)] || folding != Folding.Value.Digest)
        {
            Run(session, Folding.Value.Sql);
            newest = missing is [.., var (last, _)] ? last : (int)version;
            Run(session, string.Create(CultureInfo.InvariantCulture, $"DELETE FROM rollcall_schema; INSERT INTO rollcall_schema (version, folding, migrations) VALUES ({newest}, '{Folding.Value.Digest}', '{SchemaMigrations.DigestUpTo(Engine, newest)}')"));
        }

        transaction.Commit();
    }

    /// <summary>Nobody else migrates until the transaction ends, or writes what a tenant numbers or chains; who writes rows alone meets it at their tables.</summary>
    public static void LockWhole(NpgsqlConnection session) =>
        Run(session, $"SELECT pg_advisory_xact_lock({MigrationLock}), pg_advisory_xact_lock({PostgresDatabase.EveryTenant})");

    /// <summary>By which migrations it came about, too: null of a database that does not say.</summary>
    private static (long Version, string Folding, string? Migrations) State(NpgsqlConnection session)
    {
        using var command = new NpgsqlCommand("SELECT version, folding, to_jsonb(schema) ->> 'migrations' FROM rollcall_schema AS schema", session);
        using var reader = command.ExecuteReader();
        return reader.Read() ? (reader.GetInt64(0), reader.GetString(1), reader.IsDBNull(2) ? null : reader.GetString(2)) : (0, string.Empty, null);
    }

    private static void Run(NpgsqlConnection session, string sql)
    {
        using var command = new NpgsqlCommand(sql, session) { CommandTimeout = MigrationSecondsMax };
        command.ExecuteNonQuery();
    }

    /// <summary>
    /// <c>folded(text)</c>, which must agree with <see cref="Core.NameKey.Of"/> letter by letter whatever PostgreSQL and the system beneath it
    /// know of languages: so it is written from what this program knows. Made anew when a program knows other letters.
    /// </summary>
    private static readonly Lazy<(string Sql, string Digest)> Folding = new(() =>
    {
        var (small, large) = Letters();
        var sql =
            $"""
            CREATE OR REPLACE FUNCTION folded(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
            RETURN CASE WHEN octet_length($1) = char_length($1) THEN upper($1 COLLATE "C")
                ELSE translate(upper($1 COLLATE "C"), '{small}', '{large}') END
            """;
        return (sql, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
    });

    /// <summary>Every letter beyond ASCII that folding changes, and beside it what it becomes.</summary>
    private static (string Small, string Large) Letters()
    {
        var (small, large) = (new StringBuilder(), new StringBuilder());
        for (var code = 0x80; code <= 0x1_FFFF; code++)
        {
            if (!Rune.IsValid(code))
                continue;

            var letter = new Rune(code).ToString();
            var folded = Core.NameKey.Of(letter);
            if (string.Equals(letter, folded, StringComparison.Ordinal))
                continue;

            small.Append(letter);
            large.Append(folded);
        }

        return (small.ToString(), large.ToString());
    }
}
