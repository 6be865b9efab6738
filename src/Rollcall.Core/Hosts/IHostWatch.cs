namespace Rollcall.Core.Hosts;

/// <summary>Watches the leases of hosts.</summary>
public interface IHostWatch
{
    /// <summary>
    /// Judges hosts silent whose lease has run out, counted from the newest arrival and never before <paramref name="listeningSince"/>,
    /// and writes each judgement down with what follows from it. A host that never sent a beat has no lease.
    /// </summary>
    /// <param name="listeningSince">Since when the server has been able to hear without a break: silence it could not hear proves nothing.</param>
    /// <param name="take">Hosts judged at most, those that are due longest first.</param>
    /// <returns>How many were judged; <paramref name="take"/> means that more may be due.</returns>
    Task<int> JudgeSilenceAsync(DateTimeOffset now, DateTimeOffset listeningSince, int take, CancellationToken cancel);
}
