namespace Rollcall.Core.Backups;

/// <summary>
/// One instant of a whole ledger, held for somebody who looks after it and not for a tenant. What is written meanwhile is not seen, and an engine may
/// have to keep it apart until this is disposed.
/// </summary>
public interface ILedgerInspection : IDisposable
{
    /// <summary>Number of the newest migration that the ledger has.</summary>
    long Schema { get; }

    /// <summary>Checkpoints that <see cref="Check"/> met and could not hold against the server's key, for want of it.</summary>
    long SealsUnchecked { get; }

    /// <summary>What each tenant has, by id; without those whose id is none, which <see cref="Check"/> tells of.</summary>
    /// <exception cref="LedgerException">It cannot be read.</exception>
    IReadOnlyList<TenantTotals> Totals(CancellationToken cancel);

    /// <summary>
    /// What is wrong, a sentence each that says where: with the engine's own structures, with the chain of each tenant's batches computed anew from its
    /// events, and with rows that belong to nothing. Nothing is listed of a sound ledger.
    /// </summary>
    /// <param name="tell">Called now and then while it works.</param>
    /// <param name="cancel">Honoured between two rows.</param>
    IEnumerable<string> Check(Action<LedgerProgress> tell, CancellationToken cancel);
}

/// <summary>How far long work is.</summary>
/// <param name="Doing">What is under way, for a person.</param>
/// <param name="Done">In units of <paramref name="Doing"/>.</param>
/// <param name="All">Null when it is not known.</param>
public readonly record struct LedgerProgress(string Doing, long Done, long? All);

/// <summary>How much a ledger has of one tenant, at one instant.</summary>
/// <param name="Tenant">Whose.</param>
/// <param name="Name">As it is shown.</param>
/// <param name="Events">Beats are none.</param>
/// <param name="Batches">Of events.</param>
/// <param name="ChainHead">Hash of the newest batch, in lower-case hexadecimal; empty when there is none.</param>
/// <param name="Sessions">Open ones too.</param>
/// <param name="Connections">Failed attempts too.</param>
/// <param name="SignIns">Of operators.</param>
/// <param name="Users">Of the directory.</param>
public sealed record TenantTotals(
    TenantId Tenant, string Name, long Events, long Batches, string ChainHead, long Sessions, long Connections, long SignIns, long Users);
