using System.Net.Mail;
using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>A schedule on the wire. Null means not yet, or nothing.</summary>
internal sealed record ScheduleJson
{
    public required string Id { get; init; }
    public required string Name { get; init; }
    public required string Cron { get; init; }
    public required string TimeZone { get; init; }
    public string? Period { get; init; }
    public required string What { get; init; }
    public required string Format { get; init; }
    public required JsonElement Filter { get; init; }

    /// <summary>Null: all of them.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    public required string Language { get; init; }

    /// <summary>The zone that times are written in, beside UTC; the schedule's own is <see cref="TimeZone"/>.</summary>
    public required string ExportTimeZone { get; init; }

    public required IReadOnlyList<string> MailTo { get; init; }
    public required string CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The operator or API token whose rights it needs each time: who made it, or who resumed it last.</summary>
    public required string RunsFor { get; init; }

    /// <summary>When it is due, or tried again.</summary>
    public required DateTimeOffset NextAt { get; init; }

    public DateTimeOffset? LastAt { get; init; }
    public string? LastExportId { get; init; }
    public string? LastFailure { get; init; }

    /// <summary>The due time that met a full queue and is tried again.</summary>
    public DateTimeOffset? RetriedAt { get; init; }

    /// <summary>How often it was tried.</summary>
    public required int Tries { get; init; }

    /// <summary>Why it orders nothing until somebody resumes it.</summary>
    public string? Suspended { get; init; }

    public static ScheduleJson From(ExportSchedule schedule, NativeOrder order) => new()
    {
        Id = schedule.Id,
        Name = schedule.Name,
        Cron = schedule.Cron,
        TimeZone = schedule.TimeZone,
        Period = SchedulePeriods.WordOf(schedule.Period),
        What = ExportContents.RowsOf(schedule.Kind),
        Format = TabularFormats.ExtensionOf(schedule.Format),
        Filter = JsonSerializer.SerializeToElement(order.Filter, NativeOrderJson.Default.DictionaryStringStringArray),
        Columns = order.Columns,
        Language = ExportLanguage.Parse(order.Language).Tag,
        ExportTimeZone = order.TimeZone ?? "UTC",
        MailTo = schedule.MailTo,
        CreatedBy = schedule.CreatedBy,
        CreatedAt = schedule.CreatedAt,
        RunsFor = schedule.RunsFor.Name,
        NextAt = schedule.NextAt,
        LastAt = schedule.LastAt,
        LastExportId = schedule.LastTaskId,
        LastFailure = schedule.LastFailure,
        RetriedAt = schedule.RetriedAt,
        Tries = schedule.Tries,
        Suspended = schedule.Suspended,
    };
}

/// <summary>The body of <c>POST …/export-schedules</c>, as the OpenAPI document shows it.</summary>
internal sealed record NewScheduleJson(string Name, string Cron, string? TimeZone, string? Period, IReadOnlyList<string>? MailTo, NewExportJson Export);

/// <summary>All schedules of a tenant.</summary>
internal sealed record ScheduleListJson(IReadOnlyList<ScheduleJson> Items);

/// <summary>How periods are spelled.</summary>
internal static class SchedulePeriods
{
    private static readonly (string Word, ExportPeriod Period)[] All =
    [
        ("yesterday", ExportPeriod.Yesterday), ("last_week", ExportPeriod.LastWeek), ("last_month", ExportPeriod.LastMonth),
        ("last_24_hours", ExportPeriod.Last24Hours), ("last_7_days", ExportPeriod.Last7Days), ("last_30_days", ExportPeriod.Last30Days),
    ];

    public static string? WordOf(ExportPeriod period) => All.FirstOrDefault(known => known.Period == period).Word;

    public static ExportPeriod Parse(string? word) => word is null
        ? ExportPeriod.None
        : All.FirstOrDefault(known => known.Word == word).Period is not ExportPeriod.None and var period
            ? period
            : throw FaultException.Malformed("period", $"one of {string.Join(", ", All.Select(known => known.Word))}");
}

/// <summary>Reads the members of a new schedule.</summary>
internal static class ScheduleBody
{
    private const int MailToMax = 10;
    private const int AddressLengthMax = 254; // RFC 5321, 4.5.3.1.3, without the brackets

    private static readonly string[] Members = ["name", "cron", "time_zone", "period", "mail_to", "export"];

    public static JsonElement ExportOf(JsonElement body)
    {
        if (body.EnumerateObject().FirstOrDefault(member => !Members.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            throw FaultException.Malformed(unknown.Name, $"absent: a schedule knows {string.Join(", ", Members)}");

        return body.TryGetProperty("export", out var export) && export.ValueKind is JsonValueKind.Object
            ? export
            : throw FaultException.Malformed("export", "an object as for POST …/exports");
    }

    public static CronExpression CronOf(JsonElement body) => CronExpression.TryParse(OperatorBodies.Text(body, "cron") ?? string.Empty)
        ?? throw FaultException.Malformed("cron", "five fields of cron that come due: minute hour day-of-month month day-of-week, such as 0 6 1 * *");

    public static IReadOnlyList<string> MailToOf(JsonElement body, bool canMail)
    {
        if (!body.TryGetProperty("mail_to", out var list) || list.ValueKind is JsonValueKind.Null)
            return [];
        if (list.ValueKind is not JsonValueKind.Array || list.GetArrayLength() is 0 or > MailToMax)
            throw BadAddresses();
        if (!canMail)
            throw FaultException.Malformed("mail_to", "absent: this server has no mail server (Mail:Host)");

        return [.. list.EnumerateArray().Select(AddressOf)];
    }

    private static string AddressOf(JsonElement item)
    {
        var text = NativeOrder.TextOf(item) ?? throw BadAddresses();
        return text.Length <= AddressLengthMax && text.All(char.IsAscii) && !text.Any(char.IsControl) && MailAddress.TryCreate(text, out var address) && address.Address == text
            ? text
            : throw BadAddresses();
    }

    private static FaultException BadAddresses() => FaultException.Malformed("mail_to", $"an array of 1 to {MailToMax} mail addresses in ASCII");
}
