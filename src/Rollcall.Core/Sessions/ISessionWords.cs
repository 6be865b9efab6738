namespace Rollcall.Core.Sessions;

/// <summary>Takes down what operators say of sessions: new events, never an overwriting.</summary>
public interface ISessionWords
{
    /// <summary>An operator says that the session is over. Works when its host never answers.</summary>
    /// <returns>The session as it is now; null when there is none with this id.</returns>
    /// <exception cref="FaultException">
    /// <see cref="FaultCode.Conflict"/> when its end or failure was reported, or an operator corrected its end; <see cref="FaultCode.Malformed"/> when the end given is before its last
    /// proof of life or in the future.
    /// </exception>
    Task<Session?> CloseAsync(TenantId tenant, string sessionId, SessionClosing closing, CancellationToken cancel);

    /// <summary>An operator says when the session really began or ended.</summary>
    /// <returns>The session as it is now; null when there is none with this id.</returns>
    /// <exception cref="FaultException">
    /// <see cref="FaultCode.Conflict"/> when it is open and its end is to be corrected, or when it failed; <see cref="FaultCode.Malformed"/> when it would end before it began or in the future.
    /// </exception>
    Task<Session?> CorrectAsync(TenantId tenant, string sessionId, SessionCorrection correction, CancellationToken cancel);
}

/// <param name="OperatorId">Who says so.</param>
/// <param name="Reason">Why, for those who read the ledger later.</param>
/// <param name="EndAt">When it ended; null when the operator does not know.</param>
public sealed record SessionClosing(long OperatorId, string Reason, DateTimeOffset? EndAt);

/// <param name="OperatorId">Who says so.</param>
/// <param name="Reason">Why, for those who read the ledger later.</param>
/// <param name="StartAt">The true start; null leaves it.</param>
/// <param name="EndAt">The true end; null leaves it.</param>
public sealed record SessionCorrection(long OperatorId, string Reason, DateTimeOffset? StartAt, DateTimeOffset? EndAt);
