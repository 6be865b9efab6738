using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>The numbers under which a tenant's facts stand once for all rows that share them. One that is not there yet is written.</summary>
/// <param name="memory">Numbers are kept there.</param>
internal sealed class FactNumbers(StoreConnection connection, TenantId tenant, TenantMemory memory)
{
    private static readonly ClientFacts NoClient = new();

    public long User(string name) => memory.Users.TryGet(name, out var no) ? no : Keep(memory.Users, name, NumberOf(
        "session_users", FactDigest.Of(name), "name, key, plain_key", ("$fact1", name), ("$fact2", NameKey.Of(name)), ("$fact3", NameKey.OfPlain(name))));

    /// <summary>Without the boot, which has a number of its own.</summary>
    public long Place(HostFacts host)
    {
        var place = host.BootId is null ? host : host with { BootId = null };
        return memory.Places.TryGet(place, out var no) ? no : Keep(memory.Places, place, NumberOf(
            "session_places", FactDigest.Of(place.Name, place.Sid, place.Ip, place.GroupId, place.GroupName, place.PrimaryGroupId, place.SecondaryGroupId),
            "host_name, host_name_key, host_sid, host_ip, group_id, group_name, primary_group_id, secondary_group_id",
            ("$fact1", place.Name), ("$fact2", NameKey.Of(place.Name)), ("$fact3", place.Sid), ("$fact4", place.Ip), ("$fact5", place.GroupId), ("$fact6", place.GroupName),
            ("$fact7", place.PrimaryGroupId), ("$fact8", place.SecondaryGroupId)));
    }

    /// <param name="client">Null when nothing is known of it, which has a number too.</param>
    public long Device(ClientFacts? client)
    {
        var device = client ?? NoClient;
        return memory.Devices.TryGet(device, out var no) ? no : Keep(memory.Devices, device, NumberOf(
            "session_devices", FactDigest.Of(device.Name, device.Ip, device.PublicIp, device.Mac, device.SourceIp, device.Type, device.Version),
            "name, ip, public_ip, mac, source_ip, type, type_key, version",
            ("$fact1", device.Name), ("$fact2", device.Ip), ("$fact3", device.PublicIp), ("$fact4", device.Mac), ("$fact5", device.SourceIp), ("$fact6", device.Type),
            ("$fact7", device.Type is { } type ? NameKey.Of(type) : null), ("$fact8", device.Version)));
    }

    public long Nature(NatureTexts nature) => memory.Natures.TryGet(nature, out var no) ? no : Keep(memory.Natures, nature, NumberOf(
        "session_natures",
        FactDigest.Of(nature.Protocol, nature.AppName, nature.AgentVersion, nature.EndReason, nature.FailureCode, nature.FailureReason, nature.StampPattern),
        "protocol, app_name, agent_version, end_reason, failure_code, failure_reason, stamp_pattern",
        ("$fact1", nature.Protocol), ("$fact2", nature.AppName), ("$fact3", nature.AgentVersion), ("$fact4", nature.EndReason), ("$fact5", nature.FailureCode), ("$fact6", nature.FailureReason),
        ("$fact7", nature.StampPattern)));

    /// <param name="bootId">Null: no boot is known, and there is no number.</param>
    public long? Boot(string? bootId)
    {
        if (bootId is null)
            return null;
        return memory.Boots.TryGet(bootId, out var no) ? no : Keep(memory.Boots, bootId, NumberOf("session_boots", FactDigest.Of(bootId), "boot_id", ("$fact1", bootId)));
    }

    private static long Keep<T>(Remembered<T, long> remembered, T fact, long no)
        where T : notnull
    {
        remembered.Keep(fact, no);
        return no;
    }

    /// <param name="columns">Of the table, in the order of the values.</param>
    private long NumberOf(string table, byte[] digest, string columns, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var known = connection.Number(
            $"SELECT no FROM {table} WHERE tenant = $tenant AND digest = $digest", ("$tenant", tenant), ("$digest", digest));
        if (known is not null)
            return known.Value;

        var names = string.Join(", ", values.ToArray().Select(value => value.Name));
        return connection.Number(
            $"""
            INSERT INTO {table} (tenant, no, digest, {columns})
            VALUES ($tenant, (SELECT COALESCE(MAX(no), 0) + 1 FROM {table} WHERE tenant = $tenant), $digest, {names})
            RETURNING no
            """,
            [("$tenant", tenant), ("$digest", digest), .. values])!.Value;
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
