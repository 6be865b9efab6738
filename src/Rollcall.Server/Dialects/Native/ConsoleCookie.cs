using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;

namespace Rollcall.Server.Dialects.Native;

/// <summary>
/// The console's way in: the sign-in's token in a cookie that no script can read, and beside it a word that only our own pages can know.
/// </summary>
/// <remarks>
/// A page of another site can make a browser send the cookie, if SameSite ever fails, but can neither read an answer of ours nor set the header.
/// Source: OWASP Cross-Site Request Forgery Prevention Cheat Sheet, "HMAC-based token pattern".
/// </remarks>
internal static class ConsoleCookie
{
    public const string CsrfHeader = "X-CSRF-Token";

    private const string PlainName = "rollcall_console";

    /// <summary>
    /// Under this name a browser takes a cookie from this very host alone, over TLS, and never from a page in clear or from a neighbour under the
    /// same domain. Source: RFC 6265bis, "The __Host- Prefix".
    /// </summary>
    private const string HostName = "__Host-rollcall_console";

    /// <summary>Nothing but the native API reads it. The prefix demands the root.</summary>
    private const string PlainPath = "/api/v1", HostPath = "/";

    private static readonly byte[] Purpose = "rollcall console csrf 1"u8.ToArray();

    /// <summary>Null when there is none.</summary>
    public static string? TokenOf(HttpRequest request) => request.Cookies[NameOn(request)] is { Length: > 0 } token ? token : null;

    /// <summary>The caller, if the request changes nothing or bears the header.</summary>
    /// <exception cref="FaultException">The header is missing or another sign-in's.</exception>
    public static Caller Checked(HttpRequest request, string token, Caller caller)
    {
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
            return caller;

        var sent = Encoding.UTF8.GetBytes(request.Headers[CsrfHeader].ToString());
        return CryptographicOperations.FixedTimeEquals(sent, Encoding.UTF8.GetBytes(CsrfTokenOf(token)))
            ? caller
            : throw FaultException.Forgeable(CsrfHeader);
    }

    /// <summary>The same for as long as the sign-in lasts; the token cannot be worked out from it.</summary>
    public static string CsrfTokenOf(string token) => Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), Purpose));

    /// <summary>Without an expiry of its own: it goes when the browser is closed, and the server knows when the sign-in is over.</summary>
    public static void Give(HttpContext context, string token) => context.Response.Cookies.Append(NameOn(context.Request), token, Options(context));

    public static void Take(HttpContext context) => context.Response.Cookies.Delete(NameOn(context.Request), Options(context));

    /// <summary>Over TLS the plain name counts for nothing: anybody on the network could have set it.</summary>
    private static string NameOn(HttpRequest request) => request.IsHttps ? HostName : PlainName;

    private static CookieOptions Options(HttpContext context) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = context.Request.IsHttps,
        Path = context.Request.IsHttps ? HostPath : PlainPath,
        IsEssential = true,
    };
}
