using System.Text;
using Rollcall.Cli.Agent.Buffering;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

public sealed class EventBufferTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private long dropped;

    [Fact]
    public void What_was_written_is_there_after_a_kill_in_its_order()
    {
        var first = Open();
        Append(first, "1", "2");
        Append(first, "3");
        // The process is killed: nothing is closed.
        using var second = Open();
        Append(second, "4");

        Assert.Equal(4, second.Count);
        Assert.Equal(["1", "2", "3", "4"], Drain(second));
        Assert.Equal((0, 0), (second.Count, second.SizeBytes));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.ndjson"));
    }

    [Fact]
    public void A_line_that_a_kill_tore_is_cut_off_and_the_others_stay()
    {
        Append(Open(), "1", "2");
        File.AppendAllText(Assert.Single(Directory.GetFiles(folder.Path, "*.ndjson")), "{\"torn");

        using var second = Open();
        Assert.Equal(["1", "2"], Drain(second));
    }

    [Fact]
    public void A_file_that_holds_nothing_but_a_torn_line_is_removed()
    {
        File.WriteAllText(folder.File("000000000001.ndjson"), "{\"torn");

        using var buffer = Open();
        Assert.Null(buffer.Oldest());
        Assert.Empty(Directory.GetFiles(folder.Path, "*.ndjson"));
    }

    [Fact]
    public void What_was_not_answered_for_is_given_again()
    {
        using (var first = Open())
        {
            Append(first, "1");
            Assert.Equal(["1"], Texts(first.Oldest()!));
        }

        using var second = Open();
        Assert.Equal(["1"], Texts(second.Oldest()!));
    }

    [Fact]
    public void What_is_written_while_the_oldest_is_sent_waits_for_its_turn()
    {
        using var buffer = Open();
        Append(buffer, "1");
        Assert.Equal(["1"], Texts(buffer.Oldest()!));
        Append(buffer, "2");
        buffer.Remove();

        Assert.Equal(["2"], Texts(buffer.Oldest()!));
    }

    [Fact]
    public void Beyond_its_bound_the_oldest_are_dropped_and_counted()
    {
        using var buffer = Open(bytesMax: 8_000);
        for (var i = 0; i < 100; i++)
            Append(buffer, $"{i:D199}");

        Assert.InRange(buffer.SizeBytes, 1, 8_000);
        Assert.Equal(100, buffer.Count + dropped);
        Assert.Equal($"{dropped:D199}", Drain(buffer)[0]);
    }

    public void Dispose() => folder.Dispose();

    private EventBuffer Open(long bytesMax = 1_000_000) => new(folder.Path, bytesMax, count => dropped += count);

    private static void Append(EventBuffer buffer, params string[] events) => buffer.Append([.. events.Select(Encoding.UTF8.GetBytes)]);

    private static string[] Texts(IEnumerable<byte[]> events) => [.. events.Select(Encoding.UTF8.GetString)];

    private static List<string> Drain(EventBuffer buffer)
    {
        var all = new List<string>();
        while (buffer.Oldest() is { } events)
        {
            all.AddRange(Texts(events));
            buffer.Remove();
        }

        return all;
    }
}
