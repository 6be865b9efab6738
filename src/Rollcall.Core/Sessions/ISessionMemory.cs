namespace Rollcall.Core.Sessions;

/// <summary>Sessions that a store keeps in memory beside itself, so that lists of them are counted and paged without reading rows.</summary>
public interface ISessionMemory
{
    /// <summary>About what it takes.</summary>
    long Bytes { get; }

    /// <summary>Reads the sessions of every tenant, then follows the store until cancelled. Until a tenant's are read, and whenever they are not, the store itself answers.</summary>
    /// <param name="clock">Paces it.</param>
    /// <param name="tell">What became of a tenant.</param>
    /// <param name="cancel">Ends it.</param>
    Task KeepAsync(TimeProvider clock, Action<TenantId, SessionMemoryOutcome> tell, CancellationToken cancel);
}

/// <summary>What became of the reading of a tenant's sessions.</summary>
public enum SessionMemoryOutcome
{
    /// <summary>Questions are answered from memory.</summary>
    Ready,

    /// <summary>They would have taken more memory than they may: the store itself goes on answering.</summary>
    TooLarge,
}
