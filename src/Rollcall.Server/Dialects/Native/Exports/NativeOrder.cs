using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>The body of <c>POST …/exports</c>, checked: stored with the task.</summary>
internal sealed record NativeOrder
{
    private const int ColumnsMax = 100;
    private const int ValuesMax = 16;

    private static readonly string[] Members = ["what", "format", "filter", "columns", "language", "time_zone", "bom", "delimiter"];

    /// <summary>The parameters of the list, as text; one that may be repeated has several values.</summary>
    [JsonPropertyName("filter")] public required Dictionary<string, string[]> Filter { get; init; }

    /// <summary>Null: all of them.</summary>
    [JsonPropertyName("columns")] public string[]? Columns { get; init; }

    [JsonPropertyName("language")] public string? Language { get; init; }

    /// <summary>An IANA name; null: UTC.</summary>
    [JsonPropertyName("time_zone")] public string? TimeZone { get; init; }

    [JsonPropertyName("bom")] public bool? ByteOrderMark { get; init; }
    [JsonPropertyName("delimiter")] public string? Delimiter { get; init; }

    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/>: nothing of that name can be written out.</exception>
    public static INativeExport ContentOf(JsonElement body, IEnumerable<INativeExport> contents)
    {
        var what = OperatorBodies.Text(body, "what");
        if (what == "audit")
            throw FaultException.Malformed("what", "something that is recorded: there is no audit log yet");

        var known = contents.ToList();
        return known.Find(content => content.What == what)
            ?? throw FaultException.Malformed("what", $"one of {string.Join(", ", known.Select(content => content.What))}");
    }

    public static NativeOrder Parse(string stored) => JsonSerializer.Deserialize(stored, NativeOrderJson.Default.NativeOrder)!;

    /// <summary>The same, for a stretch of time.</summary>
    public NativeOrder Narrow(TimeRange range) => this with
    {
        Filter = new Dictionary<string, string[]>(Filter, StringComparer.Ordinal)
        {
            ["from"] = [range.From!.Value.ToString("O", CultureInfo.InvariantCulture)],
            ["to"] = [range.To!.Value.ToString("O", CultureInfo.InvariantCulture)],
        },
    };

    public static ExportFormat FormatOf(JsonElement body) => TabularFormats.Parse(OperatorBodies.Text(body, "format") ?? "xlsx")
        ?? throw FaultException.Malformed("format", "xlsx, csv or ndjson");

    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/>: what is not understood must not look as if it were done.</exception>
    public static NativeOrder Read(JsonElement body, ExportFormat format)
    {
        if (body.EnumerateObject().FirstOrDefault(member => !Members.Contains(member.Name)) is { Value.ValueKind: not JsonValueKind.Undefined } unknown)
            throw FaultException.Malformed(unknown.Name, $"absent: an export knows {string.Join(", ", Members)}");

        var order = new NativeOrder
        {
            Filter = FilterOf(body),
            Columns = ColumnsOf(body),
            Language = OperatorBodies.Text(body, "language"),
            TimeZone = OperatorBodies.Text(body, "time_zone"),
            ByteOrderMark = FlagOf(body, "bom"),
            Delimiter = OperatorBodies.Text(body, "delimiter"),
        };
        if (format is not ExportFormat.Csv && (order.ByteOrderMark is not null || order.Delimiter is not null))
            throw FaultException.Malformed(order.Delimiter is null ? "bom" : "delimiter", "absent: only csv has one");
        _ = order.ToCsv();
        _ = order.ToLayout(format);
        return order;
    }

    public ColumnLayout ToLayout(ExportFormat format) =>
        new(ExportLanguage.Parse(Language), ZoneOf(TimeZone), HasMachineNames: format is ExportFormat.Ndjson);

    public CsvTableOptions ToCsv() => new()
    {
        ByteOrderMark = ByteOrderMark ?? true,
        Delimiter = Delimiter switch
        {
            null => ',',
            [',' or ';' or '\t' or '|'] => Delimiter[0],
            _ => throw FaultException.Malformed("delimiter", "a comma, a semicolon, a tab or a vertical bar"),
        },
    };

