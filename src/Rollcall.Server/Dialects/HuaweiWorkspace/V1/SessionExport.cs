using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Core.Tabular;
using Rollcall.Server.Configuration;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>The file of ExportSessions: SessionInfo's members as columns, in the order of design 3a.</summary>
internal sealed class SessionExport(ISessionLedger ledger) : IExportContent
{
    public string Kind => "workspace.sessions";

    public Permission Needed => Permission.ExportSessions;

    public async Task<OpenedExport> OpenAsync(ExportTask task, DateTimeOffset snapshotAt, CancellationToken cancel)
    {
        var filter = JsonSerializer.Deserialize(task.Filter, SessionExportJson.Default.SessionExportFilter)!;
        return ExportSheets.Open("Sessions", ColumnsAt(snapshotAt), await ledger.OpenAsync(filter.ToQuery(task.Tenant), cancel));
    }

    public ExportOrder OrderOf(ExportTask task) => ExportSheets.OrderOf(task, ColumnsAt(task.CreatedAt), WorkspaceLanguages.English);

    private static IReadOnlyList<ExportColumn<ScannedSession>> ColumnsAt(DateTimeOffset now) =>
    [
        Text("ID", 34, session => session.Text(SessionFact.Id)),
        Text("Session stamp", 50, StampOf),
        Text("OS session ID", 14, session => session.Text(SessionFact.OsSessionId)),
        Text("Protocol", 10, session => session.Text(SessionFact.Protocol)),
        Text("Login user", 28, session => session.Text(SessionFact.User)),
        Text("Agent version", 16, session => session.Text(SessionFact.AgentVersion)),
        Text("Application", 24, session => session.Text(SessionFact.AppName)),
        Word("Session type", 13, session => SessionInfoJson.TypeOf(session.Kind)),
        Text("Server group ID", 38, session => session.Text(SessionFact.GroupId)),
        Text("Server group name", 24, session => session.Text(SessionFact.GroupName)),
        Text("Server SID", 44, session => session.Text(SessionFact.HostSid)),
        Text("Server name", 20, session => session.Text(SessionFact.HostName)),
        Text("Server IP address", 18, session => session.Text(SessionFact.HostIp)),
        Instant("Pre-connection time (UTC)", session => session.Instant(SessionFact.RequestedAt)),
        Instant("Start time (UTC)", session => session.Instant(SessionFact.StartedAt)),
        Instant("End time (UTC)", session => session.Instant(SessionFact.EndedAt)),
        new("Status duration (s)", TableKind.Number, 18, session => TableCell.Of(SessionInfoJson.SecondsInState(session, now))),
        Word("Session status", 15, session => SessionInfoJson.WordOf(session.State)),
        Text("Client MAC address", 20, session => session.Text(SessionFact.ClientMac)),
        Text("Client name", 24, session => session.Text(SessionFact.ClientName)),
        Text("Client IP address", 18, session => session.Text(SessionFact.ClientIp)),
        Text("Client version", 16, session => session.Text(SessionFact.ClientVersion)),
        Text("Client type", 14, session => session.Text(SessionFact.ClientType)),
        Text("Egress IP address", 18, session => session.Text(SessionFact.ClientPublicIp)),
        Text("Failure cause", 30, session => session.Text(SessionFact.FailureReason)),
        Text("Failure code", 16, session => session.Text(SessionFact.FailureCode)),
        Instant("Last status change (UTC)", session => session.Instant(SessionFact.ChangedAt)),
        Word("Tenant ID", 34, session => session.Tenant.Value),
        Text("Primary server group ID", 38, session => session.Text(SessionFact.PrimaryGroupId)),
        Text("Standby server group ID", 38, session => session.Text(SessionFact.SecondaryGroupId)),
    ];

    /// <summary>A stamp that the source sent need not become a string.</summary>
    private static TableCell StampOf(ScannedSession session) => session.Text(SessionFact.SessionStamp) is { Kind: TableKind.Text } sent
        ? sent
        : TableCell.Of(SessionInfoJson.StampOf(
            session.StringOf(SessionFact.SessionStamp), session.StringOf(SessionFact.HostSid), session.StringOf(SessionFact.User), session.StringOf(SessionFact.Protocol),
            session.StringOf(SessionFact.OsSessionId)));

    private static ExportColumn<ScannedSession> Text(string header, int width, Func<ScannedSession, TableCell> cell) => new(header, TableKind.Text, width, cell);

    private static ExportColumn<ScannedSession> Word(string header, int width, Func<ScannedSession, string> word) =>
        new(header, TableKind.Text, width, session => TableCell.Of(word(session)));

    private static ExportColumn<ScannedSession> Instant(string header, Func<ScannedSession, TableCell> cell) =>
        new(header, TableKind.Instant, 24, session => cell(session) is { Kind: TableKind.Instant } known ? TableCell.Of(WorkspaceTime.WholeSeconds(known.Instant)) : default);
}

/// <summary>What was asked for, with the window filled in: stored with the task.</summary>
internal sealed record SessionExportFilter
{
    /// <summary>The body's members, as text.</summary>
    [JsonPropertyName("members")] public required Dictionary<string, string> Members { get; init; }

    /// <summary>Inclusive.</summary>
    [JsonPropertyName("from")] public required DateTimeOffset From { get; init; }

    /// <summary>Exclusive.</summary>
    [JsonPropertyName("to")] public required DateTimeOffset To { get; init; }

    /// <summary>Checks the body; both bounds or neither, and neither means the last 30 days (design 3, point 2).</summary>
    public static SessionExportFilter Read(JsonElement body, ExportSessionsOptions options, DateTimeOffset now)
    {
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        SessionFilter.Of(name => WorkspaceText.Member(body, name) is { } text ? members[name] = text : null);
        var window = WorkspaceWindow.Both(BoundOf(body, "query_begin_time"), BoundOf(body, "query_end_time"), options.LatestDaysOnly, now);
        return new SessionExportFilter { Members = members, From = window.From, To = window.To };
    }

    public SessionQuery ToQuery(TenantId tenant) =>
        SessionFilter.Of(Members.GetValueOrDefault).ToQuery(tenant) with { Started = new TimeRange(From, To) };

    private static WorkspaceBound BoundOf(JsonElement body, string name) => WorkspaceBound.Of(name, WorkspaceText.Member(body, name));
}

[JsonSerializable(typeof(SessionExportFilter))]
internal sealed partial class SessionExportJson : JsonSerializerContext;
