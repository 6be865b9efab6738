namespace Rollcall.Server.Backups;

/// <summary>A command about a whole ledger cannot do what it was asked to; the message says why.</summary>
internal sealed class CommandException(string message, Exception? cause = null) : Exception(message, cause);
