using Npgsql;
using Rollcall.Core;

namespace Rollcall.Storage.Postgres;

/// <summary>
/// What a failure of PostgreSQL means to the caller. A statement that could not run, or whose end nobody heard of, is never an answer: neither
/// "not found" nor "done".
/// </summary>
internal static class PostgresRefusal
{
    /// <summary>Not among the driver's names (PostgreSQL manual, appendix A).</summary>
    private const string IdleInTransactionSessionTimeout = "25P03";

    private const int RetryAfterSeconds = 1;

    public static Exception Of(Exception cause) => cause switch
    {
        PostgresException refused => Of(refused),
        NpgsqlOperationInProgressException => cause, // rows were left open: a bug of ours, not the world's
        NpgsqlException { InnerException: TimeoutException } when cause.Message.Contains("pool", StringComparison.Ordinal) => TooBusy(),
        NpgsqlException or IOException or TimeoutException or ObjectDisposedException => CannotLook(),
        _ => cause,
    };

    /// <summary>Whether a connection is gone, so that another one may do better.</summary>
    public static bool IsLost(Exception cause) => cause is PostgresException refused
        ? refused.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or IdleInTransactionSessionTimeout
            || refused.SqlState.StartsWith("08", StringComparison.Ordinal)
        : cause is NpgsqlException { InnerException: not TimeoutException } or IOException;

    private static Exception Of(PostgresException refused) => refused.SqlState switch
    {
        PostgresErrorCodes.UniqueViolation => new StoreException(Say(refused), isTaken: true, refused),
        PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.TooManyConnections => TooBusy(),
        PostgresErrorCodes.QueryCanceled => FaultException.Unavailable("The question took the database too long: ask a narrower one", RetryAfterSeconds),
        PostgresErrorCodes.ReadOnlySqlTransaction or PostgresErrorCodes.CannotConnectNow => CannotLook(),
        _ when IsLost(refused) => CannotLook(),
        _ => new StoreException(Say(refused), isTaken: false, refused),
    };

    /// <summary>Without the detail, which holds values.</summary>
    private static string Say(PostgresException refused) => $"PostgreSQL error {refused.SqlState}: {refused.MessageText}";

    private static FaultException TooBusy() => FaultException.TooBusy("Too many ask the database at once", RetryAfterSeconds);

    private static FaultException CannotLook() => FaultException.Unavailable("The database cannot be asked now", RetryAfterSeconds);
}
