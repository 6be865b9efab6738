using System.CommandLine;
using Rollcall.Cli.Exports;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall export</c>: writes rows to a checked file.</summary>
internal static class ExportCommand
{
    private const string Description = """
        Writes sessions, connections or users to a file: ordered at the server, fetched when finished, its SHA-256 checked.

        Example: rollcall export sessions --from 2026-11-01 --to 2026-12-01 --time-zone Europe/Paris -o november.xlsx
        Example: rollcall export users --format csv --columns name,email,locked
        Example: rollcall export fetch 3f0c5a…
        """;

    public static Command Create(CliContext context) => new("export", Description)
    {
        Order(context, "sessions", "user", "host", "state", "from", "to", "range"),
        Order(context, "connections", "user", "host", "from", "to"),
        Order(context, "users"),
        List(context),
        Fetch(context),
        Cancel(context),
    };

    private static Command Order(CliContext context, string what, params string[] filters)
    {
        var parts = filters.ToDictionary(name => name, FilterOption, StringComparer.Ordinal);
        var format = new Option<string?>("--format") { Description = "xlsx, csv or ndjson; left out: by the file's extension, else xlsx.", HelpName = "format" };
        format.AcceptOnlyFromAmong("xlsx", "csv", "ndjson");
        var columns = new Option<string?>("--columns") { Description = "Names separated by commas, in the order wanted; left out: all. A wrong one is answered with the right ones.", HelpName = "names" };
        var language = new Option<string?>("--language") { Description = "Language of headers and words: en_US or zh_CN.", HelpName = "tag" };
        var zone = new Option<string?>("--time-zone") { Description = "IANA time zone to write times in, beside UTC.", HelpName = "name" };
        var delimiter = new Option<string?>("--delimiter") { Description = "For csv: , ; | or a tab.", HelpName = "character" };
        var noMark = new Option<bool>("--no-bom") { Description = "For csv: without the byte order mark that Excel wants." };
        var output = OutputOption();
        var command = new Command(what, $"Writes {what} to a file.\n\nExample: rollcall export {what} -o {what}.xlsx") { format, columns, language, zone, delimiter, noMark, output };
        foreach (var part in parts.Values)
            command.Add(part);

        output.Validators.Add(result =>
        {
            if (Path.GetDirectoryName(result.GetValueOrDefault<string?>()) is { Length: > 0 } folder && !Directory.Exists(folder))
                result.AddError($"There is no folder {folder}.");
        });
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var run = new ExportRun(context, session);
            var ordered = await run.OrderAsync(
                new NewExportRequest
                {
                    What = what,
                    Format = parse.GetValue(format) ?? FormatOf(parse.GetValue(output)),
                    Filter = FilterOf(parse, parts),
                    Columns = parse.GetValue(columns)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                    Language = parse.GetValue(language),
                    TimeZone = parse.GetValue(zone),
                    ByteOrderMark = parse.GetValue(noMark) ? false : null,
                    Delimiter = parse.GetValue(delimiter),
                },
                cancel);
            await run.SaveAsync(ordered, parse.GetValue(output), cancel);
        });
    }

    private static Command List(CliContext context)
    {
        var json = Listing.JsonOption();
        var command = new Command("list", "Lists the tenant's exports, newest first, those ordered over other APIs too.\n\nExample: rollcall export list --json") { json };
        return command.WithSession(context, async (parse, session, cancel) => Listing.Write(
            context, await Listing.ReadAsync(session.Client, session.Path("exports"), cancel), parse.GetValue(json),
            ("ID", "id"), ("WHAT", "what"), ("STATE", "state"), ("ROWS", "rows"), ("OF", "rows_expected"), ("BYTES", "bytes"),
            ("CREATED", "created_at"), ("BY", "requested_by"), ("FILE", "file_name")));
    }

    private static Command Fetch(CliContext context)
    {
        var (id, output) = (Id(), OutputOption());
        var command = new Command("fetch", "Fetches the file of an export ordered before, going on where a download broke off.\n\nExample: rollcall export fetch 3f0c5a… -o november.xlsx") { id, output };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var run = new ExportRun(context, session);
            await run.SaveAsync(await run.GetAsync(parse.GetRequiredValue(id), cancel), parse.GetValue(output), cancel);
        });
    }

    private static Command Cancel(CliContext context)
    {
        var id = Id();
        var command = new Command("cancel", "Calls an export off that waits or runs.\n\nExample: rollcall export cancel 3f0c5a…") { id };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            await session.Client.PostAsync(session.Path($"exports/{Uri.EscapeDataString(parse.GetRequiredValue(id))}/cancel"), cancel);
            context.Say($"Called off {parse.GetRequiredValue(id)}.");
        });
    }

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

    private static Dictionary<string, string[]> FilterOf(ParseResult parse, Dictionary<string, Option<string[]>> parts)
    {
        var filter = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach (var (name, option) in parts)
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

    private static Argument<string> Id() => new("id") { Description = "As \"rollcall export list\" shows it." };

    private static Option<string?> OutputOption() => new("--output", "-o") { Description = "Where the file goes; left out: the server's name for it, in this folder.", HelpName = "file" };
}
