using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Rollcall.Cli.Agent;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Commands;

/// <summary><c>rollcall agent status</c></summary>
internal static class AgentStatusCommand
{
    /// <summary>A status older than this is a dead agent's: it writes one each second.</summary>
    private static readonly TimeSpan FreshMax = TimeSpan.FromSeconds(30);

    /// <summary>How long events that were dropped or rejected want looking at: they are counted for good, and a night's watch must see them.</summary>
    private static readonly TimeSpan LossShownMax = TimeSpan.FromDays(1);

    private const string Description = """
        Says how this host's agent does. The exit code is 0 when it is well and 1 when somebody should look.

        Example: rollcall agent status
        """;

    public static Command Create(CliContext context)
    {
        var folder = AgentCommand.StateFolder();
        var command = new Command("status", Description) { folder };
        command.Run(context, (parse, _) => Task.FromResult(Show(context, parse.GetValue(folder)!)));
        return command;
    }

    private static int Show(CliContext context, string folder)
    {
        var status = Read(folder);
        var wrong = WrongWith(status, context.Time.GetUtcNow()).ToList();
        var out_ = context.Out;
        out_.WriteLine(TextTable.Clean($"Agent of {status.Host}, process {status.ProcessId}, at {Written(status.WrittenAt)}"));
        out_.WriteLine(TextTable.Clean($"Server        {status.Server}: {(status.Failure is null ? "reached" : $"not reached since {Written(status.FailingSince)}: {OneLine(status.Failure)}")}"));
        context.Say($"Acknowledged  {status.Acknowledged} events, the last at {Written(status.AcknowledgedAt)}");
        context.Say($"Buffered      {status.BufferedEvents} events, {status.BufferedBytes} bytes");
        context.Say($"Dropped       {status.Dropped} events");
        out_.WriteLine(TextTable.Clean($"Rejected      {status.Rejected} events{(status.LastRejection is null ? "" : $", the last because: {OneLine(status.LastRejection)}")}"));
        if (status.LastFailure is not null)
            out_.WriteLine(TextTable.Clean($"Last failure  {Written(status.LastFailureAt)}: {OneLine(status.LastFailure)}"));

        out_.WriteLine(TextTable.Clean(status.Roster is null
            ? $"Roster        unknown: {status.RosterUnknown}"
            : $"Roster        {status.Roster.Count} open: {string.Join(", ", status.Roster)}"));
        out_.WriteLine();
        TextTable.Write(out_, ["source", "name", "state", "bytes read", "newest", "why"], [.. status.Sources.Select(RowOf)]);
        if (status.PassedOver.Count > 0)
        {
            out_.WriteLine();
            TextTable.Write(out_, ["source", "passed over", "because"], [.. status.PassedOver.Select(p => (string[])[p.Source, p.Count.ToString(CultureInfo.InvariantCulture), p.IsDoubtful ? $"look at: {p.Reason}" : p.Reason])]);
        }

        foreach (var sentence in wrong)
            context.Error.WriteLine(TextTable.Clean(sentence));

        return wrong.Count == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static AgentStatus Read(string folder)
    {
        try
        {
            return AgentStatus.TryRead(folder) ?? throw new UsageException($"No agent has worked in {folder}. Say which folder with --state-folder.");
        }
        catch (JsonException)
        {
            throw new UsageException($"The status in {folder} is not what an agent writes.");
        }
    }

    private static IEnumerable<string> WrongWith(AgentStatus status, DateTimeOffset now)
    {
        if (now - status.WrittenAt > FreshMax)
            yield return $"The agent does not run: its newest status is of {Written(status.WrittenAt)}.";
        if (status.NeedsAttention)
            yield return "The server refuses this agent. Nothing is lost, but nothing arrives until its token, its role or the tenant is put right.";
        else if (status.Failure is not null)
            yield return "The server is not reached; events wait on disk.";
        if (status.Dropped > 0 && IsRecent(status.DroppedAt, now))
            yield return $"{status.Dropped} events were dropped for want of room: --buffer-max-mib.";
        if (status.Rejected > 0 && IsRecent(status.RejectedAt, now))
            yield return $"{status.Rejected} events were rejected or could not be read by the server and will not be sent again; the last because: {OneLine(status.LastRejection ?? "no reason given")}";
        foreach (var source in status.Sources.Where(s => s.State == "unreadable"))
            yield return $"{source.Kind} cannot be read: {source.Name}: {source.Reason}";
    }

    private static bool IsRecent(DateTimeOffset? at, DateTimeOffset now) => !(now - at > LossShownMax);

    private static string[] RowOf(SourceStatus source) =>
        [source.Kind, source.Name, source.State, source.Offset?.ToString(CultureInfo.InvariantCulture) ?? "", source.LastAt is null ? "" : Written(source.LastAt), source.Reason ?? ""];

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    private static string Written(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "never";
}
