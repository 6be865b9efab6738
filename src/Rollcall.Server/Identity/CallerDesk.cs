using Rollcall.Core;
using Rollcall.Core.Identity;

namespace Rollcall.Server.Identity;

/// <summary>Knows callers by API tokens as well as by sign-ins.</summary>
internal sealed class CallerDesk(SignInDesk signIns, IIdentityStore identities, TimeProvider clock)
{
    /// <summary>Longer ones are not tokens of ours and are not worth hashing.</summary>
    private const int TokenLengthMax = 4096;

    /// <summary>Null when the text is no living sign-in's token.</summary>
    public Task<Caller?> TrySignInAsync(string token, CancellationToken cancel) =>
        token.Length is 0 or > TokenLengthMax ? Task.FromResult<Caller?>(null) : signIns.TryResolveAsync(token, cancel);

    /// <summary>Null when the text is neither a living sign-in's token nor a valid API token.</summary>
    public async Task<Caller?> TryAnyAsync(string token, CancellationToken cancel)
    {
        if (token.Length is 0 or > TokenLengthMax)
            return null;

        return await signIns.TryResolveAsync(token, cancel) ?? await TryApiTokenAsync(token, cancel);
    }

    /// <summary>The same, but a sign-in's silence goes on.</summary>
    public async Task<Caller?> TryLookAsync(string token, CancellationToken cancel)
    {
        if (token.Length is 0 or > TokenLengthMax)
            return null;

        return await signIns.TryLookAsync(token, cancel) ?? await TryApiTokenAsync(token, cancel);
    }

    private async Task<Caller?> TryApiTokenAsync(string token, CancellationToken cancel)
    {
        var found = await identities.TryGetApiTokenAsync(Secrets.HashToken(token), cancel);
        return found is null || found.ExpiresAt <= clock.GetUtcNow()
            ? null
            : new Caller { Tenant = found.Tenant, Name = found.Name, ApiTokenId = found.Id, Roles = found.Roles };
    }
}
