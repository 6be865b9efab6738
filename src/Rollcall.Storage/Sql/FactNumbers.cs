using System.Buffers.Binary;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>The numbers under which a tenant's facts stand once for all rows that share them. One that is not there yet is written.</summary>
/// <param name="memory">Numbers are kept there.</param>
internal sealed class FactNumbers(StoreConnection connection, TenantId tenant, TenantMemory memory)
{
    private const string Users = "session_users", Places = "session_places", Devices = "session_devices", Natures = "session_natures", Boots = "session_boots";

    private static readonly ClientFacts NoClient = new();

    private readonly HashSet<(string Table, UInt128 Digest)> absent = [];

    /// <summary>Asks for the facts of all these events at once: for a store to which each statement is a long way.</summary>
    public void Look(IReadOnlyList<LedgerEvent> events)
    {
        var wanted = new Wanted();
        wanted.Add(Users, memory.Users, events.Select(e => e.User).OfType<string>(), user => FactDigest.Of(user));
        wanted.Add(Places, memory.Places, events.Select(e => PlaceOf(e.Host)), DigestOf);
        wanted.Add(Devices, memory.Devices, events.Select(e => e.Client ?? NoClient), DigestOf);
        wanted.Add(Boots, memory.Boots, events.Select(e => e.Host.BootId).OfType<string>(), boot => FactDigest.Of(boot));
        if (wanted.IsEmpty)
            return;

        using var rows = connection.Open(
            string.Join(" UNION ALL ", wanted.Tables.Select(table => $"SELECT '{table}', no, digest FROM {table} WHERE tenant = $tenant AND digest = ANY(${table})")),
            [("$tenant", tenant), .. wanted.Parameters]);
        while (rows.Read())
            wanted.Found(rows.GetString(0), rows.GetInt64(1), rows.GetBytes(2));
        absent.UnionWith(wanted.Absent);
    }

    public long User(string name) => memory.Users.TryGet(name, out var no) ? no : Keep(memory.Users, name, NumberOf(
        Users, FactDigest.Of(name), "name, key, plain_key", ("$fact1", name), ("$fact2", NameKey.Of(name)), ("$fact3", NameKey.OfPlain(name))));

    /// <summary>Without the boot, which has a number of its own.</summary>
    public long Place(HostFacts host)
    {
        var place = PlaceOf(host);
        return memory.Places.TryGet(place, out var no) ? no : Keep(memory.Places, place, NumberOf(
            Places, DigestOf(place),
            "host_name, host_name_key, host_sid, host_ip, group_id, group_name, primary_group_id, secondary_group_id",
            ("$fact1", place.Name), ("$fact2", NameKey.Of(place.Name)), ("$fact3", place.Sid), ("$fact4", place.Ip), ("$fact5", place.GroupId), ("$fact6", place.GroupName),
            ("$fact7", place.PrimaryGroupId), ("$fact8", place.SecondaryGroupId)));
    }

    /// <param name="client">Null when nothing is known of it, which has a number too.</param>
    public long Device(ClientFacts? client)
    {
        var device = client ?? NoClient;
        return memory.Devices.TryGet(device, out var no) ? no : Keep(memory.Devices, device, NumberOf(
            Devices, DigestOf(device),
            "name, ip, public_ip, mac, source_ip, type, type_key, version",
            ("$fact1", device.Name), ("$fact2", device.Ip), ("$fact3", device.PublicIp), ("$fact4", device.Mac), ("$fact5", device.SourceIp), ("$fact6", device.Type),
            ("$fact7", device.Type is { } type ? NameKey.Of(type) : null), ("$fact8", device.Version)));
    }

    public long Nature(NatureTexts nature) => memory.Natures.TryGet(nature, out var no) ? no : Keep(memory.Natures, nature, NumberOf(
        Natures,
        FactDigest.Of(nature.Protocol, nature.AppName, nature.AgentVersion, nature.EndReason, nature.FailureCode, nature.FailureReason, nature.StampPattern),
        "protocol, app_name, agent_version, end_reason, failure_code, failure_reason, stamp_pattern",
        ("$fact1", nature.Protocol), ("$fact2", nature.AppName), ("$fact3", nature.AgentVersion), ("$fact4", nature.EndReason), ("$fact5", nature.FailureCode), ("$fact6", nature.FailureReason),
        ("$fact7", nature.StampPattern)));

