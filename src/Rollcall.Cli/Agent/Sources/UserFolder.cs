using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Xrdp;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>The displays' logs in one folder, which a user may fill with anything, and what this user may still cost.</summary>
/// <remarks>
/// An allowance of bytes, refilled as time passes: a log of a day is read at once, one that grows without end only so fast. What is not
/// read now is read later, so nothing is lost to whoever writes no more than an X server does.
/// </remarks>
internal sealed class UserFolder(string path)
{
    /// <summary>Logs followed in one folder: the newest, one for each display its user had lately.</summary>
    public const int LogsMax = 8;

    /// <summary>Bytes of one log read in one turn.</summary>
    public const int TurnBytesMax = 32 * 1024;

    /// <summary>Bytes that may be read at once after a pause; a log of a day has some 20 KiB.</summary>
    public const int AllowanceBytesMax = 512 * 1024;

    /// <summary>Bytes a second by which the allowance is refilled.</summary>
    public const int RefillBytesMax = 32 * 1024;

    /// <summary>What one change of a display costs of the allowance: it makes an event, which is dearer than the line.</summary>
    public const int ChangeCostBytes = 2 * 1024;

    private long allowance = AllowanceBytesMax;
    private TimeSpan? filledAt;
    private int turn;

    public string Path => path;

    public List<FollowedLog> Logs { get; } = [];

    /// <summary>There is something to read, and it may be read now.</summary>
    public bool MayReadOn => allowance >= TurnBytesMax && Logs.Exists(l => l.Text.File.HasMore);

    /// <summary>Gives each of the logs a turn, as far as the allowance goes; the bytes that were read.</summary>
    public long Read(TimeZoneInfo zone, Tally tally, Moment now, Action<DisplayChanged> take)
    {
        Refill(now);
        var read = 0L;
        for (var i = 0; i < Logs.Count && allowance >= TurnBytesMax; i++)
        {
            turn = (turn + 1) % Logs.Count;
            var log = Logs[turn];
            foreach (var line in log.Read(zone, tally, now, TurnBytesMax))
            {
                if (log.Reader!.TakeDisplay(line) is not { } change)
                    continue;

                log.Text.LastAt = change.At;
                allowance -= ChangeCostBytes;
                take(change);
            }

            (read, allowance) = (read + log.Text.File.ReadBytes, allowance - log.Text.File.ReadBytes);
        }

        return read;
    }

    private void Refill(Moment now)
    {
        var since = filledAt is { } at ? now.Ran - at : TimeSpan.Zero;
        allowance = (long)Math.Min(AllowanceBytesMax, allowance + (since.TotalSeconds * RefillBytesMax));
        filledAt = now.Ran;
    }
}
