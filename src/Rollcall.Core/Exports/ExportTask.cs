namespace Rollcall.Core.Exports;

/// <summary>Where an export task stands. The numbers are stored: never renumber.</summary>
public enum ExportState
{
    /// <summary>Waits for a worker, or a worker's lease has run out.</summary>
    Queued = 1,
    Running = 2,
    Finished = 3,
    Failed = 4,
    Expired = 5,

    /// <summary>Somebody called it off before it was finished.</summary>
    Cancelled = 6,
}

/// <summary>What the file is. The numbers are stored: never renumber.</summary>
public enum ExportFormat
{
    Xlsx = 1,
    Csv = 2,
    Ndjson = 3,
}

/// <summary>An asynchronous export.</summary>
public sealed record ExportTask
{
    public required TenantId Tenant { get; init; }

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public required string Id { get; init; }

    /// <summary>Which content it writes; the name a dialect registered.</summary>
    public required string Kind { get; init; }

    /// <summary>The dialect's own JSON of filter and language; the core never reads it.</summary>
    public required string Filter { get; init; }

    public required string FileName { get; init; }
    public required ExportFormat Format { get; init; }
    public required ExportState State { get; init; }
    public required string RequestedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it finished, failed or was cancelled; null until then.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed, in words for the caller; null unless it did.</summary>
    public string? Failure { get; init; }

    /// <summary>The instant whose ledger the file shows: rows that arrive later are not in it. Null until a worker begins.</summary>
    public DateTimeOffset? SnapshotAt { get; init; }

    /// <summary>Rows that the filter finds at the snapshot; null until a worker begins.</summary>
    public long? RowsExpected { get; init; }

    /// <summary>Rows written so far, header excluded, as last told; all of them once finished. Null until a worker begins.</summary>
    public long? RowCount { get; init; }

    /// <summary>Sheets of the table, 1 where the format has none; null until the file is whole.</summary>
    public int? SheetCount { get; init; }

    /// <summary>Cells longer than the format allows, cut with a mark; null until the file is whole.</summary>
    public long? CellsCut { get; init; }

    /// <summary>The program that wrote the file; null until the file is whole.</summary>
    public string? ProgramVersion { get; init; }

    /// <summary>Size of the finished file; null until the file is whole.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 of the finished file; null until the file is whole.</summary>
    public string? Sha256 { get; init; }

    /// <summary>How often somebody began to fetch the file from its first byte.</summary>
    public int DownloadCount { get; init; }

    public bool IsDownloaded => DownloadCount > 0;

    /// <summary>Times a worker began it.</summary>
    public int Attempts { get; init; }
}

/// <summary>Which export tasks to find in one tenant.</summary>
public sealed record ExportTaskQuery(TenantId Tenant, PageWindow Window)
{
    /// <summary>Exact; null means every file.</summary>
    public string? FileName { get; init; }

    public string? TaskId { get; init; }

    /// <summary>Any of these; empty means all.</summary>
    public IReadOnlyCollection<ExportState> States { get; init; } = [];

    public bool? IsDownloaded { get; init; }

    /// <summary>Oldest first when true, newest first when false.</summary>
    public bool OldestFirst { get; init; } = true;
}

/// <summary>What a finished file holds.</summary>
public sealed record ExportOutcome(long RowCount, int SheetCount, long CellsCut, long SizeBytes, string Sha256, string ProgramVersion);

/// <summary>How many exports a tenant may have.</summary>
/// <param name="UnfinishedMax">Waiting or running at once.</param>
/// <param name="RunningMax">Running at once.</param>
public sealed record ExportLimits(int UnfinishedMax, int RunningMax);

/// <summary>Holds export tasks; a task is durable before its id is given out.</summary>
public interface IExportTaskStore
{
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when the tenant has <see cref="ExportLimits.UnfinishedMax"/> unfinished tasks.</exception>
    Task AddAsync(ExportTask task, ExportLimits limits, CancellationToken cancel);

    Task<Page<ExportTask>> FindAsync(ExportTaskQuery query, CancellationToken cancel);

    /// <summary>Newest first, by cursor, with the exact number of all.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>cursor</c> when it was not given out by this store.</exception>
    Task<Page<ExportTask>> FindAsync(TenantId tenant, IReadOnlyCollection<ExportState> states, string? cursor, int take, CancellationToken cancel);

    /// <summary>Null when the tenant has no such task.</summary>
    Task<ExportTask?> TryGetAsync(TenantId tenant, string id, CancellationToken cancel);

    /// <summary>
    /// Takes a task that is queued or whose worker's lease ran out; null when there is none. Tenants take turns: first those with the
    /// fewest running tasks, among them the one whose turn is longest ago; within a tenant the oldest task.
    /// </summary>
    Task<ExportTask?> TryLeaseAsync(ExportLimits limits, DateTimeOffset now, TimeSpan lease, CancellationToken cancel);

    /// <summary>
    /// Called once before the first lease. A store that one process owns gives back what a dead one held, without waiting for its leases; one that
    /// several servers share does nothing. Attempts are counted all the same.
    /// </summary>
    Task RecoverAsync(CancellationToken cancel);

    /// <summary>Notes what the worker is going to write. False as with <see cref="RenewLeaseAsync"/>.</summary>
    Task<bool> BeginAsync(ExportTask task, DateTimeOffset snapshotAt, long rowsExpected, CancellationToken cancel);

    /// <summary>False when the task was deleted or cancelled or somebody else holds it now: the worker stops.</summary>
    /// <param name="rowCount">Written so far.</param>
    Task<bool> RenewLeaseAsync(ExportTask task, long rowCount, DateTimeOffset now, TimeSpan lease, CancellationToken cancel);

    /// <summary>False as with <see cref="RenewLeaseAsync"/>: the file is not to be kept.</summary>
    Task<bool> FinishAsync(ExportTask task, ExportOutcome outcome, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Gives the task back as if it had never been begun: a worker that stops in good order.</summary>
    Task ReleaseAsync(ExportTask task, CancellationToken cancel);

    Task FailAsync(ExportTask task, string reason, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Calls the task off while it waits or runs. The task as it is afterwards; null when the tenant has no such task.</summary>
    Task<ExportTask?> CancelAsync(TenantId tenant, string id, DateTimeOffset now, CancellationToken cancel);

    Task CountDownloadAsync(TenantId tenant, string id, CancellationToken cancel);

    /// <summary>Deletes those that exist and tells which they were, so that their files can go too.</summary>
    Task<IReadOnlyList<ExportTask>> DeleteAsync(TenantId tenant, IReadOnlyCollection<string> ids, CancellationToken cancel);

    /// <summary>Marks finished tasks that ended before <paramref name="before"/> as expired and tells which, so that their files can go.</summary>
    Task<IReadOnlyList<ExportTask>> ExpireAsync(DateTimeOffset before, int take, CancellationToken cancel);

    /// <summary>Forgets expired, failed and cancelled tasks that ended before <paramref name="before"/>, at most <paramref name="take"/>, and tells how many. Their files are gone already.</summary>
    Task<int> PurgeAsync(DateTimeOffset before, int take, CancellationToken cancel);
}
