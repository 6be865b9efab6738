namespace Rollcall.Core.Statistics;

/// <summary>What a fleet's sessions add up to. Each answer is of one snapshot.</summary>
public interface IFleetStatistics
{
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>from</c> when there are more sessions in the span than <see cref="SessionSpans.CountMax"/>.</exception>
    Task<Concurrency> CountOpenAsync(ConcurrencyQuery query, CancellationToken cancel);

    Task<FleetSummary> SummarizeAsync(SummaryQuery query, CancellationToken cancel);

    /// <summary>One page by cursor of the users who had a session before the question, and of those in the directory.</summary>
    /// <param name="cursor">From the page before; null for the first.</param>
    /// <param name="take">Rows at most.</param>
    /// <param name="count">Whether to count all matches as well.</param>
    /// <exception cref="FaultException">As above, or <see cref="FaultCode.Malformed"/> on <c>cursor</c>.</exception>
    Task<Page<UserActivity>> FindActivityAsync(ActivityQuery query, string? cursor, int take, bool count, CancellationToken cancel);
}
