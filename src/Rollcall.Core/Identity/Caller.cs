using Rollcall.Core.SignIns;

namespace Rollcall.Core.Identity;

/// <summary>Who asks, as established by one of the ways in.</summary>
public sealed record Caller
{
    /// <summary>The tenant the caller belongs to.</summary>
    public required TenantId Tenant { get; init; }

    /// <summary>The operator's or the API token's name.</summary>
    public required string Name { get; init; }

    /// <summary>Null when the caller came with an API token, which belongs to no operator.</summary>
    public Operator? Operator { get; init; }

    /// <summary>The API token the caller came with; null when it came with none.</summary>
    public string? ApiTokenId { get; init; }

    /// <summary>Null when the caller came with an API token or a signature.</summary>
    public SignIn? SignIn { get; init; }

    public required IReadOnlyList<Role> Roles { get; init; }

    public bool IsServerAdministrator => Operator is { IsServerAdministrator: true };

    public bool May(Permission permission) =>
        IsServerAdministrator || Roles.Any(role => Identity.Roles.PermissionsOf(role).Contains(permission));

    /// <exception cref="FaultException"><see cref="FaultCode.NotAllowed"/>, naming what is missing.</exception>
    public void Demand(Permission permission)
    {
        if (!May(permission))
            throw FaultException.NotAllowed(permission);
    }
}
