namespace Rollcall.Core.Backups;

/// <summary>A ledger cannot be read or copied as a whole; the message says why and what to do, without any secret.</summary>
public sealed class LedgerException(string message, Exception? cause = null) : Exception(message, cause);
