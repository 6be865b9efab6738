using Microsoft.Net.Http.Headers;
using Rollcall.Core;
using Rollcall.Server.Identity;

namespace Rollcall.Server.WebConsole;

/// <summary>The web console: one page at every address that it has a view for, and the files that the page needs.</summary>
internal static class ConsoleRoutes
{
    private const string Missing =
        "This server was built without the web console. ./run builds it (Node.js and npm are needed). The API is described at /docs.\n";

    /// <summary>The addresses of the console's views. Any other is refused by the server: an address that does not exist must not look as if it did.</summary>
    private static readonly string[] Views =
    [
        "/", "/sign-in", "/now", "/sessions", "/sessions/{id}", "/users", "/users/{name}", "/hosts", "/hosts/{name}", "/concurrency", "/exports",
        "/health",
    ];

    private const string Assets = "/assets/{name}";

    /// <summary>All routes of the console. Nobody needs to be signed in: they tell nothing of any tenant.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Views, Assets];

    public static void MapConsole(this WebApplication app)
    {
        foreach (var view in Views)
            app.MapMethods(view, ["GET", "HEAD"], Page).ExcludeFromDescription();
        app.MapMethods(Assets, ["GET", "HEAD"], Asset).ExcludeFromDescription();
    }

    private static IResult Page(HttpContext context, ConsoleFiles files)
    {
        Protect(context.Response, nonce: null);
        context.Response.Headers.CacheControl = "no-store";
        if (files.Page is not { } page)
            return Results.Text(Missing, statusCode: StatusCodes.Status404NotFound);

        var nonce = Secrets.NewToken();
        Protect(context.Response, nonce);
        return Results.Text(page.Replace(ConsoleFiles.NoncePlace, nonce, StringComparison.Ordinal), "text/html; charset=utf-8");
    }

    /// <summary>Names of files hold a hash of what is in them, so none ever changes.</summary>
    private static IResult Asset(HttpContext context, string name, ConsoleFiles files)
    {
        var file = files.TryAsset(name) ?? throw FaultException.NotFound("The console has no such file");
        Protect(context.Response, nonce: null);
        var headers = context.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.Vary = HeaderNames.AcceptEncoding;
        if (file.Packed is not { } packed || !TakesGzip(context.Request))
            return Results.Bytes(file.Plain, file.ContentType);

        headers.ContentEncoding = "gzip";
        return Results.Bytes(packed, file.ContentType);
    }

    /// <summary>Nothing inline, nothing from elsewhere, in nobody's frame; the library's one style element by its nonce.</summary>
    private static void Protect(HttpResponse response, string? nonce)
    {
        var styles = nonce is null ? "'self'" : $"'self' 'nonce-{nonce}'";
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self'; style-src {styles}; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        response.Headers[HeaderNames.XFrameOptions] = "DENY";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        response.Headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()";
    }

    private static bool TakesGzip(HttpRequest request) =>
        StringWithQualityHeaderValue.TryParseList(request.Headers.AcceptEncoding, out var wanted)
        && wanted.Any(one => one.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && one.Quality is not 0);
}