    /// <summary>Those asked for, in the order asked for.</summary>
    public IReadOnlyList<NativeColumn<T>> Pick<T>(IReadOnlyList<NativeColumn<T>> all)
    {
        if (Columns is null)
            return all;

        var byName = all.ToDictionary(column => column.Name, StringComparer.Ordinal);
        return [.. Columns.Select(name => byName.GetValueOrDefault(name)
            ?? throw FaultException.Malformed("columns", $"any of {string.Join(", ", byName.Keys)}"))];
    }

    /// <summary>Null when the filter does not have it.</summary>
    public string? Value(string name) => Filter.GetValueOrDefault(name) switch
    {
        null => null,
        [var only] => only,
        _ => throw FaultException.Malformed($"filter.{name}", "one value"),
    };

    public string[]? Values(string name) => Filter.GetValueOrDefault(name);

    /// <summary>A misspelt filter must not write everything out.</summary>
    public void Allow(params ReadOnlySpan<string> known)
    {
        foreach (var name in Filter.Keys)
        {
            if (!known.Contains(name))
                throw FaultException.Malformed($"filter.{name}", $"absent: the filter knows {string.Join(", ", known.ToArray())}");
        }
    }

    private static Dictionary<string, string[]> FilterOf(JsonElement body)
    {
        if (!body.TryGetProperty("filter", out var filter) || filter.ValueKind is JsonValueKind.Null)
            return [];
        if (filter.ValueKind is not JsonValueKind.Object)
            throw FaultException.Malformed("filter", "an object with the parameters of the list");

        var read = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var member in filter.EnumerateObject())
        {
            if (!read.TryAdd(member.Name, [.. TextsOf(filter, member)]))
                throw FaultException.Malformed($"filter.{member.Name}", "given once");
        }

        return read;
    }

    private static IEnumerable<string> TextsOf(JsonElement filter, JsonProperty member)
    {
        if (member.Value.ValueKind is not JsonValueKind.Array)
            return [OperatorBodies.Text(filter, member.Name) ?? throw BadFilter(member.Name)];
        if (member.Value.GetArrayLength() is 0 or > ValuesMax)
            throw BadFilter(member.Name);

        return member.Value.EnumerateArray().Select(item => TextOf(item) ?? throw BadFilter(member.Name));
    }

    private static string[]? ColumnsOf(JsonElement body)
    {
        if (!body.TryGetProperty("columns", out var columns) || columns.ValueKind is JsonValueKind.Null)
            return null;
        if (columns.ValueKind is not JsonValueKind.Array || columns.GetArrayLength() is 0 or > ColumnsMax)
            throw BadColumns();

        string[] read = [.. columns.EnumerateArray().Select(item => TextOf(item) ?? throw BadColumns())];
        return read.Distinct(StringComparer.Ordinal).Count() == read.Length ? read : throw BadColumns();
    }

    /// <summary>Null when it is no text, or no valid Unicode.</summary>
    public static string? TextOf(JsonElement item)
    {
        try
        {
            return item.ValueKind is JsonValueKind.String ? item.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static bool? FlagOf(JsonElement body, string name) =>
        !body.TryGetProperty(name, out var flag) || flag.ValueKind is JsonValueKind.Null ? null
        : flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean()
        : throw FaultException.Malformed(name, "true or false");

    /// <summary>Null is UTC.</summary>
    public static TimeZoneInfo? ZoneOf(string? name)
    {
        const int NameLengthMax = 64;
        if (name is null or "UTC" or "Etc/UTC")
            return null;

        var isName = name.Length is > 0 and <= NameLengthMax && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+') && name[0] is not '/' && !name.StartsWith("posix", StringComparison.Ordinal) && !name.StartsWith("right/", StringComparison.Ordinal);
        return isName && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId
            ? zone
            : throw FaultException.Malformed("time_zone", "a time zone of the IANA database, such as Europe/Paris");
    }

    private static FaultException BadFilter(string name) => FaultException.Malformed($"filter.{name}", $"a text, or an array of 1 to {ValuesMax} texts where the list takes several");

    private static FaultException BadColumns() => FaultException.Malformed("columns", $"an array of 1 to {ColumnsMax} different names of columns");
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NativeOrder))]
internal sealed partial class NativeOrderJson : JsonSerializerContext;
