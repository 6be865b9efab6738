using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>One exported event as JSON: where each tool puts what.</summary>
/// <remarks>
/// nxlog (im_msvistalog with to_json): EventID, Hostname, EventTime (local, no zone), RecordNumber, Message.
/// <c>Get-WinEvent | ConvertTo-Json</c>: Id, MachineName, TimeCreated, RecordId, Message and Properties, the values in the
/// order of the event's template. The template's values are looked at first: Message is in the language of the host.
/// </remarks>
internal sealed class LsmFields(JsonElement json)
{
    private const RegexOptions Safe = RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.Multiline;

    private static readonly Regex UserLine = new(@"^User: (?<value>[^\r\n]+)", Safe);
    private static readonly Regex SessionLine = new(@"^Session ID: (?<value>\d+)", Safe);
    private static readonly Regex AddressLine = new(@"^Source Network Address: (?<value>[^\r\n]+)", Safe);
    private static readonly Regex Disconnected = new(@"^Session (?<session>\d+) has been disconnected, reason code (?<detail>\d+)", Safe);
    private static readonly Regex DisconnectedBy = new(@"^Session (?<session>\d+) has been disconnected by session (?<detail>\d+)", Safe);
    private static readonly Regex PowerShellDate = new(@"^/Date\((?<ms>-?\d{1,15})\)/$", Safe);

    public int? EventId => int.TryParse(Text("EventID") ?? Text("Id"), CultureInfo.InvariantCulture, out var id) ? id : null;

    public string? Host => Text("Hostname") ?? Text("MachineName");

    public long? RecordNumber => long.TryParse(Text("RecordNumber") ?? Text("RecordId"), CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Which log the event is of; null when the export does not say.</summary>
    public string? Provider => Text("SourceName") ?? Text("ProviderName") ?? Text("Channel") ?? Text("LogName");

    /// <summary>The event's own time with an offset, when the export has one.</summary>
    public DateTimeOffset? Instant
    {
        get
        {
            var text = Text("TimeCreated") ?? Text("EventTime");
            if (text is null)
                return null;

            if (PowerShellDate.Match(text) is { Success: true } match)
                return FromMilliseconds(long.Parse(match.Groups["ms"].Value, CultureInfo.InvariantCulture));

            var zoned = text.Length is > 19 and <= 40 && (text.EndsWith('Z') || text.AsSpan(19..).ContainsAny("+-"));
            return zoned && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : null;
        }
    }

    /// <summary>The event's own time when it has no zone.</summary>
    public DateTime? Local
    {
        get
        {
            var text = Text("EventTime") ?? Text("TimeCreated");
            return text?.Length is >= 19 and <= 30 && DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
                ? at
                : null;
        }
    }

    /// <summary>When the collector received the event: never earlier than the event itself, clocks permitting.</summary>
    public DateTimeOffset? CollectedAt =>
        Text("@timestamp") is { Length: > 19 and <= 40 } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at
            : null;

    public string? User => IsDisconnect ? null : Value(0, "User") ?? FromMessage(UserLine, "value");

    public string? SessionId => IsDisconnect
        ? Value(0, "Session", "TargetSession") ?? FromMessage(Disconnected, "session") ?? FromMessage(DisconnectedBy, "session")
        : Value(1, "SessionID") ?? FromMessage(SessionLine, "value");

    public string? Address => IsDisconnect ? null : Value(2, "Address") ?? FromMessage(AddressLine, "value");

    public string? Detail => !IsDisconnect
        ? null
        : Value(1, "Reason", "Source") ?? FromMessage(Disconnected, "detail") ?? FromMessage(DisconnectedBy, "detail");

    /// <summary>Their templates are a session and a reason (40) or the session that asked (39), and name no user.</summary>
    private bool IsDisconnect => EventId is 39 or 40;

    /// <summary>A value of the event's template, by any of its names or by its place.</summary>
    private string? Value(int place, params ReadOnlySpan<string> names)
    {
        var data = Member(json, "UserData");
        foreach (var name in names)
        {
            if (TextOf(Member(Member(data, "EventXML"), name) ?? Member(data, name) ?? Member(json, name)) is { } text)
                return text;
        }

        return Member(json, "Properties") is { ValueKind: JsonValueKind.Array } properties && properties.GetArrayLength() > place
            ? TextOf(Member(properties[place], "Value"))
            : null;
    }

    private string? FromMessage(Regex form, string group) =>
        Text("Message") is { } message && form.Match(message) is { Success: true } match ? Cleaned(match.Groups[group].Value) : null;

    private string? Text(string name) => TextOf(Member(json, name));

    private static JsonElement? Member(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var member) ? member : null;

    private static string? TextOf(JsonElement? element)
    {
        try
        {
            return element switch
            {
                { ValueKind: JsonValueKind.String } text => Cleaned(text.GetString()!),
                { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // A string with half a surrogate pair is JSON all the same, but no text.
            return null;
        }
    }

    private static string? Cleaned(string text)
    {
        text = text.Trim();
        return text.Length == 0 ? null : text;
    }

    private static DateTimeOffset? FromMilliseconds(long ms)
    {
        const long msMax = 253_402_300_799_999;
        return ms is >= 0 and <= msMax ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
    }
}
