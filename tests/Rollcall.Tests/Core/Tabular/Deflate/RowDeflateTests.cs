using Rollcall.Cli.Sample;
using Rollcall.Core.Tabular;
using Rollcall.Core.Tabular.Deflate;

namespace Rollcall.Tests.Core.Tabular.Deflate;

public sealed class RowDeflateTests
{
    [Fact]
    public async Task Adversarial_bytes_inflate_to_themselves_in_two_programs()
    {
        var streams = DeflateCase.Adversarial().Select(input => (input, Inflating.Deflate(input))).ToList();

        Assert.All(streams, stream => Assert.True(stream.input.Bytes.AsSpan().SequenceEqual(Inflating.ByBaseLibrary(stream.Item2)), stream.input.Name));
        await Inflating.AssertZlibAgreesAsync(streams);
    }

    [Fact]
    public Task Random_bytes_with_random_marks_inflate_to_themselves_in_two_programs() => FuzzAsync(firstSeed: 0, count: 300);

    [Fact, Trait("Category", "Long")]
    public async Task Many_random_bytes_with_random_marks_inflate_to_themselves_in_two_programs()
    {
        const int rounds = 20, perRound = 1000;
        for (ulong round = 1; round <= rounds; round++)
            await FuzzAsync(round * perRound, perRound);
    }

    [Fact]
    public void Noise_is_stored_and_grows_by_five_bytes_a_block()
    {
        var noise = DeflateCase.Adversarial().Single(input => input.Name.StartsWith("noise, longer", StringComparison.Ordinal));

        const int pieces = 4, pieceBytes = 5, flushBytes = 5, finalBytes = 2;
        Assert.InRange(Inflating.Deflate(noise).Length, noise.Bytes.Length, noise.Bytes.Length + (pieces * pieceBytes) + flushBytes + finalBytes);
    }

    [Fact]
    public void Rows_that_differ_in_one_value_take_a_fraction_of_what_the_base_library_needs()
    {
        var rows = Enumerable.Range(0, 500).Select(i => $"<c><is><t>a value that stays as it is</t></is></c><c><is><t>{i:D9}</t></is></c>").ToArray();
        var bytes = System.Text.Encoding.ASCII.GetBytes(string.Concat(rows));
        var marks = Enumerable.Range(0, 500).SelectMany(i => new[] { (i * rows[0].Length) + 37, ((i + 1) * rows[0].Length) - 13 }).ToArray();
        using var buffer = new Utf8Buffer(1 << 10);
        using var deflate = new StreamDeflate();
        deflate.Add(bytes, marks, 2, buffer);
        deflate.End(buffer);

        Assert.InRange(Inflating.Deflate(new("rows", bytes, marks, 2)).Length, 1, buffer.Length * 3 / 4);
    }

    [Fact]
    public void The_same_bytes_and_marks_give_the_same_stream_whatever_came_before()
    {
        var (one, other) = (DeflateCase.Random(1), DeflateCase.Random(2));
        using var deflate = new RowDeflate();
        using var fresh = new Utf8Buffer(1 << 10);
        using var used = new Utf8Buffer(1 << 10);
        deflate.Add(one.Bytes, one.Marks, one.Columns, fresh);
        deflate.Add(other.Bytes, other.Marks, other.Columns, used);
        used.Clear();
        deflate.Add(one.Bytes, one.Marks, one.Columns, used);

        Assert.True(fresh.Waiting.Span.SequenceEqual(used.Waiting.Span));
    }

    [Fact]
    public void Compressing_allocates_nothing_once_it_is_warm()
    {
        var input = DeflateCase.Random(4);
        using var deflate = new RowDeflate();
        using var packed = new Utf8Buffer(1 << 20);
        deflate.Add(input.Bytes, input.Marks, input.Columns, packed);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            packed.Clear();
            deflate.Add(input.Bytes, input.Marks, input.Columns, packed);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Some in one chunk, some cut into several: their blocks follow each other.
    private static async Task FuzzAsync(ulong firstSeed, int count)
    {
        var streams = new List<(DeflateCase, byte[])>();
        for (var seed = firstSeed; seed < firstSeed + (ulong)count; seed++)
        {
            var input = DeflateCase.Random(seed);
            var random = SplitMix64.For(seed, "cuts");
            var cuts = Enumerable.Range(0, random.Between(0, 3)).Select(_ => random.Between(0, input.Bytes.Length)).Order().ToArray();
            var packed = Inflating.Deflate(input, cuts);
            Assert.True(input.Bytes.AsSpan().SequenceEqual(Inflating.ByBaseLibrary(packed)), input.Name);
            streams.Add((input, packed));
        }

        await Inflating.AssertZlibAgreesAsync(streams);
    }
}
