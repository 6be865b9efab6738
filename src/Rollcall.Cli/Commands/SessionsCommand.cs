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
        Lists sessions, newest start first; times are UTC.

        Example: rollcall sessions --host RDS-07 --state active --state disconnected
        Example: rollcall sessions --user 'CORP\anna' --from 2026-11-01 --to 2026-12-01 --json
        """;

    private static readonly (string Title, string Member)[] Columns =
    [
        ("USER", "user"), ("HOST", "host.name"), ("SESSION", "os_session_id"), ("STATE", "state"), ("START", "start_time"),
        ("END", "end_time"), ("KNOWN BY", "end_time_source"), ("CLIENT", "client.name"), ("ADDRESS", "client.ip"), ("ID", "id"),
    ];

    public static Command Create(CliContext context)
    {
        var user = new Option<string?>("--user") { Description = "Exact: name, DOMAIN\\name or UPN.", HelpName = "name" };
        var host = new Option<string?>("--host") { Description = "Exact name of the host.", HelpName = "name" };
        var state = new Option<string[]>("--state") { Description = "A state; may be given again: initializing, active, disconnected, ended, failed.", HelpName = "state" };
        state.AcceptOnlyFromAmong(StringComparer.OrdinalIgnoreCase, "initializing", "active", "disconnected", "ended", "failed");
        var from = new Option<string?>("--from") { Description = "Sessions that were there at or after: a date or an RFC 3339 time.", HelpName = "when" };
        var to = new Option<string?>("--to") { Description = "Sessions that were there before.", HelpName = "when" };
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
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var filter = new List<(string Name, string? Value)> { ("count", "none"), ("user", parse.GetValue(user)), ("host", parse.GetValue(host)) };
            filter.AddRange((parse.GetValue(state) ?? []).Select(s => ("state", (string?)s.ToLowerInvariant())));
            filter.AddRange([("from", TimeOf("--from", parse.GetValue(from))), ("to", TimeOf("--to", parse.GetValue(to)))]);
            var path = session.Path("sessions") + Listing.QueryOf(filter);
            Listing.Write(context, await Listing.ReadAsync(session.Client, path, cancel, parse.GetValue(limit)), parse.GetValue(json), Columns);
        });
    }

    internal static string? TimeOf(string option, string? text)
    {
        if (text is null)
            return null;

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.UtcDateTime.ToString(UtcMillisecondsConverter.Format, CultureInfo.InvariantCulture)
            : throw new UsageException($"{option} must be a date or a time such as 2026-11-21T08:00:00Z, not \"{text}\".");
    }
}
