using Rollcall.Core;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>Numbers for the names that events repeat, remembered for one batch.</summary>
internal sealed class SqlNames(StoreConnection connection, TenantId tenant, DateTimeOffset receivedAt)
{
    private readonly Dictionary<string, long> sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long No, long FactsUs)> hosts = new(StringComparer.Ordinal);

    public long SourceNo(string name)
    {
        if (sources.TryGetValue(name, out var no))
            return no;

        no = connection.Number("SELECT no FROM sources WHERE tenant = $tenant AND name = $name", ("$tenant", tenant.Value), ("$name", name))
            ?? connection.Number(
                """
                INSERT INTO sources (tenant, no, name)
                VALUES ($tenant, (SELECT COALESCE(MAX(no), 0) + 1 FROM sources WHERE tenant = $tenant), $name)
                RETURNING no
                """,
                ("$tenant", tenant.Value), ("$name", name))!.Value;
        return sources[name] = no;
    }

    /// <summary>The number of a host that the ledger has.</summary>
    public long KnownHostNo(string name) => TryHostNo(name) ?? throw new InvalidOperationException("the host is not in the ledger");

    /// <summary>Null when the ledger does not have the host.</summary>
    public long? TryHostNo(string name) => connection.Number(
        "SELECT no FROM hosts WHERE tenant = $tenant AND name_key = $key", ("$tenant", tenant.Value), ("$key", NameKey.Of(name)));

    /// <summary>The host's number; its facts are kept as the newest event tells them.</summary>
    public long HostNo(HostFacts facts, long atUs)
    {
        var key = NameKey.Of(facts.Name);
        if (hosts.TryGetValue(key, out var known) && known.FactsUs >= atUs)
            return known.No;

        var no = connection.Number(
            """
            INSERT INTO hosts (tenant, no, name, name_key, sid, ip, group_id, facts_us, first_seen_ms, last_seen_ms)
            VALUES ($tenant, (SELECT COALESCE(MAX(no), 0) + 1 FROM hosts WHERE tenant = $tenant),
                    $name, $key, $sid, $ip, $group, $at, $received, $received)
            ON CONFLICT (tenant, name_key) DO UPDATE SET
                sid = CASE WHEN excluded.facts_us >= facts_us THEN COALESCE(excluded.sid, sid) ELSE sid END,
                ip = CASE WHEN excluded.facts_us >= facts_us THEN COALESCE(excluded.ip, ip) ELSE ip END,
                group_id = CASE WHEN excluded.facts_us >= facts_us THEN COALESCE(excluded.group_id, group_id) ELSE group_id END,
                facts_us = MAX(facts_us, excluded.facts_us),
                last_seen_ms = MAX(last_seen_ms, excluded.last_seen_ms)
            RETURNING no
            """,
            ("$tenant", tenant.Value), ("$name", facts.Name), ("$key", key), ("$sid", facts.Sid), ("$ip", facts.Ip),
            ("$group", facts.GroupId), ("$at", atUs), ("$received", receivedAt.ToUnixTimeMilliseconds()))!.Value;
        RememberGroup(facts, atUs);
        hosts[key] = (no, atUs);
        return no;
    }

    /// <summary>The name is kept as the newest event tells it, whatever arrives when.</summary>
    private void RememberGroup(HostFacts facts, long atUs)
    {
        if (facts.GroupId is null)
            return;

        connection.Execute(
            """
            INSERT INTO host_groups (tenant, id, name, facts_us) VALUES ($tenant, $id, $name, $at)
            ON CONFLICT (tenant, id) DO UPDATE SET name = COALESCE(excluded.name, name), facts_us = excluded.facts_us
            WHERE excluded.facts_us >= facts_us
            """,
            ("$tenant", tenant.Value), ("$id", facts.GroupId), ("$name", facts.GroupName), ("$at", atUs));
    }
}
