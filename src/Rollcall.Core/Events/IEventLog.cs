namespace Rollcall.Core.Events;

/// <summary>Takes events in, once each, and keeps the sessions that follow from them.</summary>
public interface IEventLog
{
    /// <summary>Stores the batch and its projection in one durable transaction. An event the ledger holds already changes nothing.</summary>
    /// <param name="tenant">Whose ledger.</param>
    /// <param name="batch">In the order of the request; the receipt counts by it.</param>
    /// <param name="rejected">What came with it and is no event: counted for the host, else the source, else the tenant, in the same transaction.</param>
    /// <param name="cancel">Honoured until the transaction begins.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when too many writers wait; nothing is stored.</exception>
    Task<Receipt> AppendAsync(TenantId tenant, IReadOnlyList<LedgerEvent> batch, IReadOnlyList<RejectedEvent> rejected, CancellationToken cancel);
}

public static class EventLogs
{
    /// <summary>Of a sender that never sends anything else than events.</summary>
    public static Task<Receipt> AppendAsync(this IEventLog log, TenantId tenant, IReadOnlyList<LedgerEvent> batch, CancellationToken cancel) =>
        log.AppendAsync(tenant, batch, [], cancel);
}

/// <summary>What could be read of something that was refused.</summary>
/// <param name="Source">Null when it could not be read.</param>
/// <param name="HostName">Null when it could not be read; a host that the ledger does not have is not made for it.</param>
/// <param name="AheadAt">Its time, when that was why: it proves that a clock is wrong. Else null.</param>
public sealed record RejectedEvent(string? Source, string? HostName, DateTimeOffset? AheadAt);

/// <summary>What became of a batch. Given out after the commit is durable, never before.</summary>
/// <param name="Conflicts">Indexes in the batch whose id the ledger holds with another time.</param>
public sealed record Receipt(int Accepted, int Duplicate, IReadOnlyList<int> Conflicts)
{
    /// <summary>Hosts whose clocks were seen over the limit for the first time since they last were well under it.</summary>
    public IReadOnlyList<ClockWarning> ClockWarnings { get; init; } = [];

    /// <summary>Of the accepted, those that came longer after their time than the limit, though their source was live by then.</summary>
    public int Late { get; init; }

    /// <summary>Of the accepted, those that tell of a logon.</summary>
    public int Logons { get; init; }

    /// <summary>Of the accepted, those that tell of a failed logon.</summary>
    public int Failures { get; init; }
}

/// <summary>A host's clock is off by more than the limit.</summary>
/// <param name="HostName">Untrusted text.</param>
/// <param name="SkewMs">Ahead of the server; negative when behind.</param>
public sealed record ClockWarning(string HostName, long SkewMs);

/// <summary>Sources that are the server's own.</summary>
public static class ServerSource
{
    /// <summary>What the server writes itself; no other source's name may begin so.</summary>
    public const string Prefix = "rollcall:";

    public const string Name = Prefix + "server";

    /// <summary>An operator, by number: names change hands, numbers never do.</summary>
    public static string Of(long operatorId) => $"{Prefix}operator:{operatorId}";
}
