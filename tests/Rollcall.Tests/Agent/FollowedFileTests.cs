using System.IO.Compression;
using System.Text;
using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Imports;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

public sealed class FollowedFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly Tally tally = new();
    private readonly List<string> taken = [];
    private DateTimeOffset now = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);
    private FollowedFile file;

    public FollowedFileTests() => file = Open(null);

    private string Log => folder.File("a.log");

    [Fact]
    public void A_line_is_taken_when_its_end_is_there_and_not_before()
    {
        Append("one\ntw");
        Read();
        Assert.Equal(["one"], taken);

        Append("o\n");
        Read();
        Assert.Equal(["one", "two"], taken);
    }

    [Fact]
    public void Half_a_character_waits_for_its_other_half()
    {
        var bytes = "bjørn\n"u8.ToArray();
        Append(bytes[..3]);
        Read();
        Append(bytes[3..]);
        Read();

        Assert.Equal(["bjørn"], taken);
    }

    [Fact]
    public void A_file_that_was_moved_away_is_finished_before_the_new_one_is_begun()
    {
        Append("one\n");
        Read();
        File.Move(Log, folder.File("a.log.1"));
        Append("three\n");
        Read();
        File.AppendAllText(folder.File("a.log.1"), "two\n"); // its writer has not reopened yet
        Drain();

        Assert.Equal(["one", "two", "three"], taken);
    }

    [Fact]
    public void The_last_line_of_a_file_that_was_moved_away_needs_no_end()
    {
        Append("one\ntwo");
        Read();
        File.Move(Log, folder.File("a.log.1"));
        Append("three\n");
        Drain();

        Assert.Equal(["one", "two", "three"], taken);
    }

    [Fact]
    public void A_rotation_that_nobody_saw_loses_nothing()
    {
        Append("one\n");
        Read();
        var position = Close();
        Append("two\n");
        File.Move(Log, folder.File("a.log.1"));
        Append("three\n");
        file = Open(position);
        Drain();

        Assert.Equal(["one", "two", "three"], taken);
    }

    [Fact]
    public void Two_rotations_that_nobody_saw_lose_nothing_although_the_first_was_packed()
    {
        Append("one\n");
        Read();
        var position = Close();
        Append("two\n");
        Pack("a.log.2.gz", age: 2);
        Append("three\n");
        File.Move(Log, folder.File("a.log.1"));
        File.SetLastWriteTimeUtc(folder.File("a.log.1"), DateTime.UnixEpoch.AddYears(50).AddDays(-1));
        Append("four\n");
        file = Open(position);
        Drain();

        Assert.Equal(["one", "two", "three", "four"], taken);
    }

    [Fact]
    public void A_file_that_was_copied_and_emptied_is_read_from_its_beginning_and_the_copy_to_its_end()
    {
        Append("one\n");
        Read();
        Append("two\n");
        File.Copy(Log, folder.File("a.log.1"));
        File.WriteAllText(Log, "");
        Append("3\n");
        Drain();

        Assert.Equal(["one", "two", "3"], taken);
    }

    [Fact]
    public void A_file_that_was_emptied_and_has_grown_beyond_its_old_length_is_noticed()
    {
        Append("one\n");
        Read();
        File.WriteAllText(Log, "a much longer line\n");
        Drain();

        Assert.Equal(["one", "a much longer line"], taken);
        Assert.Contains(tally.Notes, n => n.Reason.Contains("was not found", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_was_empty_at_the_last_look_and_then_filled_copied_and_emptied_loses_nothing()
    {
        Append("");
        now = TimeProvider.System.GetUtcNow(); // what is compared are the times of files
        Read();
        var position = Close();
        Append("one\n");
        File.Copy(Log, folder.File("a.log.1"));
        File.WriteAllText(Log, "");
        Append("two\n");
        file = Open(position);
        Drain();

        Assert.Equal(["one", "two"], taken);
    }

    [Fact]
    public void What_was_moved_away_is_finished_also_when_each_run_is_killed_after_one_look()
    {
        Append("one\n");
        Read();
        var position = Close();
        for (var i = 0; i < 30; i++)
        {
            Append($"{i}\n");
            File.Move(Log, folder.File($"a.log.{i}"));
            File.SetLastWriteTimeUtc(folder.File($"a.log.{i}"), DateTime.UnixEpoch.AddYears(50).AddSeconds(i));
        }

        Append("last\n");
        for (var i = 0; i < 100; i++)
        {
            file = Open(position);
            Read();
            Read();
            position = Close();
        }

        Assert.Equal(["one", .. Enumerable.Range(0, 30).Select(i => $"{i}"), "last"], taken.Distinct());
    }

    [Fact]
    public void A_file_that_was_deleted_is_taken_up_when_it_is_there_again()
    {
        Append("one\n");
        Read();
        File.Delete(Log);
        Read();
        Append("two\n");
        Drain();

        Assert.Equal(["one", "two"], taken);
    }

    [Fact]
    public void A_file_that_comes_later_is_read_from_its_beginning()
    {
        Read();
        Assert.False(file.IsThere);
        Append("one\n");
        Read();

        Assert.Equal(["one"], taken);
    }

    [Fact]
    public void A_line_that_is_too_long_is_passed_over_and_the_next_is_taken()
    {
        Append(new string('x', 300_000) + "\none\n");
        Drain();
        Append(new string('y', 100_000));
        Read();
        var position = Close();
        Append(new string('y', 100_000) + "\ntwo\n");
        file = Open(position);
        Drain();

        Assert.Equal(["one", "two"], taken);
        Assert.Equal(2, tally.Skipped.Sum(s => s.Count));
    }

    [Fact]
    public async Task A_pipe_or_a_link_in_a_users_folder_is_refused_and_nothing_waits_for_it()
    {
        await RealPart.TryRunAsync("/usr/bin/mkfifo", folder.File("pipe"));
        File.CreateSymbolicLink(folder.File("link"), "/etc/passwd");
        foreach (var name in (string[])["pipe", "link"])
        {
            using var refused = new FollowedFile(folder.File(name), Framing.Lines, LinkPolicy.Refuse, null, tally);
            Assert.Empty(refused.Read(now));
            Assert.NotNull(refused.Trouble);
        }
    }

    public void Dispose()
    {
        file.Dispose();
        folder.Dispose();
    }

    private FollowedFile Open(FilePosition? resume) => new(Log, Framing.Lines, LinkPolicy.Follow, resume, tally);

    private FilePosition? Close()
    {
        file.Dispose();
        return file.Resume;
    }

    private void Append(string text) => Append(Encoding.UTF8.GetBytes(text));

    private void Append(byte[] bytes)
    {
        using var log = new FileStream(Log, FileMode.Append);
        log.Write(bytes);
    }

    private void Pack(string name, int age)
    {
        using (var packed = new GZipStream(File.Create(folder.File(name)), CompressionLevel.Fastest))
            packed.Write(File.ReadAllBytes(Log));
        File.Delete(Log);
        File.SetLastWriteTimeUtc(folder.File(name), DateTime.UnixEpoch.AddYears(50).AddDays(-age));
    }

    private void Read()
    {
        foreach (var (bytes, _) in file.Read(now))
            taken.Add(Encoding.UTF8.GetString(bytes.Span).TrimEnd('\n'));
        now += TimeSpan.FromSeconds(1);
    }

    /// <summary>Goes on until a file that was moved away has been silent long enough.</summary>
    private void Drain()
    {
        for (var i = 0; i < 20; i++)
            Read();
    }
}
