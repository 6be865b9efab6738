using System.Text;
using Rollcall.Cli.Sample;

namespace Rollcall.Tests.Core.Tabular.Deflate;

/// <summary>Bytes to compress, and marks that may or may not be true of them.</summary>
internal sealed record DeflateCase(string Name, byte[] Bytes, int[] Marks, int Columns)
{
    private const int ManyBytes = 5_000_000;

    /// <summary>What a compressor of this kind would get wrong: limits of the format, of the block and of the window.</summary>
    public static IEnumerable<DeflateCase> Adversarial()
    {
        var random = SplitMix64.For(1, "adversarial");
        yield return new("nothing", [], [], 3);
        yield return new("one byte", [7], [0, 1], 1);
        yield return new("every byte once", [.. Enumerable.Range(0, 256).Select(b => (byte)b)], [], 1);
        yield return new("noise, longer than a stored block holds", Noise(random, 200_000), [], 1);
        yield return new("noise, as long as a stored block holds", Noise(random, ushort.MaxValue), [], 1);
        yield return new("one byte over and over, unmarked", new byte[ManyBytes], [], 1);
        yield return new("one byte over and over, marked", new byte[ManyBytes], [.. Steps(0, ManyBytes, 1000)], 1);
        yield return new("one mark at the end of a long text", Repeated(random, ManyBytes), [ManyBytes], 1);
        yield return new("counts that want codes of more than 15 bits", Fibonacci(), [], 1);
        yield return new("marks that are lies", Noise(random, 5000), [-5, 9, 3, 3, 4000, 4999, 5000, 6000, int.MaxValue, int.MinValue, 4500], 2);
        yield return new("rows as long as the window", Rows(random, 8, 32_768), [.. Steps(100, 8 * 32_768, 32_768)], 1);
        yield return new("rows longer than the window", Rows(random, 8, 32_769), [.. Steps(100, 8 * 32_769, 32_769)], 1);
        yield return new("more matches than a block holds", Rows(random, 300_000, 12), [.. Steps(8, 300_000 * 12, 12)], 1);
        foreach (var length in Enumerable.Range(255, 10).Concat(Enumerable.Range(513, 10)))
            yield return new($"a match of {length}", [.. Noise(random, 10), 1, .. new byte[length], 2, .. Noise(random, 10), 1, .. new byte[length], 3], [10, 22 + length], 1);
    }

    /// <summary>A case of any kind; the same seed, the same case.</summary>
    public static DeflateCase Random(ulong seed)
    {
        var random = SplitMix64.For(seed, "deflate");
        var bytes = Enumerable.Range(0, random.Between(1, 6)).SelectMany(_ => Piece(random, random.Between(0, 3000))).ToArray();
        var marks = Enumerable.Range(0, random.Between(0, 200)).Select(_ => random.Between(0, bytes.Length)).ToArray();
        if (random.Chance(70))
            Array.Sort(marks);

        return random.Chance(40) ? Table(seed, random) : new($"random {seed}", bytes, marks, random.Between(1, 12));
    }

    // Rows as the writer makes them, with values that keep, change in the middle, or are new.
    private static DeflateCase Table(ulong seed, SplitMix64 random)
    {
        var columns = random.Between(1, 30);
        var values = new string[columns];
        var text = new StringBuilder("<sheetData>");
        var marks = new List<int>();
        for (var row = random.Between(1, 200); row > 0; row--)
        {
            text.Append("<row>");
            for (var column = 0; column < columns; column++)
            {
                if (values[column] is null || random.Chance(50))
                    values[column] = random.Chance(50) ? random.Next().ToString("x") : $"user-{random.Between(1, 40)}@example";

                text.Append("<c t=\"inlineStr\"><is><t>").Append(values[column]);
                marks.Add(text.Length);
                text.Append("</t></is></c>");
            }

            text.Append("</row>");
        }

        return new($"table {seed}", Encoding.ASCII.GetBytes(text.ToString()), [.. marks], columns);
    }

    private static byte[] Piece(SplitMix64 random, int length) => random.Between(0, 4) switch
    {
        0 => Noise(random, length),
        1 => [.. Enumerable.Repeat((byte)random.Next(), length)],
        2 => Repeated(random, length),
        3 => [.. Enumerable.Range(0, length).Select(_ => (byte)random.Between('a', 'c'))],
        _ => [.. Enumerable.Range(0, length).Select(i => (byte)(i / 7))],
    };

    private static byte[] Noise(SplitMix64 random, int length) => [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next())];

    private static byte[] Repeated(SplitMix64 random, int length)
    {
        var phrase = Noise(random, random.Between(1, 500));
        return [.. Enumerable.Range(0, length).Select(i => phrase[i % phrase.Length])];
    }

    // Equal but for four bytes in each row.
    private static byte[] Rows(SplitMix64 random, int rows, int rowBytes)
    {
        var bytes = new byte[rows * rowBytes];
        for (var row = 0; row < rows; row++)
            BitConverter.TryWriteBytes(bytes.AsSpan((row * rowBytes) + 2), (int)random.Next());

        return bytes;
    }

    // Each symbol as often as the two before it together: the tree is a single branch, 28 deep.
    private static byte[] Fibonacci()
    {
        var bytes = new List<byte>();
        var (a, b) = (1, 1);
        for (byte symbol = 0; symbol < 28; symbol++)
        {
            bytes.AddRange(Enumerable.Repeat(symbol, a));
            (a, b) = (b, a + b);
        }

        return [.. bytes];
    }

    private static IEnumerable<int> Steps(int from, int to, int step)
    {
        for (var at = from; at <= to; at += step)
            yield return at;
    }
}
