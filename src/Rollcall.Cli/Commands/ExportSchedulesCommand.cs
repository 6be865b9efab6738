using System.CommandLine;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall export schedules</c>: exports that are ordered again and again.</summary>
internal static class ExportSchedulesCommand
{
    private const string Folder = "export-schedules";

    public static Command Create(CliContext context) => new("schedules", "Makes, lists, resumes and removes exports that are ordered again and again.")
    {
        List(context),
        new Command("add", "Makes a schedule.\n\nExample: rollcall export schedules add sessions --name month --cron \"0 6 1 * *\" --period last_month")
        {
            Add(context, "sessions"),
            Add(context, "connections"),
            Add(context, "users"),
            Add(context, "signins"),
        },
        Resume(context),
        Remove(context),
    };

    private static Command Add(CliContext context, string what)
    {
        var name = new Option<string>("--name") { Description = "What people call it.", HelpName = "name", Required = true };
        var cron = new Option<string>("--cron") { Description = "When it is due, in the five fields of crontab: minute hour day-of-month month day-of-week.", HelpName = "fields", Required = true };
        var zone = new Option<string?>("--cron-zone") { Description = "IANA time zone by whose clocks it is due and its period is cut; left out: UTC.", HelpName = "name" };
        var period = new Option<string?>("--period") { Description = "The time before it is due that each file is about; left out: the filter alone.", HelpName = "period" };
        period.AcceptOnlyFromAmong("yesterday", "last_week", "last_month", "last_24_hours", "last_7_days", "last_30_days");
        var mail = new Option<string[]>("--mail-to") { Description = "Who gets a mail with a link; may be given again.", HelpName = "address" };
        var order = new ExportOrderOptions(what);
        var command = new Command(what, $"Writes {what} to a file whenever it is due.\n\nExample: rollcall export schedules add {what} --name month --cron \"0 6 1 * *\"") { name, cron, zone, period, mail };
        order.AddTo(command);
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var request = new NewScheduleRequest(
                parse.GetRequiredValue(name), parse.GetRequiredValue(cron), parse.GetValue(zone), parse.GetValue(period),
                parse.GetValue(mail) is { Length: > 0 } addresses ? addresses : null, order.Of(parse, output: null));
            var made = await session.Client.PostAsync(session.Path(Folder), request, NativeJson.Default.NewScheduleRequest, NativeJson.Default.JsonElement, cancel);
            context.Say($"Schedule {TextTable.Clean(Listing.TextOf(made, "name"))}: {Listing.TextOf(made, "id")}, due next at {Listing.TextOf(made, "next_at")}");
        });
    }

    /// <summary>The server gives all of them at once: a tenant has few.</summary>
    private static Command List(CliContext context)
    {
        var json = Listing.JsonOption();
        var command = new Command("list", "Lists the tenant's schedules, and why one orders nothing.\n\nExample: rollcall export schedules list --json") { json };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var answer = await session.Client.GetAsync(session.Path(Folder), NativeJson.Default.JsonElement, cancel);
            Listing.Write(
                context, Listing.ItemsOf(answer, "items"), parse.GetValue(json),
                ("ID", "id"), ("NAME", "name"), ("WHAT", "what"), ("CRON", "cron"), ("PERIOD", "period"), ("FOR", "runs_for"), ("DUE", "next_at"),
                ("LAST EXPORT", "last_export_id"), ("FAILURE", "last_failure"), ("SUSPENDED", "suspended"));
        });
    }

    private static Command Resume(CliContext context)
    {
        var id = Id();
        var command = new Command("resume", "Goes on with a suspended schedule, by your rights.\n\nExample: rollcall export schedules resume 3f0c5a…") { id };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            await session.Client.PostAsync(session.Path($"{Folder}/{Uri.EscapeDataString(parse.GetRequiredValue(id))}/resume"), cancel);
            context.Say($"Resumed {parse.GetRequiredValue(id)}.");
        });
    }

    private static Command Remove(CliContext context)
    {
        var id = Id();
        var command = new Command("remove", "Removes a schedule; what it ordered stays.\n\nExample: rollcall export schedules remove 3f0c5a…") { id };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            await session.Client.DeleteAsync(session.Path($"{Folder}/{Uri.EscapeDataString(parse.GetRequiredValue(id))}"), cancel);
            context.Say($"Removed {parse.GetRequiredValue(id)}.");
        });
    }

    private static Argument<string> Id() => new("id") { Description = "As \"rollcall export schedules list\" shows it." };
}
