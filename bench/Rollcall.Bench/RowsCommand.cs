using System.Globalization;
using System.Text;
using Rollcall.Bench.Rows;

namespace Rollcall.Bench;

/// <summary><c>rows COUNT [SEED]</c>: prints made-up sessions of all tenants as TSV, in order of start.</summary>
internal static class RowsCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        var seed = SessionRows.SeedDefault;
        if (arguments.Count is not (1 or 2)
            || !long.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > SessionRows.CountMax
            || (arguments.Count == 2 && !ulong.TryParse(arguments[1], NumberStyles.None, CultureInfo.InvariantCulture, out seed)))
        {
            await Console.Error.WriteLineAsync($"rows COUNT [SEED]: at most {SessionRows.CountMax} rows");
            return 2;
        }

        await using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
        await output.WriteLineAsync(string.Join('\t', SessionText.Headers).AsMemory(), cancel);
        foreach (var facts in SessionRows.InOrder(seed, count))
            await output.WriteLineAsync(string.Join('\t', SessionText.Of(facts)).AsMemory(), cancel);

        return 0;
    }
}
