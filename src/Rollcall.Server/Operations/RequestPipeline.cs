using Rollcall.Core;

namespace Rollcall.Server.Operations;

/// <summary>Gives every answer an id, and turns every refusal and every failure into the words of the dialect that owns the path.</summary>
internal sealed class RequestPipeline(RequestDelegate next, Dialects dialects, ILogger<RequestPipeline> log)
{
    public const string RequestIdHeader = "X-Request-Id";

    public async Task InvokeAsync(HttpContext context)
    {
        context.TraceIdentifier = Guid.NewGuid().ToString("N");
        context.Response.Headers[RequestIdHeader] = context.TraceIdentifier;
        Guard(context);
        var dialect = dialects.OwnerOf(context.Request.Path);
        try
        {
            await next(context);
            if (UnansweredFault(context) is { } fault)
                await dialect.RefuseAsync(context, fault);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller hung up: there is nobody to answer.
        }
        catch (Exception cause) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, dialect, FaultOf(context, cause));
        }
        finally
        {
            RequestTrace.Describe(context);
        }
    }

    private static async Task RefuseAsync(HttpContext context, IDialect dialect, FaultException fault)
    {
        var requestId = context.Response.Headers[RequestIdHeader];
        context.Response.Clear();
        context.Response.Headers[RequestIdHeader] = requestId;
        Guard(context);
        if (fault.RetryAfterSeconds is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString();
        await dialect.RefuseAsync(context, fault);
    }

    /// <summary>
    /// What the console asks for by its cookie carries no Authorization header that would keep caches away: who signs in after somebody else at
    /// one browser, or behind one proxy, must not be given that one's answers.
    /// </summary>
    private static void Guard(HttpContext context)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.OrdinalIgnoreCase))
            context.Response.Headers.CacheControl = "no-store";
    }

    private FaultException FaultOf(HttpContext context, Exception cause)
    {
        switch (cause)
        {
            case FaultException fault:
                RequestLog.Refused(log, context.TraceIdentifier, fault.Code, fault.Field);
                return fault;
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return FaultException.TooLarge(RequestBody.BytesMax);
            case BadHttpRequestException:
                return FaultException.Unreadable("The request body cannot be read");
            default:
                RequestLog.Failed(log, context.TraceIdentifier, context.Request.Method, RouteOf(context), cause);
                return FaultException.Failed();
        }
    }

    /// <summary>What routing refused without a word: endpoints of ours always throw instead.</summary>
    private static FaultException? UnansweredFault(HttpContext context)
    {
        if (context.Response.HasStarted || context.Response.ContentLength is not null || context.Response.ContentType is not null)
            return null;

        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => FaultException.NoSuchPath(),
            StatusCodes.Status405MethodNotAllowed => FaultException.Method(),
            StatusCodes.Status415UnsupportedMediaType => FaultException.MediaType("one that this operation reads"),
            StatusCodes.Status400BadRequest => FaultException.Unreadable("The request cannot be read"),
            _ => null,
        };
    }

    /// <summary>The route's template, never the path itself: paths hold ids.</summary>
    private static string RouteOf(HttpContext context) =>
        (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "no endpoint";
}

/// <summary>What the request pipeline says. Event ids 1000-1099.</summary>
internal static partial class RequestLog
{
    [LoggerMessage(1001, LogLevel.Debug, "Request {RequestId} was refused: {Code} {Field}")]
    public static partial void Refused(ILogger log, string requestId, FaultCode code, string? field);

    [LoggerMessage(1002, LogLevel.Error, "Request {RequestId} failed: {Method} {Route}")]
    public static partial void Failed(ILogger log, string requestId, string method, string route, Exception cause);
}
