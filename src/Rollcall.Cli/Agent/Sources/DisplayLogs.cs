using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Xrdp;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>
/// The displays' logs. Each lies in the folder of its user, who may write there what and as much as they like: so the folders are read by
/// turns, each within its allowance, and nobody waits for one that has used it up.
/// </summary>
internal sealed class DisplayLogs : IDisposable
{
    /// <summary>Logs followed at once, in all folders.</summary>
    public const int LogsMax = 2_000;

    /// <summary>Bytes read in one look, in all folders; whose turn did not come is first in the next look.</summary>
    public const int LookBytesMax = 4 * 1024 * 1024;

    /// <summary>Logs with troubles that the status lists.</summary>
    private const int TroublesMax = 20;

    private readonly byte[] buffer = new byte[UserFolder.TurnBytesMax + UsersLineRoom];
    private readonly Dictionary<string, UserFolder> folders = [];
    private readonly List<UserFolder> order = [];
    private readonly string glob;
    private readonly TimeZoneInfo zone;
    private readonly Tally tally;
    private readonly AgentState resumed;
    private FolderSearch? found;
    private DateTimeOffset? searchedAt;
    private int turn;
    private bool isCaughtUp;

    /// <param name="glob">Paths, with * in any part.</param>
    public DisplayLogs(string glob, TimeZoneInfo zone, Tally tally, AgentState state) => (this.glob, this.zone, this.tally, resumed) = (glob, zone, tally, state);

    /// <summary>Turns of a folder in one look: whoever puts another empty file in a log's place for each turn has always more to read, and never reads a byte.</summary>
    private const int PassesMax = 64;

    /// <summary>For a line begun in one turn and ended in the next.</summary>
    private const int UsersLineRoom = 8 * 1024;

    /// <summary>What lay there at the start is still being read, and should be before sesman's log goes on. Never again once it was read.</summary>
    public bool HasMore { get; private set; }

    private IEnumerable<FollowedLog> Logs => order.SelectMany(f => f.Logs);

    /// <summary>Looks for logs, and at each that is followed.</summary>
    public void Look(Moment now, Action<DisplayChanged> take)
    {
        Find(now.At);
        var left = (long)LookBytesMax;
        var hungry = order.Select((_, i) => order[(turn + i) % order.Count]).ToList();
        for (var pass = 0; hungry.Count > 0 && pass < PassesMax; pass++)
        {
            var again = new List<UserFolder>();
            foreach (var folder in hungry)
            {
                if (left <= 0)
                {
                    turn = order.IndexOf(folder);
                    break;
                }

                left -= folder.Read(zone, tally, now, take);
                if (folder.MayReadOn)
                    again.Add(folder);
            }

            hungry = left > 0 ? again : [];
        }

        isCaughtUp |= !order.Exists(f => f.MayReadOn);
        HasMore = !isCaughtUp;
    }

    public void Keep(AgentState state)
    {
        foreach (var log in Logs)
        {
            if (log.Keep() is { } kept)
                state.Files[log.Text.File.Path] = kept;
        }
    }

    public IEnumerable<SourceStatus> Describe()
    {
        var reasons = found is null ? null : string.Join("; ", new[] { $"{Logs.Count()} displays", found.Trouble }.OfType<string>());
        yield return new SourceStatus { Kind = "xorgxrdp", Name = glob, State = found is { IsBlind: true } ? "unreadable" : "following", Reason = reasons };
        foreach (var log in Logs.Where(l => l.Text.File.Trouble is not null).Take(TroublesMax))
            yield return log.Text.Describe("xorgxrdp");
    }

    public void Dispose()
    {
        foreach (var log in Logs)
            log.Dispose();
    }

    private void Find(DateTimeOffset now)
    {
        found = FolderSearch.Expand(glob);
        foreach (var paths in found.Files.GroupBy(p => Path.GetDirectoryName(p)!, StringComparer.Ordinal))
            Choose(paths.Key, [.. paths]);

        searchedAt = now;
    }

    private void Choose(string path, List<string> paths)
    {
        var known = folders.GetValueOrDefault(path);
        var followed = known?.Logs.ConvertAll(l => l.Text.File.Path) ?? [];
        if (paths.TrueForAll(followed.Contains))
            return;

        var wanted = paths.OrderByDescending(File.GetLastWriteTimeUtc).ThenBy(p => p, StringComparer.Ordinal).Take(UserFolder.LogsMax).ToList();
        foreach (var one in wanted.Except(followed))
        {
            if (Logs.Count() >= LogsMax && !ReleaseGone())
            {
                tally.Note("more displays' logs than are followed: some disconnects are not seen", new Spot(one, 0));
                return;
            }

            known ??= Add(path);
            Release(known, wanted);
            var bookmark = resumed.Files.GetValueOrDefault(one);
            known.Logs.Add(new FollowedLog(new FollowedText(one, Framing.UsersLines, LinkPolicy.Refuse, bookmark, tally, searchedAt, buffer), bookmark));
        }
    }

    private UserFolder Add(string path)
    {
        var folder = new UserFolder(path);
        folders.Add(path, folder);
        order.Add(folder);
        return folder;
    }

    /// <summary>Makes room for one more.</summary>
    private static void Release(UserFolder folder, List<string> wanted)
    {
        if (folder.Logs.Count < UserFolder.LogsMax || folder.Logs.Find(l => !wanted.Contains(l.Text.File.Path)) is not { } old)
            return;

        old.Dispose();
        folder.Logs.Remove(old);
    }

    /// <summary>Lets go of logs that were deleted; false when there are none.</summary>
    private bool ReleaseGone()
    {
        var gone = Logs.Where(l => !File.Exists(l.Text.File.Path)).ToHashSet();
        foreach (var one in gone)
            one.Dispose();
        order.ForEach(f => f.Logs.RemoveAll(gone.Contains));
        return gone.Count > 0;
    }
}
