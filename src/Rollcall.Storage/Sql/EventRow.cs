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
