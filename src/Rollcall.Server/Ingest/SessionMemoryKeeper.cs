using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Server.Ingest;

/// <summary>Reads the sessions into memory after the start and has them follow the ledger. Until a tenant's are read, and whenever they are not, SQL answers.</summary>
internal sealed class SessionMemoryKeeper(ISessionMemory memory, TimeProvider clock, ILogger<SessionMemoryKeeper> log) : BackgroundService
{
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield(); // the first reading takes seconds, and the server starts meanwhile
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await memory.KeepAsync(clock, Tell, stoppingToken);
            }
            catch (Exception cause) when (cause is not OperationCanceledException)
            {
                SessionMemoryLog.Failed(log, cause);
                await Task.Delay(AgainAfter, clock, stoppingToken);
            }
        }
    }

    private void Tell(TenantId tenant, SessionMemoryOutcome outcome)
    {
        if (outcome is SessionMemoryOutcome.Ready)
            SessionMemoryLog.Ready(log, tenant, memory.Bytes);
        else
            SessionMemoryLog.TooLarge(log, tenant);
    }
}

/// <summary>What the keeping of sessions in memory says. Event ids 2300-2399.</summary>
internal static partial class SessionMemoryLog
{
    [LoggerMessage(2301, LogLevel.Information, "Lists of tenant {Tenant} are answered from memory; all tenants' sessions take {Bytes} bytes")]
    public static partial void Ready(ILogger log, TenantId tenant, long bytes);

    [LoggerMessage(2302, LogLevel.Warning, "The sessions of tenant {Tenant} take more memory than Ledger:ColumnsMiB allows: its lists are answered by SQL, which takes longer")]
    public static partial void TooLarge(ILogger log, TenantId tenant);

    [LoggerMessage(2303, LogLevel.Warning, "Sessions could not be read into memory and will be again; lists are answered by SQL meanwhile")]
    public static partial void Failed(ILogger log, Exception cause);
}
