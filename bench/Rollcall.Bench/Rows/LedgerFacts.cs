using System.Security.Cryptography;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Rollcall.Bench.Rows;

/// <summary>The facts that made-up sessions share, each written once under a number, as the ledger keeps them.</summary>
internal sealed class LedgerFacts : IDisposable
{
    private readonly Dictionary<string, long> users = new(StringComparer.Ordinal);
    private readonly Dictionary<(string?, string?), long> places = [], devices = [], natures = [];
    private readonly HashSet<long> hosts = [];
    private readonly SqliteCommand insertUser, insertPlace, insertDevice, insertNature, insertHost;

    public LedgerFacts(SqliteConnection connection, long tenant)
    {
        Tenant = tenant;
        insertUser = Insert(connection, "session_users", "no", "digest", "name", "key", "plain_key");
        insertPlace = Insert(connection, "session_places", "no", "digest", "host_name", "host_name_key", "host_sid", "host_ip", "group_id", "group_name");
        insertDevice = Insert(connection, "session_devices", "no", "digest", "name", "ip", "public_ip", "mac", "type", "type_key", "version");
        insertNature = Insert(connection, "session_natures", "no", "digest", "protocol", "app_name", "agent_version", "stamp_pattern");
        insertHost = Insert(connection, "hosts", "no", "name", "name_key", "facts_us", "first_seen_ms", "last_seen_ms");
    }

    public long Tenant { get; }

    public long Host(long no, string name)
    {
        if (hosts.Add(no))
            Run(insertHost, no, name, name.ToUpperInvariant(), 0L, 0L, 0L);
        return no;
    }

    public long User(string name)
    {
        if (!users.TryGetValue(name, out var no))
            Run(insertUser, users[name] = no = users.Count + 1, Digest(name), name, name.ToUpperInvariant(), name[..name.IndexOf('@', StringComparison.Ordinal)].ToUpperInvariant());
        return no;
    }

    public long Place(string host, string sid, string ip, string groupId, string groupName)
    {
        if (!places.TryGetValue((host, ip), out var no))
            Run(insertPlace, places[(host, ip)] = no = places.Count + 1, Digest(host + ip), host, host.ToUpperInvariant(), sid, ip, groupId, groupName);
        return no;
    }

    public long Device(string name, string ip, string publicIp, string mac, string type, string version)
    {
        var key = ($"{name}\0{ip}\0{publicIp}", $"{mac}\0{type}\0{version}");
        if (!devices.TryGetValue(key, out var no))
            Run(insertDevice, devices[key] = no = devices.Count + 1, Digest(key.Item1 + key.Item2), name, ip, publicIp, mac, type, type.ToUpperInvariant(), version);
        return no;
    }

    public long Nature(string protocol, string? app, string agentVersion, string? stampPattern)
    {
        var key = ($"{protocol}\0{agentVersion}\0{stampPattern}", app);
        if (!natures.TryGetValue(key, out var no))
            Run(insertNature, natures[key] = no = natures.Count + 1, Digest(key.Item1 + "\0" + app), protocol, app, agentVersion, stampPattern);
        return no;
    }

    public void Dispose()
    {
        foreach (var insert in new[] { insertUser, insertPlace, insertDevice, insertNature, insertHost })
            insert.Dispose();
    }

    /// <summary>Unique, which is all that a ledger asks of it while nothing is added.</summary>
    private static byte[] Digest(string texts) => SHA256.HashData(Encoding.UTF8.GetBytes(texts))[..16];

    private SqliteCommand Insert(SqliteConnection connection, string table, params string[] columns)
    {
        var insert = connection.CreateCommand();
        insert.CommandText = $"INSERT INTO {table} (tenant, {string.Join(", ", columns)}) VALUES ({Tenant}, {string.Join(", ", columns.Select(column => "$" + column))})";
        foreach (var column in columns)
            insert.Parameters.Add(new SqliteParameter { ParameterName = "$" + column });
        return insert;
    }

    private static void Run(SqliteCommand insert, params object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
            insert.Parameters[i].Value = values[i] ?? DBNull.Value;
        insert.ExecuteNonQuery();
    }
}
