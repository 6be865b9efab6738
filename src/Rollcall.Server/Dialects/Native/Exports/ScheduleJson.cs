using System.Net.Mail;
using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>A schedule on the wire. Null means not yet, or nothing.</summary>
internal sealed record ScheduleJson(
    string Id, string Name, string Cron, string TimeZone, string? Period, string What, string Format, JsonElement Filter, IReadOnlyList<string> MailTo,
    string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset NextAt, DateTimeOffset? LastAt, string? LastExportId, string? LastFailure)
{
    public static ScheduleJson From(ExportSchedule schedule, NativeOrder order) => new(
        schedule.Id, schedule.Name, schedule.Cron, schedule.TimeZone, SchedulePeriods.WordOf(schedule.Period), ExportContents.RowsOf(schedule.Kind),
        TabularFormats.ExtensionOf(schedule.Format), JsonSerializer.SerializeToElement(order.Filter, NativeOrderJson.Default.DictionaryStringStringArray),
        schedule.MailTo, schedule.CreatedBy, schedule.CreatedAt, schedule.NextAt, schedule.LastAt, schedule.LastTaskId, schedule.LastFailure);
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
