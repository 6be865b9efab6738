using Rollcall.Bench.Fleet;
using Rollcall.Bench.Rows;

namespace Rollcall.Bench.Runs;

/// <summary>What the bars of one run share: the rows, the workshop, and measurements that serve more than one bar.</summary>
/// <param name="ledgersFolder">Where filled ledgers are kept for the next run; null when they end with this one.</param>
internal sealed class BenchRun(long rows, ulong seed, FleetScale fleet, Workshop workshop, string? ledgersFolder)
{
    private readonly Dictionary<string, Task<object>> _shared = new(StringComparer.Ordinal);

    /// <summary>Rows of the run, as given by <c>--rows</c>.</summary>
    public long Rows => rows;

    public ulong Seed => seed;

    public FleetScale Fleet => fleet;

    public Workshop Workshop => workshop;

    public string? LedgersFolder => ledgersFolder;

    /// <summary>Measures once a run, whichever bar comes first.</summary>
    public async Task<T> OnceAsync<T>(string name, Func<Task<T>> measure)
        where T : notnull
    {
        if (!_shared.TryGetValue(name, out var task))
            _shared.Add(name, task = MeasureAsync());

        return (T)await task;

        async Task<object> MeasureAsync() => await measure();
    }

    /// <summary>The path of the rows that both sides write, see <see cref="Pool"/>.</summary>
    public string PoolPath()
    {
        var path = workshop.PathOf("pool.tsv");
        if (!File.Exists(path))
        {
            var bytes = Pool.Write(path, seed, rows);
            Console.Error.WriteLine($"{SessionText.Headers.Length} columns, {bytes:F0} bytes a row as TSV");
        }

        return path;
    }
}
