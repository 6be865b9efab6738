using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>The export centre: <c>/v2/{project_id}/export-tasks</c> (contract, section 4).</summary>
internal static class ExportTaskRoutes
{
    private const int DeleteMax = 200; // contract 4.3
    private const int TaskIdLengthMax = 64; // contract 4.3

    public static void MapExportTasks(this RouteGroupBuilder project)
    {
        project.MapGet("export-tasks", ListAsync).WithName("ListExportTasks").WithSummary("List export tasks");
        project.MapGet("export-tasks/{task_id}/download", DownloadAsync).WithName("DownloadExportFile").WithSummary("Download a finished file")
            .Produces<Stream>(StatusCodes.Status200OK, TabularFormats.XlsxType);
        project.MapPost("export-tasks/batch-delete", DeleteAsync).WithName("DeleteExportTasks").WithSummary("Delete tasks and their files")
            .Accepts<TaskIdsJson>("application/json", RequestBody.AnyType);
    }

    private static async Task<JsonHttpResult<ExportTaskListJson>> ListAsync(
        WorkspaceCaller caller, [AsParameters] ExportTaskListParameters wire, IExportTaskStore tasks, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.ReadExports);
        var page = await tasks.FindAsync(wire.ToQuery(tenant), cancel);
        return TypedResults.Json(
            new ExportTaskListJson([.. page.Items.Select(ExportTaskItemJson.From)], page.Total ?? 0), WorkspaceJson.Wire.ExportTaskListJson);
    }

    private static async Task<IResult> DownloadAsync(
        WorkspaceCaller caller, [FromRoute(Name = "task_id")] string taskId, IExportTaskStore tasks, ExportContents contents, IExportFiles files, ExportFileAnswers answers,
        CancellationToken cancel)
    {
        var tenant = caller.With(Permission.DownloadExports);
        var task = await tasks.TryGetAsync(tenant, taskId, cancel) ?? throw FaultException.NotFound("There is no export task with this ID");
        caller.Caller.Demand(contents.Known(task).Needed);
        if (task.State is not ExportState.Finished)
            throw FaultException.Malformed("task_id", $"the ID of a task in SUCCESS: this one is in {ExportTaskItemJson.WordOf(task.State)}");

        var file = await files.TryOpenAsync(task, cancel) ?? throw FaultException.NotFound("The file of this export task is gone");
        return answers.Answer(task, file);
    }

    private static async Task<Ok> DeleteAsync(
        WorkspaceCaller caller, HttpRequest request, IExportTaskStore tasks, IExportFiles files, CancellationToken cancel)
    {
        var tenant = caller.With(Permission.DeleteExports);
        using var body = await RequestBody.ReadObjectAsync(request, cancel);
        foreach (var gone in await tasks.DeleteAsync(tenant, ReadIds(body.RootElement), cancel))
            await files.DeleteAsync(gone, cancel);
        return TypedResults.Ok();
    }

    private static IReadOnlyList<string> ReadIds(JsonElement body)
    {
        if (!body.TryGetProperty("task_ids", out var ids) || ids.ValueKind is not JsonValueKind.Array || ids.GetArrayLength() is 0 or > DeleteMax)
            throw BadIds();

        var read = ids.EnumerateArray().Select(item => item.ValueKind is JsonValueKind.String ? TextOf(item) : throw BadIds()).ToList();
        return read.Distinct(StringComparer.Ordinal).Count() == read.Count ? read : throw BadIds();
    }

    private static string TextOf(JsonElement item)
    {
        try
        {
            return item.GetString() is { Length: >= 1 and <= TaskIdLengthMax } id ? id : throw BadIds();
        }
        catch (InvalidOperationException)
        {
            throw BadIds();
        }
    }

    private static FaultException BadIds() =>
        FaultException.Malformed("task_ids", $"an array of 1 to {DeleteMax} different IDs of 1 to {TaskIdLengthMax} characters");
}

