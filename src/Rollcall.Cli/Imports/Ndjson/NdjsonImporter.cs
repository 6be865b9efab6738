using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Rollcall.Cli.Imports.Ndjson;

/// <summary>Passes on CloudEvents, one a line, exactly as they stand once they were seen to be events of the ledger.</summary>
internal static class NdjsonImporter
{
    public static IEnumerable<OutgoingEvent> Read(IReadOnlyList<LogFile> files, Tally tally)
    {
        foreach (var line in files.SelectMany(file => LineReader.Read(file, tally)))
        {
            if (Check(line, out var reason) is { } outgoing)
                yield return outgoing;
            else
                tally.Skip(reason, line.Spot);
        }
    }

    private static OutgoingEvent? Check(LogLine line, out string reason)
    {
        try
        {
            using var json = JsonDocument.Parse(line.Text);
            var root = json.RootElement;
            reason = WrongWith(root) ?? "";
            return reason.Length > 0
                ? null
                : new OutgoingEvent(Text(root, "id")!, Text(root, "type")!, Encoding.UTF8.GetBytes(line.Text), line.Spot);
        }
        catch (JsonException)
        {
            reason = "not JSON";
            return null;
        }
    }

    private static string? WrongWith(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            return "not a JSON object";

        if (Text(root, "specversion") != "1.0")
            return "no CloudEvent: specversion is not \"1.0\"";

        if (string.IsNullOrEmpty(Text(root, "id")) || string.IsNullOrEmpty(Text(root, "source")))
            return "no id or no source";

        if (Text(root, "type")?.StartsWith("rollcall.", StringComparison.Ordinal) != true)
            return "a type that is none of the ledger's";

        if (!HasTime(root))
            return "no time, or one without a zone";

        if (Texts.Raw(JsonPath.Find(root, "data", "host", "name")) is not { Length: > 0 } host)
            return "no data.host.name";

        return EventCheck.WrongWith("host", host)
            ?? EventCheck.WrongWith("user", Texts.Raw(JsonPath.Find(root, "data", "user")))
            ?? EventCheck.WrongWith("OS session id", Texts.Raw(JsonPath.Find(root, "data", "os_session_id")));
    }

    private static bool HasTime(JsonElement root) =>
        Text(root, "time") is { Length: > 10 and <= 40 } time
        && (time.EndsWith('Z') || time.AsSpan(10).ContainsAny("+-"))
        && DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, out _);

    private static string? Text(JsonElement parent, string name) => Texts.Raw(JsonPath.Find(parent, name));
}
