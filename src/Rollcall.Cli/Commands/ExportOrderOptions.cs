using System.CommandLine;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary>What is to be written out and how, as options of a command: of an order, or of a schedule.</summary>
internal sealed class ExportOrderOptions
{
    private readonly string what;
    private readonly Dictionary<string, Option<string[]>> filters;
    private readonly Option<string?> format = new("--format") { Description = "xlsx, csv or ndjson; left out: by the file's extension, else xlsx.", HelpName = "format" };
    private readonly Option<string?> columns = new("--columns") { Description = "Names separated by commas, in the order wanted; left out: all. A wrong one is answered with the right ones.", HelpName = "names" };
    private readonly Option<string?> language = new("--language") { Description = "Language of headers and words: en_US or zh_CN.", HelpName = "tag" };
    private readonly Option<string?> zone = new("--time-zone") { Description = "IANA time zone to write times in, beside UTC.", HelpName = "name" };
    private readonly Option<string?> delimiter = new("--delimiter") { Description = "For csv: , ; | or a tab.", HelpName = "character" };
    private readonly Option<bool> noMark = new("--no-bom") { Description = "For csv: without the byte order mark that Excel wants." };

    /// <param name="what">As <c>POST …/exports</c> names it.</param>
    public ExportOrderOptions(string what)
    {
        this.what = what;
        filters = FiltersOf(what).ToDictionary(name => name, FilterOption, StringComparer.Ordinal);
        format.AcceptOnlyFromAmong("xlsx", "csv", "ndjson");
    }

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { format, columns, language, zone, delimiter, noMark })
            command.Add(option);
        foreach (var filter in filters.Values)
            command.Add(filter);
    }

    /// <param name="output">A file whose extension says the format when no option does; null: none.</param>
    public NewExportRequest Of(ParseResult parse, string? output) => new()
    {
        What = what,
        Format = parse.GetValue(format) ?? FormatOf(output),
        Filter = FilterOf(parse),
        Columns = parse.GetValue(columns)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        Language = parse.GetValue(language),
        TimeZone = parse.GetValue(zone),
        ByteOrderMark = parse.GetValue(noMark) ? false : null,
        Delimiter = parse.GetValue(delimiter),
    };

    private static string[] FiltersOf(string what) => what switch
    {
        "sessions" => ["user", "host", "state", "from", "to", "range"],
        "connections" => ["user", "host", "from", "to"],
        "signins" => ["user", "from", "to"],
        _ => [],
    };

    private static Option<string[]> FilterOption(string name)
    {
        var option = new Option<string[]>($"--{name}") { HelpName = name is "from" or "to" ? "when" : name, Description = MeaningOf(name) };
        if (name is "state")
            option.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "initializing", "active", "disconnected", "ended", "failed");
        if (name is "range")
            option.AcceptOnlyFromAmong("overlaps", "starts_in", "ends_in");
        return option;
    }

    private static string MeaningOf(string name) => name switch
    {
        "user" => "Exact: name, DOMAIN\\name or UPN.",
        "host" => "Exact name of the host.",
        "state" => "A state; may be given again: initializing, active, disconnected, ended, failed.",
        "from" => "At or after: a date or an RFC 3339 time.",
        "to" => "Before.",
        _ => "What must lie between --from and --to: overlaps (any part of the session, the default), starts_in or ends_in.",
    };

    private Dictionary<string, string[]> FilterOf(ParseResult parse)
    {
        var filter = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var (name, option) in filters)
        {
            if (parse.GetValue(option) is { Length: > 0 } values)
                filter[name] = name is "from" or "to" ? [.. values.Select(value => SessionsCommand.TimeOf($"--{name}", value)!)] : values;
        }

        return filter;
    }

    private static string? FormatOf(string? output) => Path.GetExtension(output)?.ToLowerInvariant() switch
    {
        ".csv" => "csv",
        ".ndjson" or ".jsonl" => "ndjson",
        null or "" or ".xlsx" => "xlsx",
        var other => throw new UsageException($"Which format is {other}? Say --format xlsx, csv or ndjson."),
    };
}
