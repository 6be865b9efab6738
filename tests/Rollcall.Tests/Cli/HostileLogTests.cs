using System.IO.Compression;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Brokers;
using Rollcall.Cli.Imports.Csv;
using Rollcall.Cli.Imports.Ndjson;
using Rollcall.Cli.Imports.Sshd;
using Rollcall.Cli.Imports.WindowsLsm;
using Rollcall.Cli.Imports.Wtmp;
using Rollcall.Cli.Imports.Xrdp;
using static Rollcall.Tests.Cli.ImportData;

namespace Rollcall.Tests.Cli;

/// <summary>Logs are written by strangers, cut by full disks and sent by mistake: whatever they hold is counted.</summary>
public sealed class HostileLogTests
{
    private static readonly Dictionary<string, Action<LogFile, Tally>> Readers = new()
    {
        ["xrdp-sesman.log"] = (file, tally) => Read(new XrdpImporter("h", Zone("Europe/Paris")), tally, file),
        ["xrdp.log"] = (file, tally) => Read(new XrdpImporter("h", Zone("Europe/Paris")), tally, Recorded("xrdp-sesman.log"), file),
        ["xorgxrdp.10.log"] = (file, tally) => Read(new XrdpImporter("h", Zone("Europe/Paris")), tally, Recorded("xrdp-sesman.log"), file),
        ["sshd-rfc3164.log"] = (file, tally) => Read(new SshdImporter(Zone("Europe/Paris"), 2026), tally, file),
        ["sshd-rfc5424.log"] = (file, tally) => Read(new SshdImporter(Zone("Europe/Paris"), 2026), tally, file),
        ["wtmp.bin"] = (file, tally) => Read(new WtmpImporter("h", withTerminals: true), tally, file),
        ["windows-lsm.jsonl"] = (file, tally) => Read(new LsmImporter(Zone("Europe/Paris")), tally, file),
        ["windows-wevtutil.xml"] = (file, tally) => Read(new LsmImporter(zone: null), tally, file),
        ["windows-powershell-7.json"] = (file, tally) => Read(new LsmImporter(Zone("Europe/Paris")), tally, file),
        ["windows-powershell-5.1.json"] = (file, tally) => Read(new LsmImporter(Zone("Europe/Paris")), tally, file),
        ["windows-winlogbeat-7.jsonl"] = (file, tally) => Read(new LsmImporter(Zone("Europe/Paris")), tally, file),
        ["guacamole-history.json"] = (file, tally) => Read(new GuacamoleImporter(Zone("Europe/Paris")), tally, file),
        ["guacamole-history.csv"] = (file, tally) => Read(new GuacamoleImporter(Zone("Europe/Paris")), tally, file),
        ["jumpserver-zh.csv"] = (file, tally) => Read(new JumpServerImporter(Zone("Europe/Paris")), tally, file),
        ["sessions.csv"] = (file, tally) => Read(new CsvImporter(Zone("Europe/Paris")), tally, file),
        ["events.ndjson"] = (file, tally) => Assert.All(NdjsonImporter.Read([file], tally), Assert.NotNull),
    };

    public static TheoryData<string> Names => [.. Readers.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Bytes_of_any_kind_are_read_without_an_error(string name) =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll<byte[]>(bytes => ReadQuietly(name, bytes)));

