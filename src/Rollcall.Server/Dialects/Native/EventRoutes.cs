using System.IO.Compression;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Ingest;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Events in: <c>POST …/events</c>.</summary>
internal static class EventRoutes
{
    private const string BatchType = "application/cloudevents-batch+json";
    private const string LinesType = "application/x-ndjson";

    public static void MapEvents(this RouteGroupBuilder tenant) => tenant.MapPost("events", AppendAsync)
        .Accepts<IReadOnlyList<object>>(BatchType, LinesType)
        .WithSummary("Take events in")
        .WithDescription("A JSON array of CloudEvents 1.0 is one transaction; one CloudEvent a line may stream without end. The receipt is sent after the commit is durable.");

    private static async Task<JsonHttpResult<ReceiptJson>> AppendAsync(
        NativeCaller caller, HttpRequest request, EventIntake intake, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.AppendEvents);
        NativeQuery.Allow(request);
        var receipt = TypeOf(request) switch
        {
            BatchType => await TakeBatchAsync(tenant, request, intake, cancel),
            LinesType => await TakeLinesAsync(tenant, request, intake, cancel),
            _ => throw FaultException.MediaType($"{BatchType} or {LinesType}"),
        };
        return TypedResults.Json(ReceiptJson.From(receipt), NativeJson.Wire.ReceiptJson);
    }

    private static string? TypeOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType.ToString().ToLowerInvariant() : null;

    private static async Task<IntakeReceipt> TakeBatchAsync(TenantId tenant, HttpRequest request, EventIntake intake, CancellationToken cancel)
    {
        await using var plain = Decompressed(request);
        var body = await RequestBody.ReadAsync(plain, request.ContentLength, RequestBody.BytesMax, cancel);
        using var document = RequestBody.Parse(body);
        return await intake.TakeBatchAsync(tenant, document.RootElement, cancel);
    }

    private static async Task<IntakeReceipt> TakeLinesAsync(TenantId tenant, HttpRequest request, EventIntake intake, CancellationToken cancel)
    {
        BodyBound.Lift(request.HttpContext);
        await using var plain = Decompressed(request);
        try
        {
            return await intake.TakeLinesAsync(tenant, plain, cancel);
        }
        catch (InvalidDataException)
        {
            throw FaultException.Unreadable("The request body is not valid gzip");
        }
    }

    private static Stream Decompressed(HttpRequest request) => request.Headers.ContentEncoding.ToString().ToLowerInvariant() switch
    {
        "" or "identity" => request.Body,
        "gzip" => new GZipStream(request.Body, CompressionMode.Decompress, leaveOpen: true),
        _ => throw FaultException.MediaType("sent with Content-Encoding gzip or none"),
    };
}

/// <summary>The receipt of a request's events.</summary>
internal sealed record ReceiptJson(int Accepted, int Duplicate, IReadOnlyList<RejectedJson> Rejected)
{
    public static ReceiptJson From(IntakeReceipt receipt) => new(
        receipt.Accepted,
        receipt.Duplicate,
        [.. receipt.Rejected.Select(item => new RejectedJson(item.Index, item.Rejection.Id, item.Rejection.Field, item.Rejection.Reason))]);
}

/// <summary>One event that was not taken.</summary>
internal sealed record RejectedJson(int Index, string? Id, string? Field, string Reason);