    /// <param name="bootId">Null: no boot is known, and there is no number.</param>
    public long? Boot(string? bootId)
    {
        if (bootId is null)
            return null;
        return memory.Boots.TryGet(bootId, out var no) ? no : Keep(memory.Boots, bootId, NumberOf(Boots, FactDigest.Of(bootId), "boot_id", ("$fact1", bootId)));
    }

    private static HostFacts PlaceOf(HostFacts host) => host.BootId is null ? host : host with { BootId = null };

    private static byte[] DigestOf(HostFacts place) =>
        FactDigest.Of(place.Name, place.Sid, place.Ip, place.GroupId, place.GroupName, place.PrimaryGroupId, place.SecondaryGroupId);

    private static byte[] DigestOf(ClientFacts device) =>
        FactDigest.Of(device.Name, device.Ip, device.PublicIp, device.Mac, device.SourceIp, device.Type, device.Version);

    private static long Keep<T>(Remembered<T, long> remembered, T fact, long no)
        where T : notnull
    {
        remembered.Keep(fact, no);
        return no;
    }

    /// <param name="columns">Of the table, in the order of the values.</param>
    private long NumberOf(string table, byte[] digest, string columns, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var known = absent.Remove((table, KeyOf(digest))) ? null : connection.Number(
            $"SELECT no FROM {table} WHERE tenant = $tenant AND digest = $digest", ("$tenant", tenant), ("$digest", digest));
        if (known is not null)
            return known.Value;

        var no = NextNumber(table);
        var names = string.Join(", ", values.ToArray().Select(value => value.Name));
        connection.Add(
            $"INSERT INTO {table} (tenant, no, digest, {columns}) VALUES ($tenant, $no, $digest, {names})", [("$tenant", tenant), ("$no", no), ("$digest", digest), .. values]);
        return no;
    }

    private long NextNumber(string table)
    {
        if (!memory.LastFactNos.TryGetValue(table, out var last))
            last = connection.Number($"SELECT MAX(no) FROM {table} WHERE tenant = $tenant", ("$tenant", tenant)) ?? 0;
        return memory.LastFactNos[table] = last + 1;
    }

    private static UInt128 KeyOf(byte[] digest) => BinaryPrimitives.ReadUInt128BigEndian(digest);

    /// <summary>Facts that are not remembered, by table and digest.</summary>
    private sealed class Wanted
    {
        private readonly Dictionary<(string Table, UInt128 Digest), (byte[] Digest, Action<long> Keep)> facts = [];

        public bool IsEmpty => facts.Count == 0;

        public IEnumerable<string> Tables => facts.Keys.Select(key => key.Table).Distinct(StringComparer.Ordinal);

        /// <summary>Of each table its digests, under its name.</summary>
        public IEnumerable<(string, object?)> Parameters =>
            facts.GroupBy(fact => fact.Key.Table, StringComparer.Ordinal).Select(of => ($"${of.Key}", (object?)of.Select(fact => fact.Value.Digest).ToArray()));

        public IEnumerable<(string Table, UInt128 Digest)> Absent => facts.Keys;

        public void Add<T>(string table, Remembered<T, long> remembered, IEnumerable<T> all, Func<T, byte[]> digestOf)
            where T : notnull
        {
            foreach (var fact in all.Distinct().Where(fact => !remembered.TryGet(fact, out _)))
            {
                var digest = digestOf(fact);
                facts[(table, KeyOf(digest))] = (digest, no => remembered.Keep(fact, no));
            }
        }

        public void Found(string table, long no, byte[] digest)
        {
            if (facts.Remove((table, KeyOf(digest)), out var fact))
                fact.Keep(no);
        }
    }
}

/// <summary>What a session or a connection was and came to, in texts of which a fleet has few.</summary>
/// <param name="StampPattern">As <see cref="Sql.StampPattern"/>; null when the stamp stands in the row, or there is none.</param>
internal readonly record struct NatureTexts(
    string? Protocol, string? AppName, string? AgentVersion, string? EndReason, string? FailureCode, string? FailureReason, string? StampPattern)
{
    public static NatureTexts Of(Session session) => new(
        session.Protocol, session.AppName, session.AgentVersion, session.End?.Reason, session.Failure?.Code, session.Failure?.Reason,
        Sql.StampPattern.TryOf(session.SessionStamp, session.User, session.Host.Sid, session.OsSessionId));

    public static NatureTexts Of(Core.Connections.Connection connection) =>
        new(null, null, connection.AgentVersion, null, connection.Failure?.Code, connection.Failure?.Reason, null);
}
