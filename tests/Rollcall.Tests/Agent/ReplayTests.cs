using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Sshd;
using Rollcall.Cli.Imports.Wtmp;
using Rollcall.Cli.Imports.Xrdp;
using Rollcall.Tests.Cli;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Agent;

/// <summary>Recorded logs written anew second by second, under the eyes of sources that are killed again and again: each time the
/// bookmark is that of an earlier look than the newest.</summary>
public sealed partial class ReplayTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<LedgerEvent> told = [];
    private AgentState bookmark = new();

    public static TheoryData<int> Kills => [1, 3, 7, 50, 100_000];

    [Theory, MemberData(nameof(Kills))]
    public void Xrdps_logs_make_the_events_of_an_import_however_often_the_agent_dies(int killEvery)
    {
        var lines = Written("xrdp-sesman.log").Concat(Written("xrdp.log")).Concat(Written("xorgxrdp.10.log")).OrderBy(l => l.At).ToList();
        Replay(lines, killEvery, state => new XrdpSource(
            folder.File("xrdp-sesman.log"), folder.File("xrdp.log"), folder.File("xorg*.log"), TimeZoneInfo.Utc,
            new XrdpLines("lin-01", TimeZoneInfo.Utc, _ => true, state), state));

        AssertToldAs(ImportData.Read(new XrdpImporter("lin-01", TimeZoneInfo.Utc), Files("xrdp-sesman.log", "xrdp.log", "xorgxrdp.10.log")));
    }

    [Fact]
    public void Xrdps_logs_that_lay_there_before_the_agent_make_the_events_of_an_import()
    {
        foreach (var name in (string[])["xrdp-sesman.log", "xrdp.log", "xorgxrdp.10.log"])
            File.Copy(Path.Combine(ImportData.Root, "samples", "hosts", name), folder.File(name));
        using var source = new XrdpSource(
            folder.File("xrdp-sesman.log"), folder.File("xrdp.log"), folder.File("xorg*.log"), TimeZoneInfo.Utc,
            new XrdpLines("lin-01", TimeZoneInfo.Utc, _ => false, bookmark), bookmark);
        for (var i = 0; i < 5; i++)
            told.AddRange(source.Poll(new DateTimeOffset(2030, 1, 1, 0, 0, i, TimeSpan.Zero)).Select(e => e.Event));

        AssertToldAs(ImportData.Read(new XrdpImporter("lin-01", TimeZoneInfo.Utc), Files("xrdp-sesman.log", "xrdp.log", "xorgxrdp.10.log")));
        Assert.Empty(source.Keep(new AgentState()).XrdpLines);
    }

    [Theory, MemberData(nameof(Kills))]
    public void Sshds_log_makes_the_events_of_an_import_however_often_the_agent_dies(int killEvery)
    {
        var clock = new FakeClock(new DateTimeOffset(2026, 11, 30, 0, 0, 0, TimeSpan.Zero));
        Replay([.. Written("sshd-rfc3164.log")], killEvery, state => new SshdFileSource(
            folder.File("sshd-rfc3164.log"), new SshdTeller("lin-01.example.com", "VM.example.com", _ => true, state), TimeZoneInfo.Utc, state, clock));

        AssertToldAs(ImportData.Read(new SshdImporter(TimeZoneInfo.Utc, 2026), Files("sshd-rfc3164.log")));
        Assert.All(told, e => Assert.Equal("lin-01.example.com", e.Data.Host.Name));
    }

    [Theory, MemberData(nameof(Kills))]
    public void Login_records_make_the_events_of_an_import_however_often_the_agent_dies(int killEvery)
    {
        var bytes = File.ReadAllBytes(Files("wtmp.bin")[0].Name);
        var pieces = bytes.Chunk(100).Select((chunk, i) => new WrittenLine("wtmp.bin", chunk, new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(i))).ToList();
        Replay(pieces, killEvery, state => new WtmpSource(folder.File("wtmp.bin"), "lin-01", new HashSet<string>(), state));

        AssertToldAs(ImportData.Read(new WtmpImporter("lin-01", withTerminals: false), Files("wtmp.bin")));
    }

    [Fact]
    public void Logons_that_sshds_own_log_tells_are_not_taken_from_the_login_records_too()
    {
        File.Copy(Files("wtmp.bin")[0].Name, folder.File("wtmp.bin"));
        using var source = new WtmpSource(folder.File("wtmp.bin"), "lin-01", new HashSet<string> { "sshd" }, bookmark);

        Assert.DoesNotContain(source.Poll(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)), e => e.Event.Type == EventTypes.SessionStarted);
        Assert.True(ImportData.Skipped(source.Tally, "sshd's own log") > 0);
    }

    [Fact]
    public void A_line_of_another_host_in_a_collected_log_is_left_out()
    {
        File.Copy(Files("sshd-rfc3164.log")[0].Name, folder.File("log"));
        using var source = new SshdFileSource(folder.File("log"), new SshdTeller("lin-01", "other", _ => true, bookmark), TimeZoneInfo.Utc, bookmark, TimeProvider.System);

        Assert.Empty(source.Poll(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        Assert.True(ImportData.Skipped(source.Tally, "another host") > 0);
    }

    public void Dispose() => folder.Dispose();

    /// <summary>Writes each line at its time and looks every second; what an agent told and did not note down, it tells again.</summary>
    private void Replay(List<WrittenLine> lines, int killEvery, Func<AgentState, ISource> open)
    {
        var source = open(bookmark);
        var (next, looks) = (0, 0);
        var end = lines[^1].At + TimeSpan.FromSeconds(20);
        for (var now = lines[0].At; now <= end; now += TimeSpan.FromSeconds(1))
        {
            for (; next < lines.Count && lines[next].At <= now; next++)
                lines[next].WriteIn(folder);

            told.AddRange(source.Poll(now).Select(e => e.Event));
            if (++looks % killEvery == 0)
            {
                source.Dispose();
                source = open(bookmark);
                told.AddRange(source.Poll(now).Select(e => e.Event));
            }

            bookmark = Copied(source.Keep(new AgentState()));
        }

        source.Dispose();
    }

    /// <summary>Each event of the import was told, at its time and with its data, and no other; told twice counts once, as in the ledger.</summary>
    private void AssertToldAs(IReadOnlyList<LedgerEvent> imported)
    {
        Assert.NotEmpty(imported);
        Assert.All(told.GroupBy(e => e.Id), same => Assert.Single(same.Select(e => e.Time).Distinct()));
        Assert.Equal(Texts(imported), Texts(told.DistinctBy(e => e.Id)));
    }

    private static List<string> Texts(IEnumerable<LedgerEvent> events) => [.. ImportData.InLedgerOrder(events)
        .Select(e => e with { Data = e.Data with { Host = new EventHost { Name = "any" } } })
        .Select(e => $"{e.Id} {e.Source} {ImportData.Text(e)}")];

    private static AgentState Copied(AgentState state) =>
        JsonSerializer.Deserialize(JsonSerializer.Serialize(state, AgentJson.Default.AgentState), AgentJson.Default.AgentState)!;

    private static LogFile[] Files(params string[] names) => [.. names.Select(ImportData.Recorded)];

    /// <summary>The lines of a recorded log with the instants at which they were written, as far as they say.</summary>
    private static IEnumerable<WrittenLine> Written(string name)
    {
        var at = DateTimeOffset.MinValue;
        (decimal Seconds, DateTimeOffset At)? head = null;
        foreach (var line in File.ReadLines(Path.Combine(ImportData.Root, "samples", "hosts", name)))
        {
            if (Xorg().Match(line) is { Success: true } xorg)
            {
                var seconds = decimal.Parse(xorg.Groups["seconds"].Value, CultureInfo.InvariantCulture);
                head ??= (seconds, Parsed(line[(line.IndexOf("Time: ", StringComparison.Ordinal) + 6)..], "ddd MMM d HH:mm:ss yyyy"));
                at = head.Value.At.AddSeconds((double)(seconds - head.Value.Seconds));
            }
            else if (Local().Match(line) is { Success: true } local)
            {
                at = Parsed(local.Groups["time"].Value, "yyyyMMdd-HH:mm:ss");
            }
            else if (Syslog().Match(line) is { Success: true } syslog)
            {
                at = Parsed("2026 " + syslog.Groups["time"].Value, "yyyy MMM d HH:mm:ss");
            }

            yield return new WrittenLine(name, System.Text.Encoding.UTF8.GetBytes(line + "\n"), at);
        }
    }

    private static DateTimeOffset Parsed(string text, string format) =>
        DateTimeOffset.ParseExact(text, format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    [GeneratedRegex(@"^\[ *(?<seconds>\d+\.\d+)\] ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Xorg();

    [GeneratedRegex(@"^\[(?<time>\d{8}-\d\d:\d\d:\d\d)\]", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Local();

    [GeneratedRegex(@"^(?<time>[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d) ", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Syslog();

    private sealed record WrittenLine(string Name, byte[] Bytes, DateTimeOffset At)
    {
        public void WriteIn(TemporaryFolder folder)
        {
            using var log = new FileStream(folder.File(Name), FileMode.Append);
            log.Write(Bytes);
        }
    }
}
