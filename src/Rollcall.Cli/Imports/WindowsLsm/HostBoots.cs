using System.Globalization;
using Rollcall.Cli.Events;

namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>Follows when one host ran, so that session numbers of two boots stay apart.</summary>
/// <remarks>
/// One start and one stop are written up several times. Kernel-General says it best; the event log service also stops and starts alone,
/// so its events count only where a host's records hold no better ones (docs/contracts/windows-events.md, section 3).
/// </remarks>
internal sealed class HostBoots
{
    /// <summary>How long a host takes to go down: what says so again within this time means the same stop.</summary>
    private static readonly TimeSpan StopMax = TimeSpan.FromMinutes(15);

    private readonly int? startId, stopId;
    private DateTimeOffset? stoppedAt;
    private bool isDown;

    /// <param name="records">All records of one host that the files hold.</param>
    public HostBoots(IReadOnlyCollection<LsmRecord> records)
    {
        var held = records.Where(r => r.Log == WindowsLog.System).Select(r => r.EventId).ToHashSet();
        startId = BestOf(held, SystemEventId.KernelStarted, SystemEventId.LogStarted, SystemEventId.StopWasUnexpected);
        stopId = BestOf(held, SystemEventId.KernelStopped, SystemEventId.LogStopped);
    }

    /// <summary>Of the boot the host is in; null when the files do not show its start.</summary>
    public string? BootId { get; private set; }

    /// <summary>The type of event that a record of the System log makes; null, with the reason, when it makes none.</summary>
    public string? TypeOf(LsmRecord record, out string reason)
    {
        if (record.EventId == startId)
            return Start(record, out reason);

        if (record.EventId == stopId)
            return Stop(record, out reason);

        reason = record.EventId switch
        {
            SystemEventId.ShutdownAsked => "event 1074 says who asked for a shutdown, not that the host went down",
            SystemEventId.StopWasUnexpected => "event 6008 (the stop before was unexpected) says with a start what the start says too",
            _ => $"event {record.EventId} says again what Kernel-General said of a start or stop",
        };
        return null;
    }

    /// <summary>A stop, also one that the session log tells.</summary>
    public string? Stop(LsmRecord record, out string reason)
    {
        reason = $"event {record.EventId} says again that the host goes down";
        if (isDown && record.At - stoppedAt <= StopMax)
            return null;

        (isDown, stoppedAt) = (true, record.At);
        return EventTypes.HostStopped;
    }

    /// <summary>Somebody logged on. After a stop that is in a boot whose start the files do not hold.</summary>
    public void LoggedOn()
    {
        if (stoppedAt is not null)
            BootId = null;

        (isDown, stoppedAt) = (false, null);
    }

    /// <summary>A session showed life: what says next that the host goes down says something new.</summary>
    public void Alive() => isDown = false;

    private string Start(LsmRecord record, out string reason)
    {
        reason = "";
        (isDown, stoppedAt) = (false, null);
        BootId = record.At.ToString("'boot-'yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        return EventTypes.HostStarted;
    }

    private static int? BestOf(HashSet<int> held, params ReadOnlySpan<int> bestFirst)
    {
        foreach (var id in bestFirst)
        {
            if (held.Contains(id))
                return id;
        }

        return null;
    }
}