    [Theory, MemberData(nameof(Names))]
    public void A_log_damaged_anywhere_is_read_without_an_error(string name)
    {
        var sound = SoundBytes(name);
        var damage = Gen.Choose(0, sound.Length - 1).SelectMany(at =>
            Gen.Choose(0, 400).SelectMany(cut => ArbMap.Default.GeneratorFor<byte[]>().Select(garbage => (at, cut, garbage)))).ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(damage, d =>
        {
            var rest = Math.Min(sound.Length, d.at + d.cut);
            ReadQuietly(name, [.. sound.AsSpan(0, d.at), .. d.garbage, .. sound.AsSpan(rest)]);
        }));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_text_changed_anywhere_is_read_without_an_error(string name)
    {
        // Printable changes get past the guards for text that raw bytes do not.
        var sound = SoundBytes(name);
        var change = Gen.Choose(0, sound.Length - 1).SelectMany(at => Gen.Choose(32, 126).Select(c => (at, c))).ListOf(20).ToArbitrary();

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(change, changes =>
        {
            var bytes = (byte[])sound.Clone();
            foreach (var (at, c) in changes)
                bytes[at] = bytes[at] == '\n' ? (byte)'\n' : (byte)c;

            ReadQuietly(name, bytes);
        }));
    }

    [Fact]
    public void A_line_longer_than_the_bound_is_counted_and_the_next_one_read()
    {
        var tally = new Tally();
        var good = "Nov 22 00:39:15 vm sshd[7]: Accepted password for anna from 10.0.0.1 port 1 ssh2";

        var events = Read(new SshdImporter(TimeZoneInfo.Utc, 2026), tally, Lines("auth.log", new string('x', LineReader.LineBytesMax + 1), good));

        Assert.Equal("anna", Assert.Single(events).Data.User);
        Assert.Equal(1, Skipped(tally, "longer than 64 KiB"));
    }

    [Fact]
    public void A_line_of_exactly_the_bound_is_read()
    {
        var tally = new Tally();
        var line = new string('x', LineReader.LineBytesMax);

        Assert.Equal(line, Assert.Single(LineReader.Read(Lines("x.log", line), tally)).Text);
        Assert.Empty(tally.Skipped);
    }

    [Fact]
    public void Lines_that_are_no_text_are_counted_by_reason()
    {
        var tally = new Tally();
        var file = LogFile.Of("x.log", [.. "one\n"u8, 0x41, 0x00, (byte)'\n', 0xc3, 0x28, (byte)'\n', .. "two"u8]);

        Assert.Equal(["one", "two"], LineReader.Read(file, tally).Select(l => l.Text));
        Assert.Equal(1, Skipped(tally, "control characters"));
        Assert.Equal(1, Skipped(tally, "not UTF-8"));
        Assert.Contains(tally.Skipped, r => r.Example == new Spot("x.log", 3));
    }

    [Fact]
    public void A_compressed_file_that_is_damaged_gives_what_comes_before()
    {
        var tally = new Tally();
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 100_000).Select(i => $"line {i}\n"))));

        var damaged = packed.ToArray();
        damaged.AsSpan(damaged.Length / 2, 1_000).Fill(0xff);

        Assert.NotEmpty(LineReader.Read(LogFile.Of("auth.log.gz", damaged), tally).ToList());
        Assert.Equal(1, Skipped(tally, "breaks off"));
    }

    [Fact]
    public void A_login_record_cut_short_is_counted()
    {
        var tally = new Tally();
        var bytes = File.ReadAllBytes(Path.Combine(Root, "samples", "hosts", "wtmp.bin"));

        var events = Read(new WtmpImporter("h", withTerminals: true), tally, LogFile.Of("wtmp", bytes[..^100]));

        Assert.Equal(11, events.Count);
        Assert.Equal(1, Skipped(tally, "cut short"));
    }

    [Fact]
    public void Reasons_that_a_log_invents_are_bounded()
    {
        var tally = new Tally();
        for (var i = 0; i < 10_000; i++)
            tally.Skip($"event {i} is about no session", new Spot("x", i));

        Assert.True(tally.Skipped.Count <= 201);
        Assert.Equal(10_000, tally.Skipped.Sum(r => r.Count));
    }

    private static void ReadQuietly(string name, byte[] bytes)
    {
        try
        {
            Readers[name](LogFile.Of(name, bytes), new Tally());
        }
        catch (UsageException) when (name.EndsWith(".csv", StringComparison.Ordinal) || name.StartsWith("guacamole", StringComparison.Ordinal))
        {
            // A table whose header is not understood is refused as a whole, in words; what is no JSON is taken for one.
        }
    }

    private static byte[] SoundBytes(string name) => name switch
    {
        _ when File.Exists(Path.Combine(Root, "tests", "data", "import", name)) => File.ReadAllBytes(Path.Combine(Root, "tests", "data", "import", name)),
        "sessions.csv" => Encoding.UTF8.GetBytes("host,os_session_id,user,start_time,end_time\nh,1,\"a \"\"b\",2026-01-01T10:00:00Z,2026-01-01T11:00:00\nh,2,c,2026-10-25T02:30:00,\n"),
        "events.ndjson" => "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"s\",\"type\":\"rollcall.host.started\",\"time\":\"2026-01-01T00:00:00Z\",\"data\":{\"host\":{\"name\":\"h\"}}}\n"u8.ToArray(),
        _ => File.ReadAllBytes(Path.Combine(Root, "samples", "hosts", name)),
    };
}
