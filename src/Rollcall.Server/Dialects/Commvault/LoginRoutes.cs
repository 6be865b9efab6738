using System.Net;
using Rollcall.Core;
using Rollcall.Core.SignIns;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>Signing in and out: <c>POST Login</c> and <c>POST Logout</c>.</summary>
internal static class LoginRoutes
{
    /// <summary>A REST login has no number of its own; the nearest documented is the web console's (contract, section 4).</summary>
    private const int WebConsoleType = 19;

    /// <summary>Clients compare it whole (contract 3.2).</summary>
    private const string LoggedOut = "User logged out";

    public static void MapLogin(this RouteGroupBuilder root)
    {
        root.MapPost("Login", LoginAsync)
            .Accepts<LoginMembersJson>(isOptional: true, CommvaultBody.JsonType, CommvaultBody.XmlType, RequestBody.AnyType)
            .Produces<LoggedInJson>(StatusCodes.Status200OK, "application/json", "application/xml")
            .WithSummary("Sign in by password")
            .WithDescription("The password is Base64 of UTF-8. A wrong name or password is 200 too, with errList and without a token.");
        root.MapPost("Logout", LogoutAsync)
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .WithSummary("Sign out the token that asks");
    }

    private static async Task<IResult> LoginAsync(HttpContext context, SignInDesk desk, ServerOptions options, CancellationToken cancel)
    {
        var bytes = await RequestBody.ReadAsync(context.Request, RequestBody.SmallBytesMax, cancel);
        var wire = LoginRequest.From(MemberBody.Read(context.Request.ContentType, bytes, LoginRequest.Body), options.Domain);
        var address = context.Connection.RemoteIpAddress;
        var known = await desk.TryKnowAsync(new SignInRequest { Name = wire.Name, Password = wire.Password, Address = address }, cancel);
        if (known is null)
            return new CommvaultResult(LoginFailedJson.WrongLogin);

        var token = Secrets.NewHexToken();
        var terms = new SignInTerms
        {
            Token = token,
            Scope = SignInScope.Console,
            ConsoleType = WebConsoleType,
            Host = wire.Host ?? TextOf(address),
            DeviceId = wire.DeviceId,
            Address = address,
            IdleLimit = wire.IdleLimit ?? TimeSpan.FromMinutes(options.Commvault.IdleMinutes),
        };
        await desk.BeginAsync(known, terms, cancel);
        return new CommvaultResult(LoggedInJson.Of(known, CommvaultCaller.TokenPrefix + token, options.Domain));
    }

    /// <summary>Clients send no body, an empty one of type XML, or their credentials once more: none is read.</summary>
    private static async Task<IResult> LogoutAsync(CommvaultCaller caller, SignInDesk desk, CancellationToken cancel)
    {
        if (caller.Caller.SignIn is not { } signIn)
            throw FaultException.NotSignedIn("An API token has no sign-in to end");

        await desk.SignOutAsync(signIn, cancel);
        return TypedResults.Text(LoggedOut, "text/plain", System.Text.Encoding.UTF8);
    }

    private static string TextOf(IPAddress? address) =>
        (address is { IsIPv4MappedToIPv6: true } ? address.MapToIPv4() : address)?.ToString() ?? string.Empty;
}
