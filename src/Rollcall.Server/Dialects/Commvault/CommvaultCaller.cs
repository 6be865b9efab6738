using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;
using Rollcall.Server.Identity;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>Who asks: a sign-in at a console, or an API token. Bound from the request before any handler runs.</summary>
internal sealed record CommvaultCaller(Caller Caller)
{
    /// <summary>What a token may be headed by; the rest is what was hashed. Clients strip it and put it back (contract 3.1).</summary>
    public const string TokenPrefix = "QSDK ";

    private const string Bearer = "Bearer ";

    /// <exception cref="FaultException">No token, or one that is unknown, signed out, expired, or good for another dialect only.</exception>
    public static async ValueTask<CommvaultCaller?> BindAsync(HttpContext context)
    {
        var desk = context.RequestServices.GetRequiredService<CallerDesk>();
        var caller = await desk.TryAnyAsync(TokenOf(context.Request), context.RequestAborted);
        return caller is { SignIn: null or { Scope: SignInScope.Console } }
            ? new CommvaultCaller(caller)
            : throw FaultException.NotSignedIn("The token is missing, unknown, expired or signed out");
    }

    /// <summary>From the first of the three headers that says anything; empty when none does.</summary>
    internal static string TokenOf(HttpRequest request)
    {
        foreach (var header in (ReadOnlySpan<string>)["Authtoken", "Cookie2", "Authorization"])
        {
            if (request.Headers[header].ToString().Trim() is { Length: > 0 } value)
                return BareToken(value);
        }

        return string.Empty;
    }

    /// <summary>What was hashed, without what a client puts before it.</summary>
    internal static string BareToken(string value) => Without(TokenPrefix, Without(Bearer, value.Trim()));

    private static string Without(string prefix, string value) =>
        value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? value[prefix.Length..].Trim() : value;
}
