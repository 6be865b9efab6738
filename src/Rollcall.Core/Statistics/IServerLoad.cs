using Rollcall.Core.Sessions;

namespace Rollcall.Core.Statistics;

/// <summary>What the ledger holds now, all tenants together: for who operates the server, never for an answer about a tenant.</summary>
public interface IServerLoad
{
    /// <summary>Reads what is open and what waits, and nothing of what is over.</summary>
    Task<ServerLoad> CountAsync(CancellationToken cancel);
}

/// <param name="OpenSessions">Initializing, Active and Disconnected, each of them there.</param>
/// <param name="ExportsQueued">Export tasks that no worker has begun.</param>
/// <param name="ExportsRunning">Export tasks that a worker of this or another server has begun.</param>
public sealed record ServerLoad(IReadOnlyDictionary<SessionState, long> OpenSessions, long ExportsQueued, long ExportsRunning);
