using System.Text.Json;
using Microsoft.Net.Http.Headers;
using Rollcall.Core;

namespace Rollcall.Server.Operations;

/// <summary>Reads bodies whole, within a bound.</summary>
internal static class RequestBody
{
    /// <summary>The largest body read whole: 16 MiB, the native API's bound for a batch of events.</summary>
    public const long BytesMax = 16L * 1024 * 1024;

    /// <summary>The largest body of an operation that takes a filter or a few ids: our choice, far above 200 ids of 64 characters.</summary>
    public const long SmallBytesMax = 256L * 1024;

    /// <summary>Stands beside the JSON type where an empty body may come with any: only a body that is there is asked what it is.</summary>
    public const string AnyType = "*/*";

    /// <summary>JSON deeper than any contract's.</summary>
    private const int DepthMax = 16;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = DepthMax };

    /// <exception cref="FaultException"><see cref="FaultCode.TooLarge"/> when there are more than <paramref name="bytesMax"/>.</exception>
    public static Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, long bytesMax, CancellationToken cancel) =>
        ReadAsync(request.Body, request.ContentLength, bytesMax, cancel);

    /// <param name="lengthBytes">What the caller announced, before decompression; null when nothing was.</param>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(Stream source, long? lengthBytes, long bytesMax, CancellationToken cancel)
    {
        if (lengthBytes > bytesMax)
            throw FaultException.TooLarge(bytesMax);

        using var body = new MemoryStream(capacity: (int)(lengthBytes ?? 0));
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await ReadSomeAsync(source, buffer, cancel)) > 0)
        {
            if (body.Length + read > bytesMax)
                throw FaultException.TooLarge(bytesMax);
            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private static async Task<int> ReadSomeAsync(Stream source, byte[] buffer, CancellationToken cancel)
    {
        try
        {
            return await source.ReadAsync(buffer, cancel);
        }
        catch (InvalidDataException)
        {
            throw FaultException.Unreadable("The request body is not valid gzip");
        }
    }

    /// <summary>
    /// A JSON object; an empty body and <c>null</c> are an empty object (design 3, point 11). The caller disposes it.
    /// </summary>
    /// <exception cref="FaultException"><see cref="FaultCode.MediaType"/> for a body that is not JSON, <see cref="FaultCode.Unreadable"/> for one that is no object.</exception>
    public static async Task<JsonDocument> ReadObjectAsync(HttpRequest request, CancellationToken cancel)
    {
        var body = await ReadAsync(request, SmallBytesMax, cancel);
        if (body.Length == 0)
            return JsonDocument.Parse("{}");
        if (!IsJson(request.ContentType))
            throw FaultException.MediaType("application/json");

        var document = Parse(body);
        switch (document.RootElement.ValueKind)
        {
            case JsonValueKind.Object when HasReadableNames(document.RootElement):
                return document;
            case JsonValueKind.Object:
                document.Dispose();
                throw FaultException.Unreadable("The request body has a member whose name is not valid Unicode");
            case JsonValueKind.Null:
                document.Dispose();
                return JsonDocument.Parse("{}");
            default:
                document.Dispose();
                throw FaultException.Unreadable("The request body must be a JSON object");
        }
    }

    /// <summary>Looking for a member throws when it meets a name with half a surrogate pair, so such names are found first.</summary>
    private static bool HasReadableNames(JsonElement element)
    {
        try
        {
            return element.ValueKind switch
            {
                JsonValueKind.Object => element.EnumerateObject().All(member => member.Name is not null && HasReadableNames(member.Value)),
                JsonValueKind.Array => element.EnumerateArray().All(HasReadableNames),
                _ => true,
            };
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <exception cref="FaultException"><see cref="FaultCode.Unreadable"/>.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, Strict);
        }
        catch (JsonException)
        {
            throw FaultException.Unreadable("The request body is not valid JSON");
        }
    }

    public static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && (type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase));
}

/// <summary>The server's own bound on bodies, and its lifting for streams that are bounded line by line.</summary>
internal static class BodyBound
{
    public static void Lift(HttpContext context)
    {
        var bound = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>();
        if (bound is { IsReadOnly: false })
            bound.MaxRequestBodySize = null;
    }
}
