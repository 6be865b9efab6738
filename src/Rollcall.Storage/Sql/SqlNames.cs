using Rollcall.Core;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>Numbers for the names that events repeat, and what events tell of the named: read once, written once a batch.</summary>
internal sealed class SqlNames(StoreConnection connection, TenantId tenant, DateTimeOffset receivedAt, TenantMemory memory)
{
    private readonly Dictionary<string, HostTouch> touched = new(StringComparer.Ordinal);
    private readonly Dictionary<long, HostTouch> byNo = [];
    private readonly Dictionary<string, GroupMemory> groups = new(StringComparer.Ordinal);

    public long SourceNo(string name)
    {
        if (memory.Sources.TryGet(name, out var no))
            return no;

        no = connection.Number("SELECT no FROM sources WHERE tenant = $tenant AND name = $name", ("$tenant", tenant), ("$name", name))
            ?? connection.Number(
                """
                INSERT INTO sources (tenant, no, name)
                SELECT $tenant, COALESCE(MAX(no), 0) + 1, $name FROM sources WHERE tenant = $tenant
                RETURNING no
                """,
                ("$tenant", tenant), ("$name", name))!.Value;
        memory.Sources.Keep(name, no);
        return no;
    }

    /// <summary>The number of a host that the ledger has.</summary>
    public long KnownHostNo(string name) => TryHostNo(name) ?? throw new InvalidOperationException("the host is not in the ledger");

    /// <summary>Null when the ledger does not have the host.</summary>
    public long? TryHostNo(string name) => connection.Number(
        "SELECT no FROM hosts WHERE tenant = $tenant AND name_key = $key", ("$tenant", tenant), ("$key", NameKey.Of(name)));

    /// <summary>The host, with its facts as the newest event tells them; they are written by <see cref="WriteHosts"/>.</summary>
    public HostTouch Host(HostFacts facts, long atUs)
    {
        var key = NameKey.Of(facts.Name);
        if (!touched.TryGetValue(key, out var touch))
        {
            touched.Add(key, touch = new HostTouch(HostOf(facts, key, atUs)));
            byNo.Add(touch.Host.No, touch);
        }

        touch.IsTold = true;
        TakeFacts(touch.Host, facts, atUs);
        if (facts.GroupId is not null)
            TakeGroup(facts, atUs);
        return touch;
    }

    /// <summary>A host by its number, of which the batch has told already; null when it has not.</summary>
    public HostTouch? Touched(long hostNo) => byNo.GetValueOrDefault(hostNo);

    /// <summary>What was read of the host's story is out of date; where it is touched and where it is remembered, which need not be the same any more.</summary>
    public void ChangeStory(HostFacts facts)
    {
        var (key, version) = (NameKey.Of(facts.Name), memory.NextStoryVersion());
        if (touched.TryGetValue(key, out var touch))
            touch.Host.StoryVersion = version;
        if (memory.Hosts.TryGet(key, out var host))
            host.StoryVersion = version;
    }

    /// <summary>Hosts that beat and of which the batch told that something happened.</summary>
    public IEnumerable<long> Unsettled() => touched.Values.Where(touch => touch is { NewestEventUs: not null, Host.HasBeats: true }).Select(touch => touch.Host.No);

    /// <summary>Writes what the batch told of hosts and groups, each once.</summary>
    public void WriteHosts()
    {
        foreach (var touch in touched.Values.Where(touch => touch.IsTold || touch.NewestEventUs is not null))
            Write(touch);
        foreach (var (id, group) in groups)
        {
            connection.Execute(
                """
                INSERT INTO host_groups (tenant, id, name, facts_us) VALUES ($tenant, $id, $name, $at)
                ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, facts_us = excluded.facts_us
                """,
                ("$tenant", tenant), ("$id", id), ("$name", group.Name), ("$at", group.FactsUs));
        }
    }

