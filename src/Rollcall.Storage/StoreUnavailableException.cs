namespace Rollcall.Storage;

/// <summary>The store cannot be opened at all; the message says why and what to do, without any secret.</summary>
public sealed class StoreUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
