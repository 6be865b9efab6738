using System.Globalization;
using System.Text;
using System.Text.Json;
using Rollcall.Bench.Rows;

namespace Rollcall.Bench.Fleet;

/// <summary>One made-up host and what its agent sends: its sessions' starts, then beats with the full roster.</summary>
internal sealed class FleetHost
{
    private const string InstantFormat = "yyyy-MM-ddTHH:mm:ss.fff'Z'";

    private readonly string _source;
    private readonly string _facts;
    private readonly string _roster;
    private readonly int _number;
    private int _beats;

    public FleetHost(int number)
    {
        var (sid, name, ip, groupId, groupName) = SessionText.HostOf(number);
        (_number, Name, _source) = (number, name, "agent://" + name);
        _facts = $$"""{"name":"{{name}}","sid":"{{sid}}","ip":"{{ip}}","group_id":"{{groupId}}","group_name":"{{groupName}}","boot_id":"boot-{{number}}"}""";
        _roster = string.Join(',', Sessions().Select(session => $$"""{"os_session_id":"{{session.OsSessionId}}","user":"{{session.User}}","state":"active"}"""));
    }

    public string Name { get; }

    /// <summary>The event time of the newest beat; null before the first. A beat that was not answered counts as well.</summary>
    public DateTimeOffset? BeatAt { get; private set; }

    /// <summary>The start of each session, as CloudEvents with commas between them.</summary>
    public string StartEvents(DateTimeOffset at) => string.Join(',', Sessions().Select((session, i) => $$$"""
        {"specversion":"1.0","id":"start-{{{session.OsSessionId}}}","source":"{{{_source}}}","type":"rollcall.session.started","time":"{{{TextOf(at.AddSeconds(i))}}}",
        "data":{"host":{{{_facts}}},"os_session_id":"{{{session.OsSessionId}}}","user":"{{{session.User}}}","kind":"desktop","protocol":"RDP",
        "client":{"name":"LT-{{{_number}}}-{{{i}}}","ip":"192.168.{{{_number % 256}}}.{{{i + 1}}}","type":"Windows","version":"23.5.0"},"agent_version":"1.0.0"}}
        """));

    /// <summary>The body of one beat, as an agent posts it: a batch of one.</summary>
    public byte[] Beat(DateTimeOffset now, int leaseSeconds)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());
        BeatAt = at;
        return Encoding.UTF8.GetBytes($$$"""
            [{"specversion":"1.0","id":"beat-{{{++_beats}}}-{{{Guid.NewGuid():N}}}","source":"{{{_source}}}","type":"rollcall.host.beat","time":"{{{TextOf(at)}}}","data":{"host":{{{_facts}}},"lease_seconds":{{{leaseSeconds}}},"roster":[{{{_roster}}}]}}]
            """);
    }

    private IEnumerable<(string OsSessionId, string User)> Sessions() => Enumerable.Range(0, FleetScale.SessionsOfHost).Select(i =>
        ((i + 2).ToString(CultureInfo.InvariantCulture), JsonEncodedText.Encode(SessionText.UserOf((_number * FleetScale.SessionsOfHost) + i)).ToString()));

    private static string TextOf(DateTimeOffset at) => at.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture);
}
