namespace Rollcall.Core.Users;

/// <summary>How an account becomes usable. The numbers are stored: never renumber.</summary>
public enum Activation
{
    /// <summary>The person activates it from an invitation.</summary>
    Self = 1,

    /// <summary>The administrator sets the password and activates it.</summary>
    Administrator = 2,
}

/// <summary>A person of the fleet in the tenant's directory. Leaving the directory never touches history.</summary>
public sealed record User
{
    public required TenantId Tenant { get; init; }

    /// <summary>32 lower-case hexadecimal digits, given by the ledger.</summary>
    public required string Id { get; init; }

    /// <summary>Unique in the tenant, ignoring case.</summary>
    public required string Name { get; init; }

    public string? Sid { get; init; }
    public string? Domain { get; init; }
    public string? FullName { get; init; }
    public string? Email { get; init; }
    public string? Phone { get; init; }
    public string? Description { get; init; }
    public Activation Activation { get; init; } = Activation.Self;

    /// <summary>Invited, and not yet activated.</summary>
    public bool Invited { get; init; }

    public bool Enabled { get; init; } = true;
    public bool Locked { get; init; }
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public bool PasswordNeverExpires { get; init; }
    public bool MayChangePassword { get; init; } = true;
    public bool MustChangePassword { get; init; }

    /// <summary>Desktops bound to the person.</summary>
    public int Desktops { get; init; }

    /// <summary>Whether the person subscribed to sharing a desktop with others.</summary>
    public bool Sharing { get; init; }

    /// <summary>Shared desktops bound to the person.</summary>
    public int SharedDesktops { get; init; }

    /// <summary>A grouping below the tenant; null means the default one.</summary>
    public string? Subproject { get; init; }
}

/// <summary>One subproject, by its exact id.</summary>
/// <param name="IsDefault">Whether it is the default one, which users without any are in.</param>
public sealed record SubprojectFilter(string Id, bool IsDefault);

/// <summary>Which users to find in one tenant. Results come in the order of their names.</summary>
public sealed record UserQuery(TenantId Tenant)
{
    /// <summary>Substring, ignoring case.</summary>
    public string? NameContains { get; init; }

    /// <summary>Any of these, each exact, ignoring case; empty means all.</summary>
    public IReadOnlyCollection<string> Names { get; init; } = [];

    /// <summary>Substring, ignoring case.</summary>
    public string? DescriptionContains { get; init; }

    public Activation? Activation { get; init; }

    public bool? Sharing { get; init; }

    /// <summary>True: at least one shared desktop; false: none.</summary>
    public bool? HasSharedDesktops { get; init; }

    public SubprojectFilter? Subproject { get; init; }

    /// <summary>Exact: the group is one of the user's.</summary>
    public string? Group { get; init; }

    public bool? Enabled { get; init; }

    /// <summary>Exact, ignoring the case of ASCII letters: names of domains have no other letters whose case counts.</summary>
    public string? Domain { get; init; }
}

/// <summary>What became of one stored user.</summary>
public enum UserChange
{
    Created,
    Updated,
    Unchanged,
}

/// <summary>The tenant's directory of people.</summary>
public interface IUserDirectory
{
    /// <summary>One page in the order of names, with the exact number of matches.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>cursor</c> when it was not given out by this directory.</exception>
    Task<Page<User>> FindAsync(UserQuery query, string? cursor, int take, CancellationToken cancel);

    /// <summary>Null when the tenant has no such user; the name ignores case.</summary>
    Task<User?> TryGetAsync(TenantId tenant, string name, CancellationToken cancel);

    /// <summary>Null when the tenant has no such user.</summary>
    Task<User?> TryGetByIdAsync(TenantId tenant, string id, CancellationToken cancel);

    /// <summary>A window of the matches in the order of names, streamed, with the exact number of all: from one snapshot. The caller disposes it.</summary>
    Task<RowStream<User>> OpenAsync(UserQuery query, PageWindow window, CancellationToken cancel);

    /// <summary>The ids of those of the names that the directory knows, by <see cref="NameKey"/>.</summary>
    Task<IReadOnlyDictionary<string, string>> FindIdsAsync(TenantId tenant, IReadOnlyCollection<string> nameKeys, CancellationToken cancel);

    /// <summary>Stores all of them in one durable transaction, matching by name; the id of a known user stays.</summary>
    Task<IReadOnlyList<UserChange>> PutAsync(TenantId tenant, IReadOnlyList<User> users, CancellationToken cancel);

    /// <summary>False when the tenant has no such user.</summary>
    Task<bool> DeleteAsync(TenantId tenant, string name, CancellationToken cancel);

    /// <summary>Streams every match from one snapshot.</summary>
    IAsyncEnumerable<User> ScanAsync(UserQuery query, CancellationToken cancel);

    Task<long> CountAsync(UserQuery query, CancellationToken cancel);
}
