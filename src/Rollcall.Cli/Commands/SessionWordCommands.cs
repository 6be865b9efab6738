using System.CommandLine;
using System.Text.Json;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall sessions close</c> and <c>correct</c>: what an operator says of a session.</summary>
internal static class SessionWordCommands
{
    private const string CloseDescription = """
        Says that a session is over whose host never will. Without --end it ends at its last proof of life.

        Example: rollcall sessions close 3f0c5a --reason "RDS-07 was scrapped" --end 2026-11-21T17:30:00Z
        """;

    private const string CorrectDescription = """
        Says when a session really began or ended. What was known before stays in its timeline.

        Example: rollcall sessions correct 3f0c5a --reason "the host's clock was an hour off" --start 2026-11-21T08:00:00Z
        """;

    public static Command Close(CliContext context)
    {
        var (id, reason, end) = (Id(), Reason(), When("--end", "When it ended; left out when nobody knows."));
        var command = new Command("close", CloseDescription) { id, reason, end };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var request = new CloseRequest(parse.GetRequiredValue(reason), SessionsCommand.TimeOf("--end", parse.GetValue(end)));
            var path = session.Path($"sessions/{Uri.EscapeDataString(parse.GetRequiredValue(id))}/close");
            Say(context, await session.Client.PostAsync(path, request, NativeJson.Default.CloseRequest, NativeJson.Default.JsonElement, cancel));
        });
    }

    public static Command Correct(CliContext context)
    {
        var (id, reason) = (Id(), Reason());
        var (start, end) = (When("--start", "The true start."), When("--end", "The true end."));
        var command = new Command("correct", CorrectDescription) { id, reason, start, end };
        return command.WithSession(context, async (parse, session, cancel) =>
        {
            var set = new CorrectedTimes(SessionsCommand.TimeOf("--start", parse.GetValue(start)), SessionsCommand.TimeOf("--end", parse.GetValue(end)));
            if (set is { StartTime: null, EndTime: null })
                throw new UsageException("Say what to correct: --start, --end or both.");

            var request = new CorrectRequest(parse.GetRequiredValue(reason), set);
            var path = session.Path($"sessions/{Uri.EscapeDataString(parse.GetRequiredValue(id))}/correct");
            Say(context, await session.Client.PostAsync(path, request, NativeJson.Default.CorrectRequest, NativeJson.Default.JsonElement, cancel));
        });
    }

    private static void Say(CliContext context, JsonElement session) => context.Say(
        $"{TextTable.Clean(Text(session, "user"))}: {Text(session, "start_time")} to {Text(session, "end_time")}, known by {Text(session, "end_time_source")}.");

    private static string Text(JsonElement session, string member) => session.TryGetProperty(member, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "–";

    private static Argument<string> Id() => new("id") { Description = "As \"rollcall sessions\" shows it." };

    private static Option<string> Reason() => new("--reason") { Description = "Why, for those who read the ledger later.", HelpName = "text", Required = true };

    private static Option<string?> When(string name, string description) => new(name) { Description = $"{description} A date or an RFC 3339 time.", HelpName = "when" };
}
