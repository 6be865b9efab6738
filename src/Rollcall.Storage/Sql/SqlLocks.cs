namespace Rollcall.Storage.Sql;

/// <summary>
/// What follows a SELECT whose rows a transaction is about to change beside other servers. A comment to SQLite, which has one writer; PostgreSQL's
/// statement says it (<see cref="Postgres.PostgresStatement"/>).
/// </summary>
internal static class SqlLocks
{
    /// <summary>Locks the rows until the transaction ends, and leaves out those that another one has locked.</summary>
    public const string SkipLocked = "/*pg FOR UPDATE SKIP LOCKED*/";
}
