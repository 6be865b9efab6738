using Rollcall.Cli.Imports.Xrdp;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>The newest changes of the displays, by log. Whoever writes more of them than are kept loses their own oldest, and nobody else's.</summary>
internal sealed class DisplayFacts
{
    /// <summary>Changes kept of one log: a display whose client comes and goes ten times a day has these in ten days, and what was told needs no keeping but for the count of clients.</summary>
    public const int LogMax = 200;

    /// <summary>Changes kept in all; beyond it the log that has most loses its oldest.</summary>
    public const int AllMax = 20_000;

    private readonly Dictionary<string, Queue<DisplayChanged>> byLog = [];
    private int count;

    public int Count => count;

    public IEnumerable<DisplayChanged> All => byLog.Values.SelectMany(of => of);

    /// <summary>Takes one; the one that had to go for it, null when there was room.</summary>
    public DisplayChanged? Add(DisplayChanged change)
    {
        var file = change.Line.Spot.File;
        if (!byLog.TryGetValue(file, out var of))
            byLog[file] = of = [];

        of.Enqueue(change);
        count++;
        if (of.Count <= LogMax && count <= AllMax)
            return null;

        count--;
        return of.Count > LogMax ? of.Dequeue() : byLog.Values.MaxBy(o => o.Count)!.Dequeue();
    }

    /// <summary>Lets go of all others.</summary>
    public void Keep(Predicate<DisplayChanged> isNeeded)
    {
        foreach (var (file, of) in byLog.ToList())
        {
            var kept = of.Where(c => isNeeded(c)).ToList();
            count -= of.Count - kept.Count;
            if (kept.Count == 0)
                byLog.Remove(file);
            else
                byLog[file] = new Queue<DisplayChanged>(kept);
        }
    }
}
