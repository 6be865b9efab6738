namespace Rollcall.Core.Identity;

/// <summary>The unit of isolation, with its name for people.</summary>
public sealed record Tenant(TenantId Id, string Name, DateTimeOffset CreatedAt);

/// <summary>Somebody or something that calls Rollcall.</summary>
public sealed record Operator
{
    /// <summary>Positive, unique on the server, never reused.</summary>
    public required long Id { get; init; }

    public required TenantId Tenant { get; init; }

    /// <summary>Unique on the server, ignoring case.</summary>
    public required string Name { get; init; }

    public required IReadOnlyList<Role> Roles { get; init; }

    /// <summary>The first operator: every tenant's rights, and the only one who may make tenants.</summary>
    public required bool IsServerAdministrator { get; init; }

    /// <summary>Null when the operator has no password.</summary>
    public string? PasswordHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>A removed operator can do nothing; its number and its sign-ins stay.</summary>
    public bool IsRemoved { get; init; }
}

/// <summary>A secret with permissions and an expiry of its own, for scripts and agents.</summary>
/// <param name="Id">32 lower-case hexadecimal digits; not the secret.</param>
/// <param name="ExpiresAt">Null means never.</param>
public sealed record ApiToken(
    TenantId Tenant, string Id, string Name, IReadOnlyList<Role> Roles, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>A key pair with which an operator's programs sign requests.</summary>
/// <param name="Key">The public half.</param>
/// <param name="SealedSecret">The secret half under the server's key: signing needs it in clear, so a hash cannot do.</param>
public sealed record AccessKey(TenantId Tenant, string Key, long OperatorId, ReadOnlyMemory<byte> SealedSecret, DateTimeOffset CreatedAt);

/// <summary>Tenants, operators and their credentials.</summary>
public interface IIdentityStore
{
    /// <summary>Makes the first tenant, operator, key and token in one transaction; false when the server has tenants already.</summary>
    Task<bool> BootstrapAsync(Tenant tenant, Operator first, AccessKey key, ApiToken token, ReadOnlyMemory<byte> tokenHash, CancellationToken cancel);

    Task<bool> HasTenantsAsync(CancellationToken cancel);

    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/> when the name is taken.</exception>
    Task AddTenantAsync(Tenant tenant, CancellationToken cancel);

    Task<Tenant?> TryGetTenantAsync(TenantId tenant, CancellationToken cancel);

    /// <summary>In the order of their making, after <paramref name="after"/> when given.</summary>
    Task<Page<Tenant>> FindTenantsAsync(string? after, int take, CancellationToken cancel);

    /// <summary>Stores a new operator and gives it its id.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Conflict"/> when the name is taken on this server.</exception>
    Task<Operator> AddOperatorAsync(Operator operatorWithoutId, CancellationToken cancel);

    /// <summary>By name ignoring case, on the whole server: names are unique there. Null when there is none, or when it was removed.</summary>
    Task<Operator?> TryGetOperatorByNameAsync(string name, CancellationToken cancel);

    /// <summary>Null when the server never had such an operator; a removed one is found all the same.</summary>
    Task<Operator?> TryGetOperatorAsync(long id, CancellationToken cancel);

    Task<Page<Operator>> FindOperatorsAsync(TenantId tenant, string? after, int take, CancellationToken cancel);

    /// <summary>Takes the operator's name, keys and tokens away and keeps its number and its sign-ins; false when the tenant has no such operator.</summary>
    Task<bool> DeleteOperatorAsync(TenantId tenant, long id, DateTimeOffset at, CancellationToken cancel);

    Task AddApiTokenAsync(ApiToken token, ReadOnlyMemory<byte> tokenHash, CancellationToken cancel);

    /// <summary>Null when no token has this hash; an expired one is found all the same.</summary>
    Task<ApiToken?> TryGetApiTokenAsync(ReadOnlyMemory<byte> tokenHash, CancellationToken cancel);

    /// <summary>Null when the tenant has no such token; an expired one is found all the same.</summary>
    Task<ApiToken?> TryGetApiTokenAsync(TenantId tenant, string id, CancellationToken cancel);

    Task<Page<ApiToken>> FindApiTokensAsync(TenantId tenant, string? after, int take, CancellationToken cancel);

    Task<bool> DeleteApiTokenAsync(TenantId tenant, string id, CancellationToken cancel);

    Task AddAccessKeyAsync(AccessKey key, CancellationToken cancel);

    /// <summary>Null when the server has no such key.</summary>
    Task<AccessKey?> TryGetAccessKeyAsync(string key, CancellationToken cancel);

    Task<Page<AccessKey>> FindAccessKeysAsync(TenantId tenant, string? after, int take, CancellationToken cancel);

    Task<bool> DeleteAccessKeyAsync(TenantId tenant, string key, CancellationToken cancel);
}
