using System.CommandLine;
using System.Text.Json;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall health</c>: what to look after in the fleet.</summary>
internal static class HealthCommand
{
    private const string Description = """
        Shows how the ledger is fed: hosts that fell silent, clocks that are off, sessions open for long, events that came
        late, twice or were rejected. Of each the exact number and the first; "rollcall hosts" lists all. Times are UTC.

        Example: rollcall health --open-longer-than P3D
        """;

    public static Command Create(CliContext context)
    {
        var longer = new Option<string?>("--open-longer-than") { Description = "Sessions open longer than this ISO 8601 duration (default PT24H).", HelpName = "duration" };
        var json = Listing.JsonOption();
        var command = new Command("health", Description) { longer, json };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var path = session.Path("health") + Listing.QueryOf([("open_longer_than", parse.GetValue(longer))]);
            var health = await session.Client.GetAsync(path, NativeJson.Default.JsonElement, cancel);
            if (parse.GetValue(json))
                Listing.Write(context, [health], asJson: true);
            else
                Write(context, health);
        });
    }

    private static void Write(CliContext context, JsonElement health)
    {
        string Text(string member) => TextTable.Clean(Listing.TextOf(health, member));
        context.Say($"Hosts: {Text("hosts.count")}, {Text("hosts.beating")} beating, {Text("silent_hosts.count")} silent, {Text("hosts.no_beats")} without beats");
        Part(context, health, "silent_hosts", "Silent hosts", ("HOST", "name"), ("SILENT SINCE", "silent_since"), ("LAST BEAT", "last_beat"), ("OPEN", "open_sessions"));
        Part(
            context, health, "skewed_hosts", $"Clocks off by more than {Text("skewed_hosts.limit_ms")} ms",
            ("HOST", "name"), ("SKEW MS", "skew_ms"), ("FROM", "skew_from"), ("AT", "skew_at"));
        Part(
            context, health, "open_sessions", $"Sessions open longer than {Text("open_sessions.longer_than")}",
            ("USER", "user"), ("HOST", "host"), ("STATE", "state"), ("START", "start_time"), ("ID", "id"));
        context.Say(
            $"Events: {Text("events.accepted")} accepted, {Text("events.duplicate.count")} duplicate, {Text("events.late.count")} late, {Text("events.backfilled")} backfilled, {Text("events.rejected.count")} rejected");
        Part(
            context, health, "events.sources", "Sources with late, repeated or rejected events",
            ("SOURCE", "source"), ("DUPLICATE", "events.duplicate"), ("LATE", "events.late"), ("REJECTED", "events.rejected"),
            ("LAST DUPLICATE", "last_duplicate_at"), ("LAST LATE", "last_late_at"), ("LAST REJECTED", "last_rejected_at"));
        context.Say($"Newest event: {Text("lag.lag_ms")} ms on its way, {Text("lag.received_at")}, {Text("lag.host")}, {Text("lag.source")}");
        context.Say($"Last purge: {Text("last_purge")}");
    }

    /// <summary>The count, and the first of what was counted when there is any.</summary>
    private static void Part(CliContext context, JsonElement health, string member, string title, params IReadOnlyList<(string Title, string Member)> columns)
    {
        context.Say($"{title}: {TextTable.Clean(Listing.TextOf(health, member + ".count"))}");
        if (Listing.ItemsOf(health, member + ".first") is { Count: > 0 } first)
            Listing.Write(context, first, asJson: false, columns);
    }
}
