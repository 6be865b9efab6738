using Rollcall.Core.Exports;
using Rollcall.Core.Sessions;
using Rollcall.Core.Statistics;

namespace Rollcall.Storage.Sql;

/// <summary>Counts over every tenant, from indexes that hold the open and the waiting alone at these places.</summary>
public sealed class SqlServerLoad(StoreDatabase database) : IServerLoad
{
    private static readonly SessionState[] Open = [SessionState.Initializing, SessionState.Active, SessionState.Disconnected];

    public Task<ServerLoad> CountAsync(CancellationToken cancel) => Task.FromResult(database.Read(connection => new ServerLoad(
        Open.ToDictionary(state => state, state => CountSessions(connection, state)),
        CountExports(connection, ExportState.Queued),
        CountExports(connection, ExportState.Running))));

    private static long CountSessions(StoreConnection connection, SessionState state) => connection.Number(
        "SELECT COUNT(*) FROM session_rows INDEXED BY sessions_unfinished WHERE state = $state AND state IN (1, 2, 3)",
        ("$state", (int)state)) ?? 0;

    private static long CountExports(StoreConnection connection, ExportState state) =>
        connection.Number("SELECT COUNT(*) FROM export_tasks INDEXED BY export_tasks_work WHERE state = $state", ("$state", (int)state)) ?? 0;
}
