using System.Globalization;

namespace Rollcall.Bench.Rows;

/// <summary>A session as 29 texts: the columns of the sessions export without the failure code, about 603 bytes a row as TSV.</summary>
internal static class SessionText
{
    public static readonly string[] Headers =
    [
        "ID", "Session stamp", "OS session ID", "Protocol", "Login user", "Agent version", "Application", "Session type", "Server group ID", "Server group name",
        "Server SID", "Server name", "Server IP address", "Pre-connection time", "Start time", "End time", "Status duration", "Session status", "Client MAC address", "Client name",
        "Client IP address", "Client version", "Client type", "Egress IP address", "Failure cause", "Last status change", "Tenant ID", "Primary server group ID", "Standby server group ID",
    ];

    private const int HostsPerGroup = 100;

    private static readonly string[] _given = ["anna", "bo", "carla", "dmitri", "elena", "farid", "grace", "hiroshi", "ines", "jonas", "kamala", "li", "maria", "noor", "olaf", "priya"];
    private static readonly string[] _family = ["almeida", "berg", "chen", "dubois", "eriksson", "fischer", "garcia", "haddad", "ivanova", "jensen", "kowalski", "lopez", "mbeki", "nakamura", "okafor", "weber"];
    private static readonly string[] _apps = ["", "", "", "", "SAP Logon", "Excel", "Outlook", "AutoCAD 2024"];
    private static readonly string[] _agents = ["23.3.1.10420", "23.3.1.10420", "23.3.2.10511", "24.1.0.11002"];
    private static readonly string[] _clients = ["windows", "windows", "windows", "linux", "macos", "android"];
    private static readonly string[] _groups = ["design", "finance", "callcentre", "engineering", "training"];

    /// <summary>The texts in the order of <see cref="Headers"/>; an absent value is empty.</summary>
    public static string[] Of(in SessionFacts facts)
    {
        var user = UserOf(facts.User);
        var host = HostOf(facts.Host);
        var client = ClientOf(facts.User);
        var end = facts.StartedAt.AddSeconds(facts.DurationSeconds);
        var app = _apps[(int)(facts.IdLow % (ulong)_apps.Length)];
        return
        [
            Hex(facts.IdHigh) + Hex(facts.IdLow), $"{host.Sid}-{user}-HDP-{facts.OsSession}", Whole(facts.OsSession), "HDP", user,
            _agents[facts.Host % _agents.Length], app, app.Length == 0 ? "1" : "2", host.GroupId, host.GroupName,
            host.Sid, host.Name, host.Ip, Iso(facts.StartedAt.AddSeconds(-(int)(facts.IdHigh % 40))), Iso(facts.StartedAt),
            Iso(end), Whole(facts.DurationSeconds), "SignedOut", client.Mac, client.Name,
            client.Ip, client.Version, client.Type, client.Egress, facts.IdHigh % 50 == 0 ? "The host did not answer in time" : "",
            Iso(end), TenantOf(facts.Tenant), host.GroupId, GroupIdOf((facts.Host / HostsPerGroup) + 1000),
        ];
    }

    public static string TenantOf(int tenant) => Hex(SessionRows.Mix((ulong)tenant + 77)) + Hex(SessionRows.Mix((ulong)tenant + 78));

    public static string UserOf(int user) => $"{_given[user % 16]}.{_family[user / 16 % 16]}{user}@desktops.example";

    public static (string Sid, string Name, string Ip, string GroupId, string GroupName) HostOf(int host)
    {
        var group = host / HostsPerGroup;
        var name = _groups[group % _groups.Length];
        return ($"S-1-5-21-1085031214-1563985344-725345543-{1100 + host}", $"ws-{name[..3]}-{host:D5}.corp.example", $"10.{20 + (host >> 8)}.{host & 255}.17", GroupIdOf(group), $"{name}-{group:D2}");
    }

    private static (string Mac, string Name, string Ip, string Version, string Type, string Egress) ClientOf(int user)
    {
        var bits = SessionRows.Mix((ulong)user + 99);
        var mac = string.Join(':', Enumerable.Range(0, 6).Select(i => i < 2 ? "3c" : Octet(bits >> (8 * i)).ToString("x2", CultureInfo.InvariantCulture)));
        var type = _clients[(int)((bits >> 50) % (ulong)_clients.Length)];
        var egress = $"203.0.{Octet(bits >> 3) & 127}.{Octet(bits >> 11)}";
        return (mac, $"LAPTOP-{bits % 0xFFFFFF:X6}", $"192.168.{Octet(bits >> 20) & 15}.{Octet(bits >> 30)}", $"23.3.{bits % 4}.{400 + (bits % 40)}", type, egress);
    }

    private static string GroupIdOf(int group)
    {
        var hex = Hex(SessionRows.Mix((ulong)group + 55)) + Hex(SessionRows.Mix((ulong)group + 56));
        return $"{hex[..8]}-{hex[8..12]}-{hex[12..16]}-{hex[16..20]}-{hex[20..]}";
    }

    private static ulong Octet(ulong bits) => bits & 255;

    private static string Hex(ulong bits) => bits.ToString("x16", CultureInfo.InvariantCulture);

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Iso(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