    /// <summary>A host that was heard counts its silence from now; one of which something happened must be compared with its next roster.</summary>
    private void Write(HostTouch touch) => connection.Execute(
        """
        UPDATE hosts SET sid = $sid, ip = $ip, group_id = $group, facts_us = $facts, last_seen_ms = MAX(last_seen_ms, $received),
            event_us = CASE WHEN CAST($event AS BIGINT) IS NULL THEN event_us ELSE MAX(COALESCE(event_us, 0), $event) END,
            is_settled = CASE WHEN CAST($event AS BIGINT) IS NULL THEN is_settled ELSE 0 END,
            watch_ms = CASE WHEN CAST($event AS BIGINT) IS NOT NULL AND lease_s IS NOT NULL THEN $received + lease_s * 1000 ELSE watch_ms END
        WHERE tenant = $tenant AND no = $host
        """,
        ("$tenant", tenant), ("$host", touch.Host.No), ("$sid", touch.Host.Sid), ("$ip", touch.Host.Ip), ("$group", touch.Host.GroupId),
        ("$facts", touch.Host.FactsUs), ("$received", receivedAt.ToUnixTimeMilliseconds()), ("$event", touch.NewestEventUs));

    private HostMemory HostOf(HostFacts facts, string key, long atUs)
    {
        if (memory.Hosts.TryGet(key, out var remembered))
            return remembered;

        var host = connection.FirstRow(
            row => new HostMemory(row.GetInt64(0))
            {
                FactsUs = row.GetInt64(1),
                Sid = row.Text(2),
                Ip = row.Text(3),
                GroupId = row.Text(4),
                HasBeats = !row.IsDBNull(5),
            },
            "SELECT no, facts_us, sid, ip, group_id, beat_us FROM hosts WHERE tenant = $tenant AND name_key = $key",
            ("$tenant", tenant), ("$key", key)) ?? Insert(facts, key, atUs);
        host.StoryVersion = memory.NextStoryVersion();
        memory.Hosts.Keep(key, host);
        return host;
    }

    private HostMemory Insert(HostFacts facts, string key, long atUs)
    {
        var no = connection.Number(
            """
            INSERT INTO hosts (tenant, no, name, name_key, sid, ip, group_id, facts_us, first_seen_ms, last_seen_ms)
            SELECT $tenant, COALESCE(MAX(no), 0) + 1, $name, $key, $sid, $ip, $group, $at, $received, $received FROM hosts WHERE tenant = $tenant
            RETURNING no
            """,
            ("$tenant", tenant), ("$name", facts.Name), ("$key", key), ("$sid", facts.Sid), ("$ip", facts.Ip),
            ("$group", facts.GroupId), ("$at", atUs), ("$received", receivedAt.ToUnixTimeMilliseconds()))!.Value;
        return new HostMemory(no) { FactsUs = atUs, Sid = facts.Sid, Ip = facts.Ip, GroupId = facts.GroupId };
    }

    private static void TakeFacts(HostMemory host, HostFacts facts, long atUs)
    {
        if (atUs < host.FactsUs)
            return;

        host.Sid = facts.Sid ?? host.Sid;
        host.Ip = facts.Ip ?? host.Ip;
        host.GroupId = facts.GroupId ?? host.GroupId;
        host.FactsUs = atUs;
    }

    /// <summary>The name is kept as the newest event tells it, whatever arrives when.</summary>
    private void TakeGroup(HostFacts facts, long atUs)
    {
        if (!memory.Groups.TryGet(facts.GroupId!, out var known))
        {
            known = connection.FirstRow(
                row => new GroupMemory(row.Text(0), row.GetInt64(1)),
                "SELECT name, facts_us FROM host_groups WHERE tenant = $tenant AND id = $id", ("$tenant", tenant), ("$id", facts.GroupId));
            // Kept although nothing newer may be told: or every event of an older time would ask again.
            if (known is not null)
                memory.Groups.Keep(facts.GroupId!, known);
        }

        if (known is not null && atUs < known.FactsUs)
            return;

        groups[facts.GroupId!] = known = new GroupMemory(facts.GroupName ?? known?.Name, atUs);
        memory.Groups.Keep(facts.GroupId!, known);
    }
}

/// <summary>A host that a batch tells of, and what is to be written of it.</summary>
internal sealed class HostTouch(HostMemory host)
{
    public HostMemory Host => host;

    /// <summary>Whether there is anything to write that was not written with a beat.</summary>
    public bool IsTold { get; set; }

    /// <summary>The newest event of the batch that happened on it, microseconds since 1970; null when none did.</summary>
    public long? NewestEventUs { get; private set; }

    /// <summary>The host itself spoke of something that happened on it.</summary>
    public void Happened(long atUs) => NewestEventUs = Math.Max(NewestEventUs ?? atUs, atUs);
}
