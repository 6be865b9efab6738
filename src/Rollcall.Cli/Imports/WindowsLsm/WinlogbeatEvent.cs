using System.Text.Json;

namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>An event as Winlogbeat 7 and 8 write it, numbers as numbers or as text (docs/contracts/windows-events.md, section 1).</summary>
/// <remarks><c>@timestamp</c> is the event's own time; when Winlogbeat read it stands in <c>event.created</c>.</remarks>
internal sealed class WinlogbeatEvent(JsonElement json) : ExportedEvent
{
    /// <summary>What a query of Elasticsearch wraps around each document.</summary>
    private readonly JsonElement json = JsonPath.Find(json, "_source") ?? json;

    public override int? EventId => Texts.Number(Text("winlog", "event_id") ?? Text("event", "code"));

    // Not agent.hostname: with event forwarding that is the collector.
    public override string? Host => Text("winlog", "computer_name") ?? Text("host", "name");

    public override long? RecordNumber => Texts.LongNumber(Text("winlog", "record_id"));

    public override string? Provider => Text("winlog", "provider_name") ?? Text("event", "provider") ?? Text("winlog", "channel");

    public override DateTimeOffset? Instant => Instants.TryZoned(Text("@timestamp"));

    public override DateTimeOffset? CollectedAt => Instants.TryZoned(Text("event", "created"));

    protected override string? Message => Text("message");

    /// <summary>Whether the object is one of Winlogbeat's.</summary>
    public static bool Is(JsonElement json) =>
        JsonPath.Find(json, "winlog", "computer_name") is not null
        || JsonPath.Find(json, "winlog", "event_id") is not null
        || JsonPath.Find(json, "_source", "winlog", "event_id") is not null;

    protected override string? Value(int place, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if ((Text("winlog", "user_data", name) ?? Text("winlog", "event_data", name)) is { } text)
                return text;
        }

        return null;
    }

    private string? Text(params ReadOnlySpan<string> path) => Texts.Of(JsonPath.Find(json, path));
}
