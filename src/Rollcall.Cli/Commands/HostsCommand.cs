using System.CommandLine;
using System.Text.Json;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall hosts</c>: the machines of the fleet and how they are.</summary>
internal static class HostsCommand
{
    private const int LimitDefault = 100, LimitMax = 100_000;

    private const string Description = """
        Lists hosts in the order of names, with their beats, open sessions, clocks and events; times are UTC. SKEW MS is
        how far the host's clock is ahead of the server's, negative when behind.

        Example: rollcall hosts --silent --host-group g-17
        Example: rollcall hosts --skewed --json
        """;

    private static readonly string[] Traits = ["open_sessions", "late", "duplicate", "rejected"];

    private static readonly (string Title, string Member)[] Columns =
    [
        ("HOST", "name"), ("GROUP", "group_name"), ("STATE", "state"), ("SILENT SINCE", "silent_since"), ("LAST BEAT", "last_beat_received_at"), ("LEASE S", "lease_seconds"),
        ("OPEN", "open_sessions"), ("SKEW MS", "skew_ms"), ("FROM", "skew_from"), ("ACCEPTED", "events.accepted"), ("DUPLICATE", "events.duplicate"), ("LATE", "events.late"),
        ("BACKFILLED", "events.backfilled"), ("REJECTED", "events.rejected"),
    ];

    private static readonly (string Title, string Member)[] SourceColumns =
    [
        ("SOURCE", "source"), ("BEATS", "sends_beats"), ("LAST ARRIVAL", "last_received_at"), ("NEWEST EVENT", "newest_event"), ("SKEW MS", "skew_ms"), ("ACCEPTED", "events.accepted"),
        ("DUPLICATE", "events.duplicate"), ("LATE", "events.late"), ("BACKFILLED", "events.backfilled"), ("REJECTED", "events.rejected"),
    ];

    public static Command Create(CliContext context)
    {
        var name = new Option<string?>("--name-contains") { Description = "Part of the name, in any case.", HelpName = "text" };
        var group = new Option<string?>("--host-group") { Description = "Exact id of the group.", HelpName = "id" };
        var source = new Option<string?>("--source") { Description = "Hosts that this source spoke of; exact.", HelpName = "name" };
        var silent = new Option<bool>("--silent") { Description = "Only hosts whose lease ran out." };
        var skewed = new Option<bool>("--skewed") { Description = "Only hosts whose clock is off by more than the server's limit." };
        var has = new Option<string?>("--has") { Description = $"Only hosts that have any: {string.Join(", ", Traits)}.", HelpName = "what" };
        has.AcceptOnlyFromAmong(StringComparer.Ordinal, Traits);
        var limit = new Option<int>("--limit") { Description = "Most hosts to list.", HelpName = "number", DefaultValueFactory = _ => LimitDefault };
        limit.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > LimitMax)
                result.AddError($"--limit must lie between 1 and {LimitMax}.");
        });
        var json = Listing.JsonOption();
        var command = new Command("hosts", Description) { name, group, source, silent, skewed, has, limit, json, Show(context) };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var path = session.Path("hosts") + Listing.QueryOf(
            [
                ("count", "none"), ("name_contains", parse.GetValue(name)), ("host_group", parse.GetValue(group)), ("source", parse.GetValue(source)),
                ("silent", parse.GetValue(silent) ? "true" : null), ("skewed", parse.GetValue(skewed) ? "true" : null), ("has", parse.GetValue(has)),
            ]);
            Listing.Write(context, await Listing.ReadAsync(session.Client, path, cancel, parse.GetValue(limit)), parse.GetValue(json), Columns);
        });
    }

    private static Command Show(CliContext context)
    {
        var name = new Argument<string>("name") { Description = "As \"rollcall hosts\" shows it, in any case." };
        var json = Listing.JsonOption();
        var command = new Command("show", "Shows one host and what each source said of it.\n\nExample: rollcall hosts show RDS-07") { name, json };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var path = session.Path($"hosts/{Uri.EscapeDataString(parse.GetRequiredValue(name))}");
            var host = await session.Client.GetAsync(path, NativeJson.Default.JsonElement, cancel);
            Listing.Write(context, [host], parse.GetValue(json), Columns);
            if (parse.GetValue(json) || Listing.ItemsOf(host, "sources") is not { Count: > 0 } sources)
                return;

            context.Out.WriteLine();
            Listing.Write(context, sources, asJson: false, SourceColumns);
        });
    }
}
