namespace Rollcall.Storage.Moves;

/// <summary>What every table of a ledger is to a move from one store to another. A closed list: MovedTablesTests fail when a migration adds a table that is not in it.</summary>
internal static class MovedTables
{
    /// <summary>
    /// Moved row by row. What belongs to a server rather than to the ledger is in columns of some: leases of exports and of retention run out by
    /// themselves within seconds; sign-ins go on, since their tokens are hashes that any server compares.
    /// </summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "tenants", "operators", "api_tokens", "access_keys", "sign_ins", "users", "sources", "hosts", "host_groups", "events", "event_batches", "session_users", "session_places",
        "session_devices", "session_natures", "session_boots", "session_rows", "session_events", "session_aliases", "connection_rows", "export_tasks", "rosters", "host_beats",
        "host_sources", "export_schedules", "session_anchors", "export_turns", "session_changes", "event_identities", "removed_leaves", "ledger_checkpoints", "tenant_retention",
    ];

    /// <summary>Of PostgreSQL alone: the version of its schema, what its servers agree on (their key), which is written anew, and who wrote last, which says what servers may remember.</summary>
    public static IReadOnlyList<string> OfPostgres { get; } = ["rollcall_schema", "server_facts", "writer_marks"];
}

/// <summary>What a column holds, the same in both stores.</summary>
internal enum MovedKind
{
    Number,
    Text,
    Bytes,
}

/// <summary>A column, named as in both stores.</summary>
internal sealed record MovedColumn(string Name, MovedKind Kind);

/// <summary>A table as both stores have it.</summary>
/// <param name="Name">In both.</param>
/// <param name="IsOfTenants">Whether each row is a tenant's. <paramref name="Columns"/> are without the column that says whose: each store has its own form of it.</param>
/// <param name="Columns">All others, in the order in which rows have their values.</param>
/// <param name="Key">Which of the columns find one row of a tenant, in the order of the key; none where a tenant has one row at most.</param>
internal sealed record MovedTable(string Name, bool IsOfTenants, IReadOnlyList<MovedColumn> Columns, IReadOnlyList<int> Key)
{
    /// <summary>The column that says whose a row is.</summary>
    public const string TenantColumn = "tenant";

    /// <param name="values">Of one row.</param>
    public MoveKey KeyOf(object?[] values) => new([.. Key.Select(column => values[column]!)]);
}
