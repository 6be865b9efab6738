using System.Collections.Concurrent;
using System.Net;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;

namespace Rollcall.Server.Identity;

/// <summary>What a dialect wants of a sign-in by password.</summary>
internal sealed record SignInRequest
{
    public required string Name { get; init; }
    public required string Password { get; init; }
    public required IPAddress? Address { get; init; }
}

/// <summary>What a dialect makes of a sign-in once the operator is known.</summary>
internal sealed record SignInTerms
{
    public required string Token { get; init; }
    public required SignInScope Scope { get; init; }
    public TenantId? ScopeTenant { get; init; }
    public required int ConsoleType { get; init; }

    /// <summary>The operator's machine, as far as known. Untrusted text.</summary>
    public required string Host { get; init; }

    /// <summary>What that machine calls itself, by which its token can be renewed. Untrusted text; null when it does not say.</summary>
    public string? DeviceId { get; init; }

    /// <summary>Where the request came from, by the first hop that is no trusted proxy.</summary>
    public required IPAddress? Address { get; init; }

    public TimeSpan? IdleLimit { get; init; }
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Ends the lifetime earlier; null leaves it whole.</summary>
    public DateTimeOffset? NotAfter { get; init; }
}

/// <summary>What a dialect wants of a renewal: one token for another.</summary>
internal sealed record RenewalRequest
{
    public required string Token { get; init; }
    public required string NewToken { get; init; }
    public required string DeviceId { get; init; }
    public required IPAddress? Address { get; init; }

    /// <summary>How long after it fell silent a sign-in can be brought back.</summary>
    public required TimeSpan Grace { get; init; }
}

/// <summary>Signs operators in and out and knows callers by their tokens, for every dialect alike.</summary>
internal sealed class SignInDesk(IIdentityStore identities, ISignInLog signIns, FailureLimiter limiter, TimeProvider clock)
{
    /// <summary>A last sign of life is written down when the stored one is this old: a busy script must not write at every request.</summary>
    private static readonly TimeSpan TouchEvery = TimeSpan.FromSeconds(5);

    /// <summary>Signs of life that only memory holds, at most; beyond it they are written down at once.</summary>
    private const int UnsavedMax = 10_000;

    /// <summary>Stands for the account of a token that nobody has when its failures are counted; no operator can be called so.</summary>
    private const string Nobody = "\0";

    private readonly ConcurrentDictionary<Guid, (TenantId Tenant, DateTimeOffset SeenAt)> unsaved = new();

    /// <summary>Null when name or password is wrong; which of them is never said.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> after too many failures.</exception>
    public async Task<Operator?> TryKnowAsync(SignInRequest request, CancellationToken cancel)
    {
        var found = await identities.TryGetOperatorByNameAsync(request.Name, cancel);
        var isRight = await limiter.CheckAsync(
            request.Name, request.Address, () => Secrets.VerifyPassword(request.Password, found?.PasswordHash), cancel);
        return isRight ? found : null;
    }

    public async Task<SignIn> BeginAsync(Operator known, SignInTerms terms, CancellationToken cancel)
    {
        var now = Instants.ToMilliseconds(clock.GetUtcNow());
        var signIn = new SignIn
        {
            Tenant = known.Tenant,
            Id = Guid.NewGuid(),
            OperatorId = known.Id,
            OperatorName = known.Name,
            Scope = terms.Scope,
            ScopeTenant = terms.ScopeTenant,
            ConsoleType = terms.ConsoleType,
            Host = terms.Host,
            DeviceId = terms.DeviceId,
            ClientAddress = terms.Address?.ToString(),
            BrowserSessionId = 0,
            StartedAt = now,
            LastSeenAt = now,
            IdleLimit = terms.IdleLimit,
            ExpiresAt = terms.NotAfter < now + terms.Lifetime ? terms.NotAfter : now + terms.Lifetime,
        };
        return await signIns.BeginAsync(signIn, Secrets.HashToken(terms.Token), cancel);
    }

    /// <summary>The living sign-in behind a token, its silence broken by this call; null when the token is unknown, signed out or expired.</summary>
    public async Task<Caller?> TryResolveAsync(string token, CancellationToken cancel)
    {
        if (await LivingAsync(token, cancel) is not var (stored, known))
            return null;

        await TouchAsync(stored, cancel);
        return CallerOf(stored, known);
    }

    /// <summary>The same, but its silence goes on.</summary>
    public async Task<Caller?> TryLookAsync(string token, CancellationToken cancel) =>
        await LivingAsync(token, cancel) is var (stored, known) ? CallerOf(stored, known) : null;

    /// <summary>The sign-in behind a token, ended or not, as of its very last sign of life; null when the token is unknown.</summary>
    public async Task<SignIn?> TryGetAsync(string token, CancellationToken cancel) =>
        await signIns.TryGetByTokenAsync(Secrets.HashToken(token), cancel) is { } found ? Refreshed(found) : null;

