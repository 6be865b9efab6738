using Rollcall.Core;
using Rollcall.Core.Events;

namespace Rollcall.Storage.Sql;

/// <summary>Events as rows of the table, joined with their source's name and their batch's arrival.</summary>
internal static class EventRow
{
    /// <summary>Selects the events of one stream; ends before the WHERE. Without its hint the planner walks the whole tenant.</summary>
    public const string SelectOfStream =
        $"""
        SELECT {Columns}
        FROM events e INDEXED BY events_stream
        {Joins}
        """;

    /// <summary>Selects the events of one session, joined in as <c>m</c>; ends before the WHERE.</summary>
    public const string SelectOfSession =
        $"""
        SELECT {Columns}
        FROM session_events m INDEXED BY session_events_session
        CROSS JOIN events e ON e.tenant = m.tenant AND e.seq = m.seq
        {Joins}
        """;

    /// <summary>Selects events by their number; ends before the WHERE.</summary>
    public const string SelectBySequence =
        $"""
        SELECT {Columns}
        FROM events e
        {Joins}
        """;

    /// <summary>Selects what hosts told of themselves, each from <c>$floors</c> on, with the host's number behind; for a store to which each statement is a long way.</summary>
    public const string SelectOfHosts =
        $"""
        SELECT {Columns}, e.host_no
        FROM unnest($hosts, $floors) w (host_no, floor_us)
        CROSS JOIN events e ON e.tenant = $tenant AND e.host_no = w.host_no AND e.stream = $stream AND e.at_us >= w.floor_us
        {Joins}
        """;

    /// <summary>Of the host's number in <see cref="SelectOfHosts"/>.</summary>
    public const int HostColumn = 7;

    private const string Columns = "e.seq, b.received_ms, o.name, e.kind, e.at_us, e.clear, e.personal";

    private const string Joins =
        """
        JOIN event_batches b ON b.tenant = e.tenant AND b.no = e.batch
        JOIN sources o ON o.tenant = e.tenant AND o.no = e.source_no
        """;

    public static StoredEvent Read(StoreRows row) => new(
        row.GetInt64(0),
        row.Instant(1),
        EventParts.Read(
            row.GetString(2), (EventKind)row.GetInt32(3), Instants.FromUnixMicroseconds(row.GetInt64(4)), row.Bytes(5)!, row.Bytes(6)));
}
