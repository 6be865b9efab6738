namespace Rollcall.Core.SignIns;

/// <summary>What a sign-in's token is good for. The numbers are stored: never renumber.</summary>
public enum SignInScope
{
    /// <summary>No token of ours: another console reported it.</summary>
    Foreign = 0,

    /// <summary>One tenant's operations.</summary>
    Tenant = 1,

    /// <summary>The server as a whole: who am I, which tenants have I.</summary>
    Domain = 2,

    /// <summary>The operator's own console.</summary>
    Console = 3,
}

/// <summary>One login of an operator at a console or an API, until logout or expiry.</summary>
public sealed record SignIn
{
    public required TenantId Tenant { get; init; }

    /// <summary>A version 4 GUID; opaque, and never the token.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose it is, for ever: numbers are never given twice. Null when another console reported it, which knows names only.</summary>
    public long? OperatorId { get; init; }

    /// <summary>As the operator is spelled in the ledger, or as another console spelled it.</summary>
    public required string OperatorName { get; init; }

    public required SignInScope Scope { get; init; }

    /// <summary>The tenant whose operations the token opens; set with <see cref="SignInScope.Tenant"/> only.</summary>
    public TenantId? ScopeTenant { get; init; }

    /// <summary>The console's number for its kind; unknown numbers pass through.</summary>
    public required int ConsoleType { get; init; }

    /// <summary>The machine where the operator sits, as far as known. Untrusted text.</summary>
    public required string Host { get; init; }

    /// <summary>What that machine called itself at the sign-in, as it was sent; null when it did not, and then the token is never renewed.</summary>
    public string? DeviceId { get; init; }

    /// <summary>The address the sign-in came from, behind trusted proxies the client's; null when another console reported it.</summary>
    public string? ClientAddress { get; init; }

    public required long BrowserSessionId { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset LastSeenAt { get; init; }

    /// <summary>Silence after which the token dies; null means it may be silent.</summary>
    public TimeSpan? IdleLimit { get; init; }

    /// <summary>When the token dies whatever happens; null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was signed out; null when nobody did.</summary>
    public DateTimeOffset? SignedOutAt { get; init; }

    /// <summary>The end by sign-out, silence or expiry; null while it lasts. It ends at that very moment, whoever notices when.</summary>
    public DateTimeOffset? EndedAt(DateTimeOffset now)
    {
        if (SignedOutAt is { } signedOut)
            return signedOut;

        var silent = LastSeenAt + IdleLimit;
        var end = silent < ExpiresAt ? silent : ExpiresAt ?? silent;
        return end <= now ? end : null;
    }

    /// <summary>
    /// Whether the token may be changed for a new one: of a sign-in at a console that lasts, or that fell silent less than <paramref name="grace"/>
    /// ago, and for the very device that signed in. What was signed out, or lived out its time, stays dead.
    /// </summary>
    public bool IsRenewable(string deviceId, DateTimeOffset now, TimeSpan grace) =>
        Scope is SignInScope.Console && SignedOutAt is null && !(ExpiresAt <= now)
        && string.Equals(DeviceId, deviceId, StringComparison.Ordinal)
        && !(LastSeenAt + IdleLimit + grace <= now);
}

/// <summary>Which sign-ins to find in one tenant. Results come newest first, ties in one fixed order.</summary>
public sealed record SignInQuery(TenantId Tenant)
{
    /// <summary>Compared with the start.</summary>
    public TimeRange Started { get; init; } = TimeRange.Always;

    /// <summary>Exact, ignoring case; null means everyone.</summary>
    public string? OperatorName { get; init; }

    /// <summary>The operator's machine; exact, ignoring case; null means every one.</summary>
    public string? Host { get; init; }

    /// <summary>Where it came from; null means everywhere, and what other consoles report has no address.</summary>
    public AddressRange? ClientAddressIn { get; init; }

    /// <summary>Those that nobody signed out, before this instant or after it, and that had neither fallen silent nor expired by then; null means all.</summary>
    public DateTimeOffset? LastingAt { get; init; }
}

/// <summary>Sign-ins to Rollcall and those that other consoles report.</summary>
public interface ISignInLog
{
    /// <summary>Stores a new sign-in under the hash of its token, with the tenant's next browser session number; durable when it returns.</summary>
    Task<SignIn> BeginAsync(SignIn signIn, ReadOnlyMemory<byte> tokenHash, CancellationToken cancel);

    /// <summary>Null when no sign-in has this token; an ended one is found all the same.</summary>
    Task<SignIn?> TryGetByTokenAsync(ReadOnlyMemory<byte> tokenHash, CancellationToken cancel);

    /// <summary>Moves the last sign of life forward, never back.</summary>
    Task TouchAsync(TenantId tenant, IReadOnlyCollection<(Guid Id, DateTimeOffset SeenAt)> seen, CancellationToken cancel);

    /// <summary>Signs out; a sign-in already signed out keeps its time.</summary>
    Task SignOutAsync(TenantId tenant, Guid id, DateTimeOffset at, CancellationToken cancel);

    /// <summary>
    /// Ends sign-ins of ours in one transaction, last seen when told, at <paramref name="at"/> or when they had died by themselves before it; one
    /// already signed out keeps its time. None of them can be renewed afterwards.
    /// </summary>
    Task EndAsync(IReadOnlyCollection<SignIn> signIns, DateTimeOffset at, CancellationToken cancel);

    /// <summary>
    /// Puts a new token in the place of the old one and breaks the silence; durable when it returns. False when the old one is spent, or the
    /// sign-in was signed out or its operator removed meanwhile: of two that race, one wins.
    /// </summary>
    Task<bool> RenewAsync(SignIn signIn, ReadOnlyMemory<byte> oldHash, ReadOnlyMemory<byte> newHash, DateTimeOffset at, CancellationToken cancel);

    /// <summary>Those of the given ids that the tenant has, in any order.</summary>
    Task<IReadOnlyList<SignIn>> FindByIdsAsync(TenantId tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancel);

    /// <summary>One page by cursor, stable while rows arrive.</summary>
    /// <param name="cursor">From the page before; null for the first.</param>
    /// <param name="take">Rows at most.</param>
    /// <param name="count">Whether to count all matches as well.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> on <c>cursor</c> when it was not given out by this log.</exception>
    Task<Page<SignIn>> FindAsync(SignInQuery query, string? cursor, int take, bool count, CancellationToken cancel);

    /// <summary>
    /// All sign-ins of one operator, newest first, at most <paramref name="take"/>: its own by its number, and those that other
    /// consoles report by its name.
    /// </summary>
    Task<IReadOnlyList<SignIn>> FindAsync(TenantId tenant, long operatorId, string operatorName, int take, CancellationToken cancel);

    /// <summary>Counts and reads in one snapshot, which lasts until the stream is disposed.</summary>
    Task<RowStream<SignIn>> OpenAsync(SignInQuery query, CancellationToken cancel);
}