    /// <summary>Spends a token for a new one of the same sign-in; false when it may not be, and why is never said. Failures count as those of passwords do.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> after too many failures.</exception>
    public async Task<bool> TryRenewAsync(RenewalRequest request, CancellationToken cancel)
    {
        var oldHash = Secrets.HashToken(request.Token);
        var stored = await signIns.TryGetByTokenAsync(oldHash, cancel);
        var known = stored?.OperatorId is { } id ? await identities.TryGetOperatorAsync(id, cancel) : null;
        var now = Instants.ToMilliseconds(clock.GetUtcNow());
        var isRight = await limiter.CheckAsync(
            known?.Name ?? Nobody,
            request.Address,
            () => stored is not null && known is { IsRemoved: false } && Refreshed(stored).IsRenewable(request.DeviceId, now, request.Grace),
            cancel);
        return isRight && await signIns.RenewAsync(stored!, oldHash, Secrets.HashToken(request.NewToken), now, cancel);
    }

    public async Task SignOutAsync(SignIn signIn, CancellationToken cancel)
    {
        await signIns.SignOutAsync(signIn.Tenant, signIn.Id, Instants.ToMilliseconds(clock.GetUtcNow()), cancel);
        unsaved.TryRemove(signIn.Id, out _);
    }

    /// <summary>Ends sign-ins that <see cref="FindByIdsAsync"/> found, all of them or, when the store refuses, none.</summary>
    public async Task EndAsync(IReadOnlyCollection<SignIn> ended, CancellationToken cancel)
    {
        await signIns.EndAsync(ended, Instants.ToMilliseconds(clock.GetUtcNow()), cancel);
        foreach (var signIn in ended)
            unsaved.TryRemove(signIn.Id, out _);
    }

    /// <summary>Those of the given ids that the tenant has, each as of its very last sign of life.</summary>
    public async Task<IReadOnlyList<SignIn>> FindByIdsAsync(TenantId tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancel) =>
        [.. (await signIns.FindByIdsAsync(tenant, ids, cancel)).Select(Refreshed)];

    /// <summary>An operator's sign-ins, newest first, each as of its very last sign of life.</summary>
    public async Task<IReadOnlyList<SignIn>> FindAsync(Operator whose, int take, CancellationToken cancel) =>
        [.. (await signIns.FindAsync(whose.Tenant, whose.Id, whose.Name, take, cancel)).Select(Refreshed)];

    /// <summary>One page of the tenant's sign-ins, each as of its very last sign of life.</summary>
    public async Task<Page<SignIn>> FindAsync(SignInQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        // Which of them last is asked of the store: it must know of every sign of life.
        if (query.LastingAt is not null)
            await FlushAsync(cancel);
        var page = await signIns.FindAsync(query, cursor, take, count, cancel);
        return page with { Items = [.. page.Items.Select(Refreshed)] };
    }

    /// <summary>Writes down every last sign of life that only memory holds: before a graceful stop, and when there are many.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        foreach (var group in unsaved.ToArray().GroupBy(pair => pair.Value.Tenant))
        {
            await signIns.TouchAsync(group.Key, [.. group.Select(pair => (pair.Key, pair.Value.SeenAt))], cancel);
            foreach (var pair in group)
                unsaved.TryRemove(pair);
        }
    }

    /// <summary>The sign-in as it is stored, and whose it is. Removed operators keep their sign-ins in the ledger, but not their way in.</summary>
    private async Task<(SignIn Stored, Operator Known)?> LivingAsync(string token, CancellationToken cancel)
    {
        var stored = await signIns.TryGetByTokenAsync(Secrets.HashToken(token), cancel);
        if (stored is null || Refreshed(stored).EndedAt(clock.GetUtcNow()) is not null)
            return null;

        return stored.OperatorId is { } id && await identities.TryGetOperatorAsync(id, cancel) is { IsRemoved: false } known ? (stored, known) : null;
    }

    private Caller CallerOf(SignIn stored, Operator known) =>
        new() { Tenant = known.Tenant, Name = known.Name, Operator = known, SignIn = Refreshed(stored), Roles = known.Roles };

    private SignIn Refreshed(SignIn stored) =>
        unsaved.TryGetValue(stored.Id, out var seen) && seen.SeenAt > stored.LastSeenAt ? stored with { LastSeenAt = seen.SeenAt } : stored;

    private async Task TouchAsync(SignIn stored, CancellationToken cancel)
    {
        var now = Instants.ToMilliseconds(clock.GetUtcNow());
        unsaved[stored.Id] = (stored.Tenant, now);
        if (unsaved.Count > UnsavedMax)
            await FlushAsync(cancel);
        if (now - stored.LastSeenAt < TouchEvery)
            return;

        await signIns.TouchAsync(stored.Tenant, [(stored.Id, now)], cancel);
        unsaved.TryRemove(KeyValuePair.Create(stored.Id, (stored.Tenant, now)));
    }
}
