using System.Text.Json;
using Rollcall.Core.Exports;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>An export task on the wire. Null means not known, or not yet.</summary>
internal sealed record ExportJson
{
    public required string Id { get; init; }

    /// <summary>What the rows are: sessions, connections, users, and what other dialects write.</summary>
    public required string What { get; init; }

    public required string Format { get; init; }

    /// <summary>queued, running, finished, failed, expired or cancelled.</summary>
    public required string State { get; init; }

    /// <summary>Rows so far.</summary>
    public long? Rows { get; init; }

    public long? RowsExpected { get; init; }
    public long? Bytes { get; init; }
    public string? Sha256 { get; init; }
    public required string FileName { get; init; }
    /// <summary>Null when this server does not know what the export writes: a newer program ordered it.</summary>
    public required JsonElement? Filter { get; init; }

    /// <summary>Everything that was acknowledged by then is in the file, nothing that came after it began.</summary>
    public DateTimeOffset? SnapshotAt { get; init; }

    public required string RequestedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public required int Downloads { get; init; }
    public string? Failure { get; init; }

    /// <param name="order">Null when this server does not know the task's kind.</param>
    /// <param name="keep">How long a finished file is kept.</param>
    public static ExportJson From(ExportTask task, ExportOrder? order, TimeSpan keep) => new()
    {
        Id = task.Id,
        What = ExportContents.RowsOf(task.Kind),
        Format = TabularFormats.ExtensionOf(task.Format),
        State = WordOf(task.State),
        Rows = task.RowCount,
        RowsExpected = task.RowsExpected,
        Bytes = task.SizeBytes,
        Sha256 = task.Sha256,
        FileName = task.FileName,
        Filter = order is null ? null : JsonElement.Parse(order.Filter),
        SnapshotAt = task.SnapshotAt,
        RequestedBy = task.RequestedBy,
        CreatedAt = task.CreatedAt,
        FinishedAt = task.EndedAt,
        ExpiresAt = task.State is ExportState.Finished ? task.EndedAt + keep : null,
        Downloads = task.DownloadCount,
        Failure = task.Failure,
    };

    public static string WordOf(ExportState state) => state switch
    {
        ExportState.Queued => "queued",
        ExportState.Running => "running",
        ExportState.Finished => "finished",
        ExportState.Failed => "failed",
        ExportState.Expired => "expired",
        ExportState.Cancelled => "cancelled",
    };

    /// <summary>Null when there is no such state.</summary>
    public static ExportState? TryState(string word) =>
        Enum.GetValues<ExportState>().Where(state => WordOf(state) == word).Select(state => (ExportState?)state).FirstOrDefault();
}

/// <summary>What stands in a finished file, and what proves that it is this one.</summary>
/// <param name="RowsCut">Always 0: rows are never cut, a full sheet is followed by another.</param>
/// <param name="CellsCut">Cells longer than the format allows, which end in an ellipsis.</param>
/// <param name="Sha256">Of the file as it is downloaded, lower-case hexadecimal.</param>
internal sealed record ManifestJson(
    string Id, string FileName, string What, string Format, JsonElement Filter, IReadOnlyList<string> Columns, string Language, string TimeZone,
    DateTimeOffset SnapshotAt, long Rows, long RowsCut, int Sheets, long CellsCut, long Bytes, string Sha256, string RequestedBy,
    DateTimeOffset CreatedAt, DateTimeOffset FinishedAt, string Version)
{
    /// <param name="task">A finished one.</param>
    public static ManifestJson From(ExportTask task, ExportOrder order) => new(
        task.Id, task.FileName, ExportContents.RowsOf(task.Kind), TabularFormats.ExtensionOf(task.Format), JsonElement.Parse(order.Filter),
        order.Columns, order.Language, order.TimeZone, task.SnapshotAt ?? task.CreatedAt, task.RowCount ?? 0, RowsCut: 0, task.SheetCount ?? 1,
        task.CellsCut ?? 0, task.SizeBytes ?? 0, task.Sha256 ?? string.Empty, task.RequestedBy, task.CreatedAt, task.EndedAt ?? task.CreatedAt,
        task.ProgramVersion ?? "an older rollcalld");
}

/// <summary>The body of <c>POST …/exports</c>, as the OpenAPI document shows it.</summary>
internal sealed record NewExportJson(
    string What, string? Format, Dictionary<string, string>? Filter, IReadOnlyList<string>? Columns, string? Language, string? TimeZone, bool? Bom,
    string? Delimiter);
