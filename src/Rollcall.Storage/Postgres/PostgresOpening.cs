using Npgsql;

namespace Rollcall.Storage.Postgres;

/// <summary>What a database must be like, and what to do when it is not or cannot be reached. Nothing it says has the password in it.</summary>
internal static class PostgresOpening
{
    private const int VersionMin = 15;

    /// <exception cref="InvalidOperationException">The database is too old, or cannot keep every text.</exception>
    public static void Check(NpgsqlConnection session)
    {
        if (session.PostgreSqlVersion.Major < VersionMin)
            throw new InvalidOperationException($"it is PostgreSQL {session.PostgreSqlVersion}, and {VersionMin} or newer is needed");

        using var command = new NpgsqlCommand("SHOW server_encoding", session);
        if (command.ExecuteScalar() is not "UTF8")
            throw new InvalidOperationException("its encoding is not UTF8: create the database with ENCODING 'UTF8' TEMPLATE template0");
    }

    /// <exception cref="InvalidOperationException">Only a part of a ledger has arrived in it.</exception>
    public static void RequireWhole(NpgsqlConnection session)
    {
        if (PostgresMoveState.Exists(session))
            throw new InvalidOperationException("a ledger is being moved into it and has not arrived whole: finish with rollcalld migrate-store while no server runs on the embedded ledger, or choose another database");
    }

    /// <summary>Null when the cause is no word of the database's or the network's.</summary>
    public static StoreUnavailableException? Refusal(string address, NpgsqlConnectionStringBuilder known, Exception cause) =>
        cause is NpgsqlException or InvalidOperationException or TimeoutException
            ? new StoreUnavailableException($"The ledger at {PostgresAddress.Describe(address)} cannot be opened: {WhatToDo(cause, known)}", cause)
            : null;

    public static string WhatToDo(Exception cause, NpgsqlConnectionStringBuilder known) => cause switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } =>
            $"the database refuses the user {known.Username}: check the user and the password in ROLLCALL_STORE, and pg_hba.conf",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } =>
            $"there is no database {known.Database}: create it, as in CREATE DATABASE {known.Database} OWNER {known.Username} ENCODING 'UTF8'",
        PostgresException { SqlState: PostgresErrorCodes.InsufficientPrivilege } =>
            $"the user {known.Username} may not create tables there: make it the owner of the database",
        PostgresException refused => $"PostgreSQL says {refused.SqlState}: {refused.MessageText}",
        NpgsqlException => $"nobody answers there as PostgreSQL does: check host, port and sslmode in ROLLCALL_STORE, and that the database runs ({cause.Message})",
        _ => cause.Message,
    };
}
