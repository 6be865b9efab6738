using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>An event as one flat JSON object: nxlog's, or PowerShell's.</summary>
/// <remarks>
/// nxlog (im_msvistalog with to_json): EventID, Hostname, EventTime (local, no zone), RecordNumber, Message.
/// <c>Get-WinEvent | ConvertTo-Json</c>: Id, MachineName, TimeCreated, RecordId, Message and Properties, the values in the
/// order of the event's template (docs/contracts/windows-events.md, section 1).
/// </remarks>
internal sealed class FlatEvent(JsonElement json) : ExportedEvent
{
    private static readonly Regex PowerShellDate = new(@"^/Date\((?<ms>-?\d{1,15})\)/$", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

    public override int? EventId => Texts.Number(Text("EventID") ?? Text("Id"));

    public override string? Host => Text("Hostname") ?? Text("MachineName");

    public override long? RecordNumber => Texts.LongNumber(Text("RecordNumber") ?? Text("RecordId"));

    public override string? Provider => Text("SourceName") ?? Text("ProviderName") ?? Text("Channel") ?? Text("LogName");

    public override DateTimeOffset? Instant
    {
        get
        {
            // A DateTime with notes of its own comes out of Windows PowerShell as an object around its value.
            var text = Text("TimeCreated") ?? Texts.Of(JsonPath.Find(json, "TimeCreated", "value")) ?? Text("EventTime");
            return text is not null && PowerShellDate.Match(text) is { Success: true } match
                ? Instants.TryUnixMilliseconds(long.Parse(match.Groups["ms"].Value, CultureInfo.InvariantCulture))
                : Instants.TryZoned(text);
        }
    }

    public override DateTime? Local
    {
        get
        {
            var text = Text("EventTime") ?? Text("TimeCreated");
            return text?.Length is >= 19 and <= 30 && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
                ? at
                : null;
        }
    }

    public override DateTimeOffset? CollectedAt =>
        Text("@timestamp") is { Length: > 19 and <= 40 } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;

    // ConvertTo-Json writes the name of the type where it is told to go no deeper.
    public override bool IsCutShort => JsonPath.Find(json, "Properties") switch
    {
        { ValueKind: JsonValueKind.Array } list => list.GetArrayLength() > 0 && list[0].ValueKind == JsonValueKind.String,
        { ValueKind: JsonValueKind.String } => true,
        _ => false,
    };

    protected override string? Message => Text("Message");

    protected override string? Value(int place, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            var found = JsonPath.Find(json, "UserData", "EventXML", name) ?? JsonPath.Find(json, "UserData", name) ?? JsonPath.Find(json, name);
            if (Texts.Of(found) is { } text)
                return text;
        }

        return JsonPath.Find(json, "Properties") is { ValueKind: JsonValueKind.Array } properties && properties.GetArrayLength() > place
            ? Texts.Of(JsonPath.Find(properties[place], "Value"))
            : null;
    }

    private string? Text(string name) => Texts.Of(JsonPath.Find(json, name));
}
