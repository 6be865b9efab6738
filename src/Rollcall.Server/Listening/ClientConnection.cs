using System.Net;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Net.Http.Headers;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Listening;

/// <summary>What everything behind it takes for the client's address, scheme and host; must run before anything that looks at them.</summary>
internal static class ClientConnection
{
    public static void UseClientConnection(this WebApplication app)
    {
        var proxies = app.Services.GetRequiredService<TrustedProxies>();
        // With no network named, the framework would take everybody's word.
        if (!proxies.IsEmpty)
            app.UseForwardedHeaders(proxies.ToOptions());
        app.Use(InOneSpelling);
        if (app.Services.GetRequiredService<TlsOptions>().HstsSeconds is > 0 and var seconds)
            app.Use((context, next) => InsistingOnHttps(context, next, $"max-age={seconds}"));
    }

    /// <summary>One client has one address, whichever socket it came by, and one of two schemes, whatever a proxy passes on.</summary>
    private static Task InOneSpelling(HttpContext context, RequestDelegate next)
    {
        if (context.Connection.RemoteIpAddress is { IsIPv4MappedToIPv6: true } mapped)
            context.Connection.RemoteIpAddress = mapped.MapToIPv4();
        if (context.Request.Scheme is not ("http" or "https"))
            context.Request.Scheme = IsTls(context) || context.Request.IsHttps ? "https" : "http";
        return next(context);
    }

    /// <summary>At the last moment, because a refusal begins its answer anew. A browser would keep it for every server on its own machine.</summary>
    private static Task InsistingOnHttps(HttpContext context, RequestDelegate next, string policy)
    {
        if (context.Request.IsHttps && !context.Request.Host.Host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers[HeaderNames.StrictTransportSecurity] = policy;
                return Task.CompletedTask;
            });
        }

        return next(context);
    }

    private static bool IsTls(HttpContext context) => context.Features.Get<ITlsHandshakeFeature>() is not null;
}
