namespace Rollcall.Core.Events;

/// <summary>Takes events in, once each, and keeps the sessions that follow from them.</summary>
public interface IEventLog
{
    /// <summary>Stores the batch and its projection in one durable transaction. An event the ledger holds already changes nothing.</summary>
    /// <param name="tenant">Whose ledger.</param>
    /// <param name="batch">In the order of the request; the receipt counts by it.</param>
    /// <param name="cancel">Honoured until the transaction begins.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when too many writers wait; nothing is stored.</exception>
    Task<Receipt> AppendAsync(TenantId tenant, IReadOnlyList<LedgerEvent> batch, CancellationToken cancel);
}

/// <summary>What became of a batch. Given out after the commit is durable, never before.</summary>
/// <param name="Conflicts">Indexes in the batch whose id the ledger holds with another time.</param>
public sealed record Receipt(int Accepted, int Duplicate, IReadOnlyList<int> Conflicts);

/// <summary>Sources that are the server's own.</summary>
public static class ServerSource
{
    /// <summary>What the server writes itself; no other source's name may begin so.</summary>
    public const string Prefix = "rollcall:";

    public const string Name = Prefix + "server";

    /// <summary>An operator, by number: names change hands, numbers never do.</summary>
    public static string Of(long operatorId) => $"{Prefix}operator:{operatorId}";
}
