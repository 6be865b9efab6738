using System.Globalization;
using Rollcall.Core.Backups;

namespace Rollcall.Server.Backups;

/// <summary>Tells on the error output how far long work is, now and then: short work says nothing.</summary>
internal sealed class ProgressPrinter(TimeProvider clock, TextWriter error)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private long toldAt = clock.GetTimestamp();

    public void Tell(LedgerProgress progress)
    {
        if (clock.GetElapsedTime(toldAt) < Pause)
            return;

        toldAt = clock.GetTimestamp();
        error.WriteLine(progress.All is { } all
            ? string.Create(CultureInfo.InvariantCulture, $"{progress.Done} of {all} {progress.Doing}")
            : string.Create(CultureInfo.InvariantCulture, $"{progress.Done} {progress.Doing}"));
    }
}
