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
    public required ExportState State { get; init; }
    public required string RequestedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it finished or failed; null until then.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed, in words for the caller; null unless it did.</summary>
    public string? Failure { get; init; }

    /// <summary>Rows in the finished file, header excluded; null until the file is whole.</summary>
    public long? RowCount { get; init; }

    /// <summary>Size of the finished file; null until the file is whole.</summary>
    public long? SizeBytes { get; init; }

    /// <summary>Lower-case hexadecimal SHA-256 of the finished file; null until the file is whole.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Whether somebody fetched the file.</summary>
    public bool IsDownloaded { get; init; }

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
public sealed record ExportOutcome(long RowCount, long SizeBytes, string Sha256);

/// <summary>Holds export tasks; a task is durable before its id is given out.</summary>
public interface IExportTaskStore
{
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when the tenant has too many unfinished tasks.</exception>
    Task AddAsync(ExportTask task, int unfinishedMax, CancellationToken cancel);

    Task<Page<ExportTask>> FindAsync(ExportTaskQuery query, CancellationToken cancel);

    /// <summary>Null when the tenant has no such task.</summary>
    Task<ExportTask?> TryGetAsync(TenantId tenant, string id, CancellationToken cancel);

    /// <summary>Takes the oldest task that is queued or whose worker's lease ran out; null when there is none.</summary>
    Task<ExportTask?> TryLeaseAsync(DateTimeOffset now, TimeSpan lease, CancellationToken cancel);

    /// <summary>False when the task was deleted or somebody else holds it now: the worker stops.</summary>
    Task<bool> RenewLeaseAsync(ExportTask task, DateTimeOffset now, TimeSpan lease, CancellationToken cancel);

    /// <summary>False when the task was deleted or somebody else holds it now: the file is not to be kept.</summary>
    Task<bool> FinishAsync(ExportTask task, ExportOutcome outcome, DateTimeOffset now, CancellationToken cancel);

    /// <summary>Gives the task back as if it had never been begun: a worker that stops in good order.</summary>
    Task ReleaseAsync(ExportTask task, CancellationToken cancel);

    Task FailAsync(ExportTask task, string reason, DateTimeOffset now, CancellationToken cancel);

    Task MarkDownloadedAsync(TenantId tenant, string id, CancellationToken cancel);

    /// <summary>Deletes those that exist and tells which they were, so that their files can go too.</summary>
    Task<IReadOnlyList<string>> DeleteAsync(TenantId tenant, IReadOnlyCollection<string> ids, CancellationToken cancel);

    /// <summary>Marks finished tasks that ended before <paramref name="before"/> as expired and tells which, so that their files can go.</summary>
    Task<IReadOnlyList<(TenantId Tenant, string Id)>> ExpireAsync(DateTimeOffset before, int take, CancellationToken cancel);
}
