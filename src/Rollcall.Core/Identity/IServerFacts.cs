namespace Rollcall.Core.Identity;

/// <summary>What all servers on one store must agree on. Only a store that several servers share has it.</summary>
public interface IServerFacts
{
    /// <summary>Null when no server has said it yet.</summary>
    Task<byte[]?> TryGetAsync(string name, CancellationToken cancel);

    /// <summary>Says it unless another server was first.</summary>
    /// <returns>What holds.</returns>
    Task<byte[]> AddAsync(string name, byte[] value, CancellationToken cancel);

    Task ReplaceAsync(string name, byte[] value, CancellationToken cancel);
}
