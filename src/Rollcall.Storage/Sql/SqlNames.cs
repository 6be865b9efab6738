using Rollcall.Core;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>Numbers for the names that events repeat, and what events tell of the named: read once, written once a batch.</summary>
internal sealed class SqlNames(StoreConnection connection, TenantId tenant, DateTimeOffset receivedAt, TenantMemory memory)
{
    private const string HostColumns = "no, facts_us, sid, ip, group_id, beat_us";

    private readonly Dictionary<string, HostTouch> touched = new(StringComparer.Ordinal);
    private readonly Dictionary<long, HostTouch> byNo = [];
    private readonly Dictionary<string, GroupMemory> groups = new(StringComparer.Ordinal);
    private readonly HashSet<string> absentSources = new(StringComparer.Ordinal), absentHosts = new(StringComparer.Ordinal);
    private readonly HashSet<long> made = [];

    /// <summary>Asks for all these sources at once: for a store to which each statement is a long way.</summary>
    public void LookSources(IEnumerable<string> sourceNames)
    {
        absentSources.UnionWith(sourceNames.Where(name => !memory.Sources.TryGet(name, out _)));
        if (absentSources.Count == 0)
            return;

        var found = connection.Rows(
            row => (Name: row.GetString(0), No: row.GetInt64(1)),
            "SELECT name, no FROM sources WHERE tenant = $tenant AND name IN (SELECT value FROM json_each($names))", ("$tenant", tenant), ("$names", absentSources.ToArray()));
        foreach (var (name, no) in found)
        {
            memory.Sources.Keep(name, no);
            absentSources.Remove(name);
        }
    }

    /// <summary>The same for hosts.</summary>
    public void LookHosts(IEnumerable<string> hostNames)
    {
        absentHosts.UnionWith(hostNames.Select(NameKey.Of).Where(key => !memory.Hosts.TryGet(key, out _)));
        if (absentHosts.Count == 0)
            return;

        var found = connection.Rows(
            row => (Key: row.GetString(0), Host: Read(row, 1)),
            $"SELECT name_key, {HostColumns} FROM hosts WHERE tenant = $tenant AND name_key IN (SELECT value FROM json_each($keys))",
            ("$tenant", tenant), ("$keys", absentHosts.ToArray()));
        foreach (var (key, host) in found)
        {
            Keep(key, host);
            absentHosts.Remove(key);
        }
    }

    /// <summary>Whether the batch is the first that tells of the host: nothing else is known of it.</summary>
    public bool IsMade(long hostNo) => made.Contains(hostNo);

    public long SourceNo(string name)
    {
        if (memory.Sources.TryGet(name, out var no))
            return no;

        no = (absentSources.Remove(name)
            ? null
            : connection.Number("SELECT no FROM sources WHERE tenant = $tenant AND name = $name", ("$tenant", tenant), ("$name", name))) ?? InsertSource(name);
        memory.Sources.Keep(name, no);
        return no;
    }

    private long InsertSource(string name)
    {
        memory.LastSourceNo ??= connection.Number("SELECT MAX(no) FROM sources WHERE tenant = $tenant", ("$tenant", tenant)) ?? 0;
        memory.LastSourceNo++;
        connection.Queue(
            "INSERT INTO sources (tenant, no, name) VALUES ($tenant, $no, $name)", ("$tenant", tenant), ("$no", memory.LastSourceNo), ("$name", name));
        return memory.LastSourceNo.Value;
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
            connection.Queue(
                """
                INSERT INTO host_groups (tenant, id, name, facts_us) VALUES ($tenant, $id, $name, $at)
                ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, facts_us = excluded.facts_us
                """,
                ("$tenant", tenant), ("$id", id), ("$name", group.Name), ("$at", group.FactsUs));
        }
    }

    /// <summary>A host that was heard counts its silence from now; one of which something happened must be compared with its next roster.</summary>
    private void Write(HostTouch touch) => connection.Queue(
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

        var host = absentHosts.Remove(key) ? null : connection.FirstRow(
            row => Read(row, 0), $"SELECT {HostColumns} FROM hosts WHERE tenant = $tenant AND name_key = $key", ("$tenant", tenant), ("$key", key));
        return Keep(key, host ?? Insert(facts, key, atUs));
    }

    private HostMemory Keep(string key, HostMemory host)
    {
        host.StoryVersion = memory.NextStoryVersion();
        memory.Hosts.Keep(key, host);
        return host;
    }

    private static HostMemory Read(StoreRows row, int first) => new(row.GetInt64(first))
    {
        FactsUs = row.GetInt64(first + 1),
        Sid = row.Text(first + 2),
        Ip = row.Text(first + 3),
        GroupId = row.Text(first + 4),
        HasBeats = !row.IsDBNull(first + 5),
    };

    private HostMemory Insert(HostFacts facts, string key, long atUs)
    {
        memory.LastHostNo ??= connection.Number("SELECT MAX(no) FROM hosts WHERE tenant = $tenant", ("$tenant", tenant)) ?? 0;
        var no = ++memory.LastHostNo;
        connection.Queue(
            """
            INSERT INTO hosts (tenant, no, name, name_key, sid, ip, group_id, facts_us, first_seen_ms, last_seen_ms)
            VALUES ($tenant, $no, $name, $key, $sid, $ip, $group, $at, $received, $received)
            """,
            ("$tenant", tenant), ("$no", no), ("$name", facts.Name), ("$key", key), ("$sid", facts.Sid), ("$ip", facts.Ip),
            ("$group", facts.GroupId), ("$at", atUs), ("$received", receivedAt.ToUnixTimeMilliseconds()));
        made.Add(no.Value);
        return new HostMemory(no.Value) { FactsUs = atUs, Sid = facts.Sid, Ip = facts.Ip, GroupId = facts.GroupId };
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
