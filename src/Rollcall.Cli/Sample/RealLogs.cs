using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Sshd;
using Rollcall.Cli.Imports.Wtmp;
using Rollcall.Cli.Imports.Xrdp;

namespace Rollcall.Cli.Sample;

/// <summary>The recorded logs of real hosts that come with the program (samples/README.md says what they show).</summary>
internal static class RealLogs
{
    /// <summary>The xrdp and wtmp logs name no host; they are of one.</summary>
    public const string HostName = "sample-xrdp";

    /// <summary>Everything the logs tell, through the importers that read a person's own logs.</summary>
    public static IEnumerable<ImportedEvent> Read()
    {
        var tally = new Tally();
        return new XrdpImporter(HostName, TimeZoneInfo.Utc).Read([Log("xrdp-sesman.log"), Log("xrdp.log"), Log("xorgxrdp.10.log")], tally)
            .Concat(new WtmpImporter(HostName, withTerminals: false).Read([Log("wtmp.bin")], tally))
            .Concat(new SshdImporter(zone: null, year: null).Read([Log("sshd-rfc5424.log")], tally));
    }

    private static LogFile Log(string name) => new(
        name,
        () => typeof(RealLogs).Assembly.GetManifestResourceStream("samples/" + name)
            ?? throw new InvalidOperationException($"{name} was not built in"));
}