/// <summary>The filters of the list, as text.</summary>
internal sealed record ExportTaskListParameters(
    [FromQuery(Name = "file_name")] string? FileName,
    [FromQuery(Name = "task_id")] string? TaskId,
    [FromQuery(Name = "status")] string? Status,
    [FromQuery(Name = "is_download")] string? IsDownload,
    [FromQuery(Name = "sort_field")] string? SortField,
    [FromQuery(Name = "sort_type")] string? SortType,
    [FromQuery(Name = "offset")] string? Offset,
    [FromQuery(Name = "limit")] string? Limit)
{
    private const int LimitDefault = 20, LimitMax = 100; // contract 4.1
    private const int TextLengthMax = 255; // our choice: the contract names no length

    public ExportTaskQuery ToQuery(TenantId tenant) => new(tenant, new PageWindow(
        Skip: WorkspaceText.WholeNumber("offset", Offset, fallback: 0, min: 0, max: int.MaxValue),
        Take: WorkspaceText.WholeNumber("limit", Limit, fallback: LimitDefault, min: 1, max: LimitMax)))
    {
        FileName = WorkspaceText.Optional("file_name", FileName, TextLengthMax),
        TaskId = WorkspaceText.Optional("task_id", TaskId, TextLengthMax),
        States = StatesOf(WorkspaceText.Optional("status", Status, TextLengthMax)),
        IsDownloaded = WorkspaceText.Flag("is_download", IsDownload),
        OldestFirst = IsOldestFirst(),
    };

    private static IReadOnlyCollection<ExportState> StatesOf(string? status) => status switch
    {
        null => [],
        "CREATING" => [ExportState.Queued, ExportState.Running],
        "SUCCESS" => [ExportState.Finished],
        "FAIL" => [ExportState.Failed, ExportState.Cancelled],
        "EXPIRED" => [ExportState.Expired],
        _ => throw FaultException.Malformed("status", "CREATING, SUCCESS, FAIL or EXPIRED"),
    };

    /// <summary>Each of the two makes the other mandatory; without them oldest first (contract 4.1).</summary>
    private bool IsOldestFirst() => (WorkspaceText.Optional("sort_field", SortField, TextLengthMax), WorkspaceText.Optional("sort_type", SortType, TextLengthMax)) switch
    {
        (null, null) or ("create_time", "ASC") => true,
        ("create_time", "DESC") => false,
        ("create_time", null) => throw FaultException.Malformed("sort_type", "present when sort_field is"),
        (null, _) => throw FaultException.Malformed("sort_field", "present when sort_type is"),
        ("create_time", _) => throw FaultException.Malformed("sort_type", "ASC or DESC"),
        _ => throw FaultException.Malformed("sort_field", "create_time"),
    };
}

internal sealed record ExportTaskListJson(
    [property: JsonPropertyName("export_tasks")] IReadOnlyList<ExportTaskItemJson> ExportTasks, [property: JsonPropertyName("count")] long Count);

/// <summary>ExportTaskItem (contract 4.1).</summary>
internal sealed record ExportTaskItemJson
{
    /// <summary>The vendor's code for an operation that failed (contract 7.2).</summary>
    private const string FailedCode = "WKS.00211401";

    [JsonPropertyName("task_id")] public required string TaskId { get; init; }
    [JsonPropertyName("file_name")] public required string FileName { get; init; }
    [JsonPropertyName("status")] public required string Status { get; init; }
    [JsonPropertyName("fail_reason")] public string? FailReason { get; init; }
    [JsonPropertyName("error_code")] public string? ErrorCode { get; init; }
    [JsonPropertyName("create_time")] public required string CreateTime { get; init; }
    [JsonPropertyName("end_time")] public string? EndTime { get; init; }
    [JsonPropertyName("is_download")] public required bool IsDownload { get; init; }

    public static ExportTaskItemJson From(ExportTask task) => new()
    {
        TaskId = task.Id,
        FileName = task.FileName,
        Status = WordOf(task.State),
        FailReason = task.State is ExportState.Cancelled ? "Cancelled" : task.Failure,
        ErrorCode = task.State is ExportState.Failed or ExportState.Cancelled ? FailedCode : null,
        CreateTime = WorkspaceTime.Milliseconds(task.CreatedAt)!,
        EndTime = WorkspaceTime.Milliseconds(task.EndedAt),
        IsDownload = task.IsDownloaded,
    };

    public static string WordOf(ExportState state) => state switch
    {
        ExportState.Queued or ExportState.Running => "CREATING",
        ExportState.Finished => "SUCCESS",
        ExportState.Failed or ExportState.Cancelled => "FAIL", // the vendor has no word for a task that was called off
        ExportState.Expired => "EXPIRED",
    };
}

/// <summary>The body of batch-delete.</summary>
internal sealed record TaskIdsJson([property: JsonPropertyName("task_ids")] IReadOnlyList<string> TaskIds);
