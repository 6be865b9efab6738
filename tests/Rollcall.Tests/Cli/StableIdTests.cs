using System.IO.Compression;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Brokers;
using Rollcall.Cli.Imports.Sshd;
using Rollcall.Cli.Imports.WindowsLsm;
using Rollcall.Cli.Imports.Wtmp;
using Rollcall.Cli.Imports.Xrdp;
using static Rollcall.Tests.Cli.ImportData;

namespace Rollcall.Tests.Cli;

public sealed class StableIdTests
{
    /// <summary>How to read each recorded log; importers keep state, so each reading has its own.</summary>
    private static readonly Dictionary<string, (Func<ILogImporter> Importer, string[] Files)> Formats = new()
    {
        ["xrdp"] = (() => new XrdpImporter("lin-01", TimeZoneInfo.Utc), ["xrdp-sesman.log", "xrdp.log", "xorgxrdp.10.log"]),
        ["sshd"] = (() => new SshdImporter(TimeZoneInfo.Utc, 2026), ["sshd-rfc3164.log"]),
        ["sshd 5424"] = (() => new SshdImporter(null, null), ["sshd-rfc5424.log"]),
        ["wtmp"] = (() => new WtmpImporter("lin-01", withTerminals: true), ["wtmp.bin"]),
        ["windows-lsm"] = (() => new LsmImporter(Zone("Europe/Berlin")), ["windows-lsm.jsonl"]),
        ["winlogbeat"] = (() => new LsmImporter(zone: null), ["windows-winlogbeat-8.jsonl"]),
        ["wevtutil"] = (() => new LsmImporter(zone: null), ["windows-wevtutil.xml"]),
        ["guacamole"] = (() => new GuacamoleImporter(zone: null), ["guacamole-history.csv"]),
        ["jumpserver"] = (() => new JumpServerImporter(zone: null), ["jumpserver-zh.csv"]),
    };

    public static TheoryData<string> Names => [.. Formats.Keys];

    [Theory, MemberData(nameof(Names))]
    public void Every_event_has_an_id_of_its_own(string format)
    {
        var ids = Read(Formats[format].Importer(), Files(format)).ConvertAll(e => e.Id);

        Assert.NotEmpty(ids);
        Assert.Equal(ids.Count, ids.Distinct(StringComparer.Ordinal).Count());
    }

    [Theory, MemberData(nameof(Names))]
    public void The_order_of_files_changes_nothing(string format)
    {
        var forward = Read(Formats[format].Importer(), Files(format));
        var backward = Read(Formats[format].Importer(), [.. Files(format).Reverse()]);

        Assert.Equal(Whole(forward), Whole(backward));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_log_under_two_paths_adds_nothing_twice(string format)
    {
        var once = Read(Formats[format].Importer(), Files(format));
        var copies = Files(format).Select(f => f with { Name = $"backup/{f.Name}" });

        var twice = Read(Formats[format].Importer(), [.. Files(format), .. copies]);

        Assert.Equal(Whole(once), Whole(twice));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_log_that_grew_keeps_the_ids_of_what_it_held(string format)
    {
        var whole = Read(Formats[format].Importer(), Files(format)).Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        foreach (var percent in (int[])[10, 25, 50, 75, 90])
        {
            var young = Files(format).Select(f => Shortened(f, percent)).ToArray();
            var ids = Read(Formats[format].Importer(), young).ConvertAll(e => e.Id);

            Assert.All(ids, id => Assert.Contains(id, whole));
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_compressed_log_is_the_same_log(string format)
    {
        var plain = Read(Formats[format].Importer(), Files(format));
        var packed = Read(Formats[format].Importer(), [.. Files(format).Select(Gzipped)]);

        Assert.Equal(Whole(plain), Whole(packed));
    }

    [Fact]
    public void A_log_rotated_between_a_logon_and_its_end_is_joined_again()
    {
        var lines = File.ReadAllLines(Path.Combine(Root, "samples", "hosts", "sshd-rfc5424.log"));
        var whole = Read(new SshdImporter(null, null), Lines("auth.log", lines));

        var rotated = Read(new SshdImporter(null, null), Lines("auth.log", lines[8..]), Lines("auth.log.1", lines[..8]));

        Assert.Equal(Whole(whole), Whole(rotated));
    }

    [Fact]
    public void Equal_lines_of_one_file_are_different_events()
    {
        const string line = "[20261121-23:39:11] [INFO ] AUTHFAIL: user=anna ip=10.0.0.1 time=1795304351";

        var events = Read(new XrdpImporter("lin-01", TimeZoneInfo.Utc), Lines("sesman.log", line, line));

        Assert.Equal(2, events.Select(e => e.Id).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(2, events.Select(e => e.Data.OsSessionId).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void The_same_line_on_two_hosts_is_two_events()
    {
        var one = Read(new WtmpImporter("lin-01", withTerminals: true), Recorded("wtmp.bin"));
        var two = Read(new WtmpImporter("lin-02", withTerminals: true), Recorded("wtmp.bin"));

        Assert.Empty(one.Select(e => e.Id).Intersect(two.Select(e => e.Id), StringComparer.Ordinal));
    }

    [Fact]
    public void A_session_that_began_and_ended_within_one_second_begins_first()
    {
        var events = Read(
            new SshdImporter(TimeZoneInfo.Utc, 2026),
            Lines("auth.log",
                "Nov 22 00:39:15 vm sshd[7]: Accepted password for anna from 10.0.0.1 port 1 ssh2",
                "Nov 22 00:39:15 vm sshd[7]: pam_unix(sshd:session): session closed for user anna"));

        Assert.Equal([EventTypes.SessionStarted, EventTypes.SessionEnded], InLedgerOrder(events).Select(e => e.Type));
    }

    private static LogFile[] Files(string format) =>
        [.. Formats[format].Files.Select(f => File.Exists(Path.Combine(Root, "samples", "hosts", f)) ? Recorded(f) : Written(f))];

    private static List<string> Whole(IEnumerable<LedgerEvent> events) =>
        [.. InLedgerOrder(events).Select(e => $"{e.Source} {e.Id} {Text(e)}").Distinct(StringComparer.Ordinal)];

    /// <summary>The first part of the file, cut where its writer was done with a line or record.</summary>
    private static LogFile Shortened(LogFile file, int percent)
    {
        var bytes = BytesOf(file);
        var end = bytes.Length * percent / 100;
        end = file.Name.EndsWith(".bin", StringComparison.Ordinal)
            ? end / WtmpRecord.SizeBytes * WtmpRecord.SizeBytes
            : bytes.AsSpan(0, end).LastIndexOf((byte)'\n') + 1;
        return LogFile.Of(file.Name, bytes[..end]);
    }

    private static LogFile Gzipped(LogFile file)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
            gzip.Write(BytesOf(file));

        return LogFile.Of($"{file.Name}.gz", packed.ToArray());
    }

    private static byte[] BytesOf(LogFile file)
    {
        using var stream = file.OpenRaw();
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
