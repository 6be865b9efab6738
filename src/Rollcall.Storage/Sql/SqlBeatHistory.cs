using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>The beats of one host, read as far back as the caller looks.</summary>
/// <param name="knownMs">Beats that arrived later are left out; milliseconds since 1970.</param>
internal sealed class SqlBeatHistory(StoreConnection connection, TenantId tenant, long hostNo, long knownMs = long.MaxValue) : IBeatHistory
{
    /// <summary>Most callers stop at the first beat.</summary>
    private const int FirstPageRows = 2;

    private const int PageRows = 64;

    private readonly Dictionary<long, IReadOnlyList<RosterEntry>> rosters = [];

    public IEnumerable<HostBeat> NewestFirst(DateTimeOffset after, DateTimeOffset? before)
    {
        var place = (AtUs: before is { } end ? Instants.ToUnixMicroseconds(end) : long.MaxValue, SourceNo: long.MinValue, IdHash: Array.Empty<byte>());
        for (var take = FirstPageRows; ; take = PageRows)
        {
            var rows = Page(Instants.ToUnixMicroseconds(after), place, take);
            foreach (var row in rows)
                yield return new HostBeat(Instants.FromUnixMicroseconds(row.AtUs), TimeSpan.FromSeconds(row.LeaseSeconds), row.Boot, Roster(row.RosterNo));
            if (rows.Count < take)
                yield break;

            place = (rows[^1].AtUs, rows[^1].SourceNo, rows[^1].IdHash);
        }
    }

    private List<Row> Page(long afterUs, (long AtUs, long SourceNo, byte[] IdHash) before, int take) => connection.Rows(
        row => new Row(row.GetInt64(0), row.GetInt64(1), row.GetInt32(2), row.Text(3), row.Long(4), row.Bytes(5)!),
        """
        SELECT at_us, source_no, lease_s, boot, roster_no, id_hash FROM host_beats
        WHERE tenant = $tenant AND host_no = $host AND at_us > $after AND (at_us, source_no, id_hash) < ($before, $beforeSource, $beforeId)
          AND received_ms <= $known
        ORDER BY at_us DESC, source_no DESC, id_hash DESC LIMIT $take
        """,
        ("$tenant", tenant), ("$host", hostNo), ("$after", afterUs), ("$before", before.AtUs), ("$beforeSource", before.SourceNo), ("$beforeId", before.IdHash), ("$known", knownMs), ("$take", take));

    private IReadOnlyList<RosterEntry>? Roster(long? no)
    {
        if (no is not { } known)
            return null;
        if (rosters.TryGetValue(known, out var read))
            return read;

        var content = connection.FirstRow(
            row => row.Bytes(0)!, "SELECT content FROM rosters WHERE tenant = $tenant AND host_no = $host AND no = $no",
            ("$tenant", tenant), ("$host", hostNo), ("$no", known));
        return rosters[known] = JsonSerializer.Deserialize(content, BeatJson.Default.ListRosterEntry)!;
    }

    private sealed record Row(long AtUs, long SourceNo, int LeaseSeconds, string? Boot, long? RosterNo, byte[] IdHash);
}

/// <summary>Of a host that never sent one.</summary>
internal sealed class NoBeats : IBeatHistory
{
    public static NoBeats Instance { get; } = new();

    public IEnumerable<HostBeat> NewestFirst(DateTimeOffset after, DateTimeOffset? before) => [];
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(List<RosterEntry>))]
internal sealed partial class BeatJson : JsonSerializerContext;
