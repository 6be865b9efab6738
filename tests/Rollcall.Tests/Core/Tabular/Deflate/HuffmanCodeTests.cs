using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Tabular.Deflate;

namespace Rollcall.Tests.Core.Tabular.Deflate;

public sealed class HuffmanCodeTests
{
    [Theory]
    [InlineData(19, 7)]
    [InlineData(30, 15)]
    [InlineData(286, 15)]
    public void Any_counts_give_a_complete_code_within_its_limit(int symbols, int bitsMax)
    {
        var code = new HuffmanCode(symbols, bitsMax);
        var count = Gen.OneOf(Gen.Constant(0), Gen.Choose(0, 3), Gen.Choose(0, 1 << 21), Gen.Choose(0, 20).Select(power => 1 << power));
        Prop.ForAll(count.ArrayOf(symbols).ToArbitrary(), counts =>
        {
            code.Make(counts);

            Assert.All(counts.Zip(code.Bits), pair => Assert.True(pair.First == 0 || pair.Second > 0, "what occurs has a code"));
            Assert.All(code.Bits, bits => Assert.InRange(bits, 0, bitsMax));
            // Kraft's sum: neither a bit pattern without a symbol nor one with two.
            Assert.Equal(1 << bitsMax, code.Bits.Where(bits => bits > 0).Sum(bits => 1 << (bitsMax - bits)));
            Assert.Equal(code.Bits.Count(bits => bits > 0), code.Bits.Zip(code.Codes).Where(pair => pair.First > 0).Distinct().Count());
        }).QuickCheckThrowOnFailure();
    }

    // The example of RFC 1951, 3.2.2: lengths 3, 3, 3, 3, 3, 2, 4, 4 give 010, 011, 100, 101, 110, 00, 1110, 1111.
    [Fact]
    public void The_example_of_the_specification_gets_its_codes()
    {
        var code = new HuffmanCode(8, 15);
        code.Make([4, 4, 4, 4, 4, 8, 2, 2]);

        Assert.Equal([3, 3, 3, 3, 3, 2, 4, 4], code.Bits);
        Assert.Equal(["010", "011", "100", "101", "110", "00", "1110", "1111"], code.Bits.Zip(code.Codes).Select(pair => Written(pair.Second, pair.First)));
    }

    private static string Written(ushort reversed, int bits) =>
        string.Concat(Enumerable.Range(0, bits).Select(bit => ((reversed >> bit) & 1) == 0 ? '0' : '1'));
}
