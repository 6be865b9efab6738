using System.Text;

namespace Rollcall.Bench.Rows;

/// <summary>Rows that both sides of a comparison hold in memory and write over and over: a TSV file, its first line the header.</summary>
/// <remarks>So neither side is charged for making texts. 256 rows are fourteen of deflate's windows, so no compressor sees one twice, and stay in the second-level cache, as a row does that a scan has just made.</remarks>
internal static class Pool
{
    public const int RowsMax = 256;

    /// <summary>Writes the largest tenant's newest rows out of a run of so many, and returns bytes a row.</summary>
    public static double Write(string path, ulong seed, long rows)
    {
        using var file = new StreamWriter(path, append: false, new UTF8Encoding(false)) { NewLine = "\n" };
        file.WriteLine(string.Join('\t', SessionText.Headers));
        file.Flush();
        var headerBytes = file.BaseStream.Length;
        var count = 0;
        foreach (var facts in SessionRows.LargestTenantNewestFirst(seed, rows * SessionRows.Tenants).Take((int)Math.Min(RowsMax, rows)))
        {
            file.WriteLine(string.Join('\t', SessionText.Of(facts)));
            count++;
        }

        file.Flush();
        return (file.BaseStream.Length - headerBytes) / (double)count;
    }

    public static (string[] Headers, string[][] Rows) Read(string path)
    {
        var lines = File.ReadLines(path).Select(line => line.Split('\t'));
        string[][] all = [.. lines];
        return (all[0], all[1..]);
    }
}
