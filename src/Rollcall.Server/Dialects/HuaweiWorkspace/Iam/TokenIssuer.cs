using System.Net;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>Makes tokens, for a password or for another token (contract 6.1).</summary>
internal sealed class TokenIssuer(SignInDesk desk, CallerDesk callers, IIdentityStore identities, IamProjects projects, ServerOptions options)
{
    public const string RequiresAuthentication = "The request you have made requires authentication.";

    /// <summary>The vendor's list of consoles knows no API of ours; the nearest documented is its web console's number.</summary>
    private const int WebConsoleType = 19;

    /// <exception cref="FaultException">One answer for a wrong name, password, token or scope: which it was is never said.</exception>
    public async Task<TokenFacts> IssueAsync(TokenRequest wire, IPAddress? address, CancellationToken cancel)
    {
        var (holder, exchanged) = wire.Password is { } way
            ? (await KnowAsync(way, address, cancel), null)
            : await KnowAsync(wire.Token!, cancel);
        var project = await ProjectOfAsync(wire.Scope, holder, cancel);
        var text = TokenText.New(wire.Scope.IsUnscoped, exchanged is null ? null : new TokenText(wire.Token!).FirstId ?? exchanged.Id);
        var signIn = await desk.BeginAsync(
            holder,
            new SignInTerms
            {
                Token = text.Value,
                Scope = project is null ? SignInScope.Domain : SignInScope.Tenant,
                ScopeTenant = project?.Id,
                ConsoleType = WebConsoleType,
                Host = address?.ToString() ?? string.Empty,
                Address = address,
                Lifetime = TimeSpan.FromHours(options.Huawei.TokenHours),
                NotAfter = exchanged?.ExpiresAt, // an exchange never makes a stolen token live longer
            },
            cancel);
        return new TokenFacts(text, signIn, holder, project);
    }

    private async Task<Operator> KnowAsync(PasswordWay way, IPAddress? address, CancellationToken cancel)
    {
        var name = way.UserName ?? await NameOfIdAsync(way.UserId!, cancel);
        var holder = await desk.TryKnowAsync(new SignInRequest { Name = name, Password = way.Password, Address = address }, cancel);
        return holder is null || IsElsewhere(way.UserDomain) ? throw FaultException.NotSignedIn(RequiresAuthentication) : holder;
    }

    private async Task<(Operator Holder, SignIn? Exchanged)> KnowAsync(string token, CancellationToken cancel) =>
        await callers.TrySignInAsync(token, cancel) is { Operator: { } holder, SignIn: { Scope: SignInScope.Tenant or SignInScope.Domain } signIn }
            ? (holder, signIn)
            : throw FaultException.NotSignedIn(RequiresAuthentication);

    /// <summary>A name nobody has for an id nobody has: the password is checked all the same, so that the answer takes as long.</summary>
    private async Task<string> NameOfIdAsync(string id, CancellationToken cancel)
    {
        var holder = DecimalText.TryParse(id, out var number)
            ? await identities.TryGetOperatorAsync(number, cancel)
            : null;
        return holder is { IsRemoved: false } ? holder.Name : $"\0{id}";
    }

    private async Task<Tenant?> ProjectOfAsync(ScopeRequest scope, Operator holder, CancellationToken cancel)
    {
        if (IsElsewhere(scope.Domain))
            throw FaultException.NotSignedIn(RequiresAuthentication);
        if (scope.Project is not { } asked)
            return null;

        return await projects.TryFindAsync(asked, holder, cancel) ?? throw FaultException.NotSignedIn(RequiresAuthentication);
    }

    private bool IsElsewhere(NamedThing? domain) => domain is not null && !DomainJson.Of(options).Is(domain);
}

/// <summary>All that a token's description is made from.</summary>
/// <param name="Project">Null when the token is for the domain or unscoped.</param>
internal sealed record TokenFacts(TokenText Text, SignIn SignIn, Operator Holder, Tenant? Project);
