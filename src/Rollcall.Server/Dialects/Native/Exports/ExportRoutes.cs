using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>Writing out: <c>…/exports</c>. The list shows every dialect's tasks.</summary>
internal static class ExportRoutes
{
    private const string NoSuchExport = "There is no export with this id";

    public static void MapExports(this RouteGroupBuilder tenant)
    {
        tenant.MapPost("exports", OrderAsync).Accepts<NewExportJson>("application/json").Produces<ExportJson>(StatusCodes.Status202Accepted)
            .WithSummary("Write sessions, connections or users to a file")
            .WithDescription("filter takes the parameters of the list. Without columns all are written. Times are UTC; time_zone adds a column in that zone beside each.");
        tenant.MapGet("exports", ListAsync).WithSummary("Exports, newest first");
        tenant.MapGet("exports/{id}", GetAsync).WithSummary("One export and how far it is");
        tenant.MapGet("exports/{id}/file", DownloadAsync).WithSummary("The finished file, whole or in ranges")
            .Produces<Stream>(StatusCodes.Status200OK, TabularFormats.XlsxType, TabularFormats.CsvType, TabularFormats.NdjsonType);
        // The same answer without the file: how long it is, and its tag.
        tenant.MapMethods("exports/{id}/file", [HttpMethods.Head], DownloadAsync).ExcludeFromDescription();
        tenant.MapGet("exports/{id}/manifest", ManifestAsync).WithSummary("What stands in the finished file, and its SHA-256");
        tenant.MapPost("exports/{id}/cancel", CancelAsync).WithSummary("Call an export off that waits or runs");
        tenant.MapDelete("exports/{id}", DeleteAsync).WithSummary("Remove an export and its file; one that runs is called off");
    }

    private static async Task<JsonHttpResult<ExportJson>> OrderAsync(
        NativeCaller caller, HttpContext context, IEnumerable<INativeExport> exports, ExportContents contents, ExportDesk desk, ServerOptions options,
        CancellationToken cancel)
    {
        NativeQuery.Allow(context.Request);
        using var body = await RequestBody.ReadObjectAsync(context.Request, cancel);
        var content = NativeOrder.ContentOf(body.RootElement, exports);
        var tenant = caller.With(content.Needed);
        var format = NativeOrder.FormatOf(body.RootElement);
        var order = NativeOrder.Read(body.RootElement, format);
        content.Check(order, tenant);
        var stored = JsonSerializer.Serialize(order, NativeOrderJson.Default.NativeOrder);
        var task = await desk.OrderAsync(tenant, caller.Caller, content, stored, format, cancel);
        context.Response.Headers.Location = $"/api/v1/tenants/{tenant}/exports/{task.Id}";
        return TypedResults.Json(JsonOf(task, contents, options), NativeJson.Wire.ExportJson, statusCode: StatusCodes.Status202Accepted);
    }

    private static async Task<JsonHttpResult<ListJson<ExportJson>>> ListAsync(
        NativeCaller caller, HttpRequest request, [AsParameters] PageParameters wire, [FromQuery] string[]? state, IExportTaskStore tasks,
        ExportContents contents, ServerOptions options, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadExports);
        NativeQuery.Allow(request, "state", "limit", "cursor");
        List<ExportState> states = [.. (state ?? []).Select(word =>
            ExportJson.TryState(word) ?? throw FaultException.Malformed("state", "queued, running, finished, failed, expired or cancelled"))];
        var page = await tasks.FindAsync(tenant, states, wire.Cursor, NativeQuery.Limit(wire.Limit), cancel);
        return TypedResults.Json(
            new ListJson<ExportJson>([.. page.Items.Select(task => JsonOf(task, contents, options))], page.NextCursor, page.Total),
            NativeJson.Wire.ListJsonExportJson);
    }

    private static async Task<JsonHttpResult<ExportJson>> GetAsync(
        NativeCaller caller, HttpRequest request, string id, IExportTaskStore tasks, ExportContents contents, ServerOptions options, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadExports);
        NativeQuery.Allow(request);
        var task = await tasks.TryGetAsync(tenant, id, cancel) ?? throw FaultException.NotFound(NoSuchExport);
        return TypedResults.Json(JsonOf(task, contents, options), NativeJson.Wire.ExportJson);
    }

    private static async Task<IResult> DownloadAsync(
        NativeCaller caller, HttpRequest request, string id, IExportTaskStore tasks, ExportContents contents, IExportFiles files, ExportFileAnswers answers, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.DownloadExports);
        NativeQuery.Allow(request);
        var task = await FinishedAsync(tasks, tenant, id, cancel);
        caller.Caller.Demand(contents.Known(task).Needed);
        var file = await files.TryOpenAsync(task, cancel) ?? throw FaultException.NotFound("The file of this export is gone");
        return answers.Answer(task, file);
    }

    private static async Task<JsonHttpResult<ManifestJson>> ManifestAsync(
        NativeCaller caller, HttpRequest request, string id, IExportTaskStore tasks, ExportContents contents, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadExports);
        NativeQuery.Allow(request);
        var task = await FinishedAsync(tasks, tenant, id, cancel);
        return TypedResults.Json(ManifestJson.From(task, contents.Known(task).OrderOf(task)), NativeJson.Wire.ManifestJson);
    }

    private static async Task<JsonHttpResult<ExportJson>> CancelAsync(
        NativeCaller caller, HttpRequest request, string id, IExportTaskStore tasks, ExportContents contents, ServerOptions options, TimeProvider clock,
        CancellationToken cancel)
    {
        NativeQuery.Allow(request);
        var tenant = caller.With(Permission.DeleteExports);
        var task = await tasks.CancelAsync(tenant, id, clock.GetUtcNow(), cancel) ?? throw FaultException.NotFound(NoSuchExport);
        return task.State is ExportState.Cancelled
            ? TypedResults.Json(JsonOf(task, contents, options), NativeJson.Wire.ExportJson)
            : throw FaultException.Conflict($"This export is {ExportJson.WordOf(task.State)}: there is nothing left to call off");
    }

    private static async Task<NoContent> DeleteAsync(
        NativeCaller caller, HttpRequest request, string id, IExportTaskStore tasks, IExportFiles files, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.DeleteExports);
        NativeQuery.Allow(request);
        if (await tasks.DeleteAsync(tenant, [id], cancel) is not [var gone])
            throw FaultException.NotFound(NoSuchExport);

        await files.DeleteAsync(gone, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<ExportTask> FinishedAsync(IExportTaskStore tasks, TenantId tenant, string id, CancellationToken cancel)
    {
        var task = await tasks.TryGetAsync(tenant, id, cancel) ?? throw FaultException.NotFound(NoSuchExport);
        return task.State is ExportState.Finished
            ? task
            : throw FaultException.Conflict($"This export is {ExportJson.WordOf(task.State)}, not finished{(task.Failure is null ? string.Empty : ": " + task.Failure)}");
    }

    /// <summary>A task of a newer program's kind is shown without what only that program can read, and hides no other.</summary>
    private static ExportJson JsonOf(ExportTask task, ExportContents contents, ServerOptions options) =>
        ExportJson.From(task, contents.TryOf(task)?.OrderOf(task), TimeSpan.FromHours(options.Exports.KeepHours));
}
