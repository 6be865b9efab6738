using System.CommandLine;
using System.Globalization;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall sessions</c>: who is and was logged on.</summary>
internal static class SessionsCommand
{
    private const int LimitDefault = 100, LimitMax = 100_000;

    private const string Description = """
        Lists sessions, newest start first unless --order says otherwise; times are UTC.

        Example: rollcall sessions --host RDS-07 --state active --state disconnected
        Example: rollcall sessions --user 'CORP\anna' --from 2026-11-01 --to 2026-12-01 --json
        Example: rollcall sessions --active-at 2026-03-03T14:07:00Z --client-ip 10.9.0.0/16
        Example: rollcall sessions --open-longer-than P2D --order=-duration
        """;

    private static readonly (string Title, string Member)[] Columns =
    [
        ("USER", "user"), ("HOST", "host.name"), ("SESSION", "os_session_id"), ("STATE", "state"), ("START", "start_time"),
        ("END", "end_time"), ("KNOWN BY", "end_time_source"), ("CLIENT", "client.name"), ("ADDRESS", "client.ip"), ("ID", "id"),
    ];

    /// <summary>Parameters of the list that go as they are; the server says what is wrong with them.</summary>
    private static readonly (string Name, string Value, string Description)[] Filters =
    [
        ("active_at", "when", "Who was on at this instant."),
        ("range", "how", "What --from and --to bound: overlaps (default), starts_in, ends_in."),
        ("user_contains", "text", "Part of the user's name, in any case."),
        ("host_group", "id", "Id of the host group."),
        ("kind", "kind", "desktop or application."),
        ("protocol", "name", "RDP, SSH and so on, in any case."),
        ("app_contains", "text", "Part of the application's name, in any case."),
        ("client_ip", "address", "The client's address, or a range such as 10.9.0.0/16."),
        ("public_ip", "address", "The egress address, or a range."),
        ("client_contains", "text", "Part of the client's name, in any case."),
        ("failed_code", "code", "Failed with exactly this code."),
        ("end_time_source", "how", "How the end is known: reported, heartbeat, host_event, roster, superseded, operator, unknown."),
        ("open_longer_than", "duration", "Still open, and for longer than an ISO 8601 duration such as PT24H."),
        ("order", "order", "-start_time (default), start_time, -end_time, duration or -duration; one with a minus is written --order=-duration."),
        ("as_known_at", "when", "As the ledger knew it at this instant; needs --host, --user or 31 days."),
    ];

    public static Command Create(CliContext context)
    {
        var user = new Option<string?>("--user") { Description = "Exact: name, DOMAIN\\name or UPN.", HelpName = "name" };
        var host = new Option<string?>("--host") { Description = "Exact name of the host.", HelpName = "name" };
        var state = new Option<string[]>("--state") { Description = "A state; may be given again: initializing, active, disconnected, ended, failed.", HelpName = "state" };
        state.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "initializing", "active", "disconnected", "ended", "failed");
        var from = new Option<string?>("--from") { Description = "Sessions that were there at or after: a date or an RFC 3339 time.", HelpName = "when" };
        var to = new Option<string?>("--to") { Description = "Sessions that were there before.", HelpName = "when" };
        var filters = Filters.Select(filter => new Option<string?>("--" + filter.Name.Replace('_', '-')) { Description = filter.Description, HelpName = filter.Value }).ToList();
        var limit = new Option<int>("--limit") { Description = "Most sessions to list.", HelpName = "number", DefaultValueFactory = _ => LimitDefault };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > LimitMax)
                result.AddError($"--limit must lie between 1 and {LimitMax}.");
        });
        var json = Listing.JsonOption();
        var command = new Command("sessions", Description)
        {
            user, host, state, from, to, limit, json, SessionWordCommands.Close(context), SessionWordCommands.Correct(context),
        };
        filters.ForEach(command.Options.Add);
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var filter = new List<(string Name, string? Value)> { ("count", "none"), ("user", parse.GetValue(user)), ("host", parse.GetValue(host)) };
            filter.AddRange((parse.GetValue(state) ?? []).Select(s => ("state", (string?)s.ToLowerInvariant())));
            filter.AddRange([("from", TimeOf("--from", parse.GetValue(from))), ("to", TimeOf("--to", parse.GetValue(to)))]);
            filter.AddRange(Filters.Zip(filters, (known, option) => (known.Name, ValueOf(known.Name, option.Name, parse.GetValue(option)))));
            var path = session.Path("sessions") + Listing.QueryOf(filter);
            Listing.Write(context, await Listing.ReadAsync(session.Client, path, cancel, parse.GetValue(limit)), parse.GetValue(json), Columns);
        });
    }

    private static string? ValueOf(string name, string option, string? text) => name is "active_at" or "as_known_at" ? TimeOf(option, text) : text;

    internal static string? TimeOf(string option, string? text)
    {
        if (text is null)
            return null;

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.UtcDateTime.ToString(UtcMillisecondsConverter.Format, CultureInfo.InvariantCulture)
            : throw new UsageException($"{option} must be a date or a time such as 2026-11-21T08:00:00Z, not \"{text}\".");
    }
}
