using System.Globalization;
using Npgsql;
using Rollcall.Core.Backups;
using Rollcall.Storage.Sql;

namespace Rollcall.Storage.Postgres;

/// <summary>A ledger in PostgreSQL, looked at beside the servers that use it.</summary>
public static class PostgresLedger
{
    /// <summary>One statement may read the whole ledger: our choice, a thousand million rows on slow disks.</summary>
    private const int StatementSecondsMax = 3600;

    /// <summary>On one snapshot, without changing anything: not even the schema is brought up to date.</summary>
    /// <param name="address">Of the database.</param>
    /// <param name="openSeal">What a checkpoint's seal holds; null when the server's key did not make it. Null: the key is not there.</param>
    /// <exception cref="LedgerException">It cannot be reached or used; the message says what to do.</exception>
    public static ILedgerInspection Inspect(string address, Func<byte[], byte[]?>? openSeal)
    {
        var known = PostgresAddress.Parse(address);
        var source = PostgresDatabase.SourceOf(known, sessionsMax: 1, StatementSecondsMax, string.Create(CultureInfo.InvariantCulture,
            $"-c default_transaction_read_only=on -c statement_timeout={StatementSecondsMax}s"));
        try
        {
            var session = PostgresDatabase.Begun(source, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            PostgresOpening.Check(session);
            PostgresOpening.RequireWhole(session);
            return new SqlLedgerInspection(new PostgresConnection(session), SchemaOf(session, address), openSeal, (_, _) => [], () =>
            {
                session.Dispose();
                source.Dispose();
            });
        }
        catch (Exception cause)
        {
            source.Dispose();
            if (cause is NpgsqlException or InvalidOperationException or TimeoutException)
                throw new LedgerException($"The ledger at {PostgresAddress.Describe(address)} cannot be opened: {PostgresOpening.WhatToDo(cause, known)}", cause);

            throw;
        }
    }

    private static long SchemaOf(NpgsqlConnection session, string address)
    {
        using var exists = new NpgsqlCommand("SELECT to_regclass('rollcall_schema') IS NOT NULL", session);
        if (exists.ExecuteScalar() is not true)
            throw new LedgerException($"There is no ledger of Rollcall at {PostgresAddress.Describe(address)}");

        using var version = new NpgsqlCommand("SELECT version FROM rollcall_schema", session);
        var schema = Convert.ToInt64(version.ExecuteScalar(), CultureInfo.InvariantCulture);
        var newest = SchemaMigrations.Newest(PostgresSchema.Engine);
        return schema <= newest
            ? schema
            : throw new LedgerException(string.Create(CultureInfo.InvariantCulture,
                $"The ledger at {PostgresAddress.Describe(address)} has schema {schema}, this program knows {newest}: use the rollcalld that wrote it"));
    }
}
