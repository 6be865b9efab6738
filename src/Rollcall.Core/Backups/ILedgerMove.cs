namespace Rollcall.Core.Backups;

/// <summary>
/// A whole ledger, as of one instant, on its way into another store. Until it is finished no server serves from there. It may be begun again as often as
/// it ends before that, of the same ledger: what is there already is not written again, what has changed since is.
/// </summary>
public interface ILedgerMove : IDisposable
{
    /// <summary>Brings over what is not there yet, in pieces that are durable one by one.</summary>
    /// <param name="tell">Called now and then while it works.</param>
    /// <param name="cancel">Honoured between two rows.</param>
    /// <exception cref="LedgerException">Either store cannot be read or written; the message says why.</exception>
    void Copy(Action<LedgerProgress> tell, CancellationToken cancel);

    /// <summary>Reads both sides again, row by row, and proves the chains where they have arrived. What is wrong, a sentence each; nothing when all is there.</summary>
    /// <param name="tell">Called now and then while it works.</param>
    /// <param name="cancel">Honoured between two rows.</param>
    /// <exception cref="LedgerException">Either store cannot be read; the message says why.</exception>
    IEnumerable<string> Differences(Action<LedgerProgress> tell, CancellationToken cancel);

    /// <summary>How many rows each table was found to have on both sides; empty before <see cref="Differences"/> was read to its end.</summary>
    IReadOnlyList<MovedRows> Moved { get; }

    /// <summary>Makes the other store a ledger that servers open. Nothing of this ledger is written from here on.</summary>
    /// <exception cref="LedgerException">It cannot be done; the other store is as before.</exception>
    void Finish();
}

/// <summary>Rows of one table on both sides of a move.</summary>
/// <param name="Table">As both stores name it.</param>
/// <param name="Rows">Of all tenants.</param>
public sealed record MovedRows(string Table, long Rows);
