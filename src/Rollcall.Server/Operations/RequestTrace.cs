using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace Rollcall.Server.Operations;

/// <summary>Says of a traced request what its metrics say of it, and its id; never its path, which holds ids and names.</summary>
/// <remarks>Source: OpenTelemetry semantic conventions 1.29, "HTTP spans", server.</remarks>
internal static class RequestTrace
{
    /// <summary>A client may send any word as a method; those of ours and the usual ones are told apart.</summary>
    private static readonly string[] Known = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"];

    public static void Describe(HttpContext context)
    {
        if (context.Features.Get<IHttpActivityFeature>()?.Activity is not { IsAllDataRequested: true } trace)
            return;

        var method = Known.Contains(context.Request.Method, StringComparer.Ordinal) ? context.Request.Method : "_OTHER";
        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        trace.DisplayName = route is null ? method : $"{method} {route}";
        trace.SetTag("http.request.method", method);
        trace.SetTag("http.route", route);
        trace.SetTag("http.response.status_code", context.Response.StatusCode);
        trace.SetTag("rollcall.request_id", context.TraceIdentifier);
        trace.SetTag("url.path", null);
        trace.SetTag("url.query", null);
        if (context.Response.StatusCode >= StatusCodes.Status500InternalServerError)
            trace.SetStatus(ActivityStatusCode.Error);
    }
}
