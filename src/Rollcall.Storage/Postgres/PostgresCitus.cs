using System.Globalization;
using Npgsql;

namespace Rollcall.Storage.Postgres;

/// <summary>The database has no Citus that could be used; the message says what to install or set.</summary>
public sealed class CitusMissingException(string message) : Exception(message);

/// <summary>
/// Spreads the tables of a ledger over the workers of a Citus cluster: every table by tenant and all in one place, so that one tenant's question is one
/// worker's (ADR 0013). What it may rely on is held by CitusRulesTests.
/// </summary>
public static class PostgresCitus
{
    /// <summary>The column by which tables are distributed: the tenant is in each of their keys.</summary>
    internal const string DistributionColumn = "tenant";

    /// <summary>The table beside which all others of a tenant are placed.</summary>
    internal const string First = "events";

    /// <summary>The oldest that hands a transaction's isolation on to the workers (citusdata/citus#6483).</summary>
    private static readonly Version VersionMin = new(11, 2);

    /// <summary>
    /// Small tables with names, ids or hashes that are unique on the whole server, or asked for before the tenant is known: each node has them whole.
    /// In the order of their foreign keys.
    /// </summary>
    internal static IReadOnlyList<string> ReferenceTables { get; } = ["server_facts", "tenants", "operators", "api_tokens", "access_keys", "sign_ins"];

    /// <summary>The coordinator's own.</summary>
    internal static IReadOnlyList<string> LocalTables { get; } = ["rollcall_schema"];

    /// <summary>Brings the schema up to date and spreads what is not spread yet, in one transaction: all of it or nothing. Writers wait meanwhile.</summary>
    /// <returns>One line for each table or function that was spread; none when all were.</returns>
    /// <exception cref="StoreUnavailableException">The database cannot be reached or used.</exception>
    /// <exception cref="CitusMissingException">It is not, or not yet, the coordinator of a Citus cluster that is new enough.</exception>
    public static IReadOnlyList<string> Distribute(string address)
    {
        var known = PostgresAddress.Parse(address);
        try
        {
            using var session = new NpgsqlConnection(known.ConnectionString);
            session.Open();
            PostgresOpening.Check(session);
            PostgresOpening.RequireWhole(session);
            Check(session);
            PostgresSchema.Migrate(session);
            return Distribute(session);
        }
        catch (Exception cause) when (PostgresOpening.Refusal(address, known, cause) is not null)
        {
            throw PostgresOpening.Refusal(address, known, cause)!;
        }
    }

    private static List<string> Distribute(NpgsqlConnection session)
    {
        using var transaction = session.BeginTransaction();
        PostgresSchema.LockWhole(session);
        // One connection to each worker: what is referenced must be seen by what refers to it, in the same transaction.
        Run(session, "SET LOCAL citus.multi_shard_modify_mode TO 'sequential'; SET LOCAL citus.shard_replication_factor TO 1");
        var done = Spread(session);
        transaction.Commit();
        return done;
    }

    private static List<string> Spread(NpgsqlConnection session)
    {
        var tables = Texts(session, Unspread);
        var done = new List<string>();
        // Whatever comes first refers to, or is referred to by, what is not spread yet: Citus refuses both. They are put back below, over the shards.
        var keys = tables.Count == 0 ? [] : ForeignKeys(session);
        foreach (var (table, name, _) in keys)
            Run(session, $"ALTER TABLE {table} DROP CONSTRAINT {name}");
        foreach (var table in ReferenceTables.Where(tables.Contains))
        {
            Run(session, $"SELECT create_reference_table('{table}')");
            done.Add($"{table}: whole on every node");
        }

        foreach (var table in tables.Except(ReferenceTables).Except(LocalTables).OrderBy(table => table != First))
        {
            Run(session, $"SELECT create_distributed_table('{table}', '{DistributionColumn}', colocate_with => '{(table == First ? "none" : First)}')");
            done.Add($"{table}: by {DistributionColumn}");
        }

        foreach (var function in Texts(session, OwnFunctions))
            Run(session, $"SELECT create_distributed_function('{function}')");
        foreach (var (table, name, definition) in keys)
            Run(session, $"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}");
        return done;
    }

    private const string Unspread =
        """
        SELECT c.relname FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT EXISTS (SELECT 1 FROM pg_dist_partition p WHERE p.logicalrelid = c.oid)
        ORDER BY c.relname
        """;

    /// <summary>In the order of their making, which is that in which they need each other. A function of an extension is on every node already.</summary>
    private const string OwnFunctions =
        """
        SELECT p.oid::regprocedure::text FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f' AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
        ORDER BY p.oid
        """;

    private static List<(string Table, string Name, string Definition)> ForeignKeys(NpgsqlConnection session)
    {
        const string all =
            """
            SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
            WHERE contype = 'f' AND conparentid = 0 AND connamespace = 'public'::regnamespace ORDER BY oid
            """;
        using var command = new NpgsqlCommand(all, session);
        using var rows = command.ExecuteReader();
        var keys = new List<(string, string, string)>();
        while (rows.Read())
            keys.Add((rows.GetString(0), rows.GetString(1), rows.GetString(2)));
        return keys;
    }

    private static void Check(NpgsqlConnection session)
    {
        var major = session.PostgreSqlVersion.Major.ToString(CultureInfo.InvariantCulture);
        var how = $"shared_preload_libraries = 'citus' in postgresql.conf, a restart, and CREATE EXTENSION citus in this database as a superuser, on the coordinator and on each worker";
        if (Texts(session, "SELECT default_version FROM pg_available_extensions WHERE name = 'citus'").Count == 0)
        {
            throw new CitusMissingException(
                $"this PostgreSQL has no Citus: install the package postgresql-{major}-citus-13.0 (or newer) from the Citus project's repository, which Debian's own does not have; then {how}");
        }

        if (Texts(session, "SELECT extversion FROM pg_extension WHERE extname = 'citus'") is not [var version])
            throw new CitusMissingException($"Citus is installed but not switched on in this database: {how}");
        if (NumberOf(version) < VersionMin)
            throw new CitusMissingException($"Citus {version} is too old: {VersionMin} or newer keeps a tenant's questions on one snapshot; update it and ALTER EXTENSION citus UPDATE");
        if (Texts(session, "SELECT groupid::text FROM pg_dist_local_group") is not ["0"])
            throw new CitusMissingException("this is a worker of the cluster: give the coordinator's address");
        if (Texts(session, "SELECT nodename FROM pg_dist_node WHERE shouldhaveshards AND noderole = 'primary'").Count == 0)
            throw new CitusMissingException("the cluster has no node that may hold shards: add workers with SELECT citus_add_node('host', 5432)");
    }

    /// <summary>As in <c>12.1-1</c>.</summary>
    private static Version NumberOf(string version) => Version.TryParse(version.Split('-')[0], out var number) ? number : VersionMin;

    private static List<string> Texts(NpgsqlConnection session, string sql)
    {
        using var command = new NpgsqlCommand(sql, session);
        using var rows = command.ExecuteReader();
        var texts = new List<string>();
        while (rows.Read())
            texts.Add(rows.GetString(0));
        return texts;
    }

    /// <summary>No bound of time: a large ledger's rows are copied to the workers.</summary>
    private static void Run(NpgsqlConnection session, string sql)
    {
        using var command = new NpgsqlCommand(sql, session) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
    }
}
