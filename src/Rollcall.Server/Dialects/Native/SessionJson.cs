using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;
using Rollcall.Server.Ingest;

namespace Rollcall.Server.Dialects.Native;

/// <summary>A session on the wire. Null means not known, or not yet.</summary>
internal record SessionJson
{
    public required string Id { get; init; }
    public required string Tenant { get; init; }
    public required string User { get; init; }

    /// <summary>The directory's id of the user; null when the directory does not know the name.</summary>
    public string? UserId { get; init; }

    public required string Kind { get; init; }
    public required string State { get; init; }
    public required HostJson Host { get; init; }
    public required string OsSessionId { get; init; }
    public string? Protocol { get; init; }
    public string? AppName { get; init; }
    public ClientJson? Client { get; init; }
    public DateTimeOffset? RequestedAt { get; init; }
    public required DateTimeOffset StartTime { get; init; }
    public DateTimeOffset? EndTime { get; init; }

    /// <summary>How the end is known: reported, heartbeat, host_event, roster, superseded, operator, unknown.</summary>
    public string? EndTimeSource { get; init; }

    public DateTimeOffset? EndTimeEarliest { get; init; }
    public DateTimeOffset? EndTimeLatest { get; init; }
    public string? EndReason { get; init; }
    public required long DurationMs { get; init; }
    public required long ConnectedMs { get; init; }
    public required long DisconnectedMs { get; init; }
    public FailureJson? Failure { get; init; }
    public required DateTimeOffset LastChangeAt { get; init; }
    public string? AgentVersion { get; init; }

    /// <summary>Rises with every change of what the ledger says of this session; null in a list as known at an earlier instant.</summary>
    public required int? Revision { get; init; }

    /// <param name="userId">Null when the directory does not know the user.</param>
    public static SessionJson From(Session session, string? userId, DateTimeOffset now) => new()
    {
        Id = session.Id,
        Tenant = session.Tenant.Value,
        User = session.User,
        UserId = userId,
        Kind = SessionWords.Of(session.Kind),
        State = SessionWords.Of(session.State),
        Host = HostJson.From(session.Host),
        OsSessionId = session.OsSessionId,
        Protocol = session.Protocol,
        AppName = session.AppName,
        Client = ClientJson.From(session.Client),
        RequestedAt = session.RequestedAt,
        StartTime = session.StartedAt,
        EndTime = session.End?.At,
        EndTimeSource = session.End is { } end ? WordOf(end.Source) : null,
        EndTimeEarliest = session.End?.Earliest,
        EndTimeLatest = session.End?.Latest,
        EndReason = session.End?.Reason,
        DurationMs = session.DurationMsAt(now),
        ConnectedMs = session.ConnectedMsAt(now),
        DisconnectedMs = session.DisconnectedMsAt(now),
        Failure = FailureJson.From(session.Failure),
        LastChangeAt = session.ChangedAt,
        AgentVersion = session.AgentVersion,
        Revision = session.Revision > 0 ? session.Revision : null,
    };

    public static string WordOf(EndTimeSource source) => source switch
    {
        Core.Sessions.EndTimeSource.Reported => "reported",
        Core.Sessions.EndTimeSource.Heartbeat => "heartbeat",
        Core.Sessions.EndTimeSource.HostEvent => "host_event",
        Core.Sessions.EndTimeSource.Roster => "roster",
        Core.Sessions.EndTimeSource.Superseded => "superseded",
        Core.Sessions.EndTimeSource.Operator => "operator",
        Core.Sessions.EndTimeSource.Unknown => "unknown",
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "not a source"),
    };
}

internal sealed record HostJson(string Name, string? Sid, string? Ip, string? GroupId, string? GroupName)
{
    public static HostJson From(HostFacts host) => new(host.Name, host.Sid, host.Ip, host.GroupId, host.GroupName);
}

internal sealed record ClientJson(string? Name, string? Ip, string? PublicIp, string? Mac, string? SourceIp, string? Type, string? Version)
{
    public static ClientJson? From(ClientFacts? client) => client is null
        ? null
        : new ClientJson(client.Name, client.Ip, client.PublicIp, client.Mac, client.SourceIp, client.Type, client.Version);
}

internal sealed record FailureJson(string? Code, string? Reason)
{
    public static FailureJson? From(Failure? failure) => failure is null ? null : new FailureJson(failure.Code, failure.Reason);
}

/// <summary>One page of sessions.</summary>
/// <param name="AsOf">The instant for which states and durations hold.</param>
/// <param name="LimitedBy">What cut the answer; null when nothing did.</param>
internal sealed record SessionListJson(
    IReadOnlyList<SessionJson> Items, string? NextCursor, long? Count, DateTimeOffset AsOf, string? LimitedBy);

/// <summary>A session with everything that led to it.</summary>
internal sealed record SessionDetailJson : SessionJson
{
    public required IReadOnlyList<ConnectionJson> Connections { get; init; }
    public required IReadOnlyList<TimelineJson> Timeline { get; init; }

    /// <summary>What operators said of it, oldest first; part of the timeline as well.</summary>
    public required IReadOnlyList<CorrectionJson> Corrections { get; init; }

    /// <summary>Every reading the ledger showed, oldest first: what it said of state and end, from which arrival on and until which.</summary>
    public required IReadOnlyList<ReadingJson> Readings { get; init; }

    /// <summary>False when more arrivals touched the session than are played again: readings between the oldest and the newest are left out.</summary>
    public required bool ReadingsComplete { get; init; }

    /// <summary>The first and the newest beat whose roster names the session; null when none does.</summary>
    public RosterProofJson? Rosters { get; init; }

    [System.Diagnostics.CodeAnalysis.SetsRequiredMembers]
    public SessionDetailJson(SessionAccount account, string? userId, DateTimeOffset now)
        : base(From(account.Detail.Session, userId, now))
    {
        var detail = account.Detail;
        Connections = [.. detail.Connections.Select(ConnectionJson.From)];
        Timeline = [.. detail.Timeline.Select(TimelineJson.From)];
        Corrections = [.. detail.Timeline.Where(stored => stored.Event.Word is not null).Select(CorrectionJson.From)];
        Readings = [.. account.Readings.Select(ReadingJson.From)];
        ReadingsComplete = account.IsWhole;
        Rosters = account.Rosters is { } rosters ? new RosterProofJson(SeenBeatJson.From(rosters.First), SeenBeatJson.From(rosters.Newest)) : null;
    }
}

/// <summary>What the ledger said of a session from one arrival to the next that changed it.</summary>
/// <param name="KnownFrom">Arrival, by the server's clock.</param>
/// <param name="KnownUntil">Null while it stands.</param>
/// <param name="Because">What arrived; null when it was about another session of the same host and number.</param>
internal sealed record ReadingJson(
    DateTimeOffset KnownFrom, DateTimeOffset? KnownUntil, string State, DateTimeOffset StartTime, DateTimeOffset? EndTime, string? EndTimeSource,
    DateTimeOffset? EndTimeEarliest, DateTimeOffset? EndTimeLatest, string? EndReason, CauseJson? Because)
{
    public static ReadingJson From(SessionReading reading) => new(
        reading.KnownFrom, reading.KnownUntil, SessionWords.Of(reading.Session.State), reading.Session.StartedAt, reading.Session.End?.At,
        reading.Session.End is { } end ? SessionJson.WordOf(end.Source) : null, reading.Session.End?.Earliest, reading.Session.End?.Latest,
        reading.Session.End?.Reason,
        reading.Cause is { } cause ? new CauseJson(EventReader.TypeOf(cause.Kind), cause.Id, cause.Source, cause.At) : null);
}

/// <param name="Id">The event's; null of a beat.</param>
internal sealed record CauseJson(string Type, string? Id, string Source, DateTimeOffset Time);

/// <summary>The first and the newest roster that names a session.</summary>
internal sealed record RosterProofJson(SeenBeatJson First, SeenBeatJson Newest);

/// <param name="Time">By the host's clock.</param>
internal sealed record SeenBeatJson(DateTimeOffset Time, DateTimeOffset ReceivedAt, string Source)
{
    public static SeenBeatJson From(SeenBeat beat) => new(beat.At, beat.ReceivedAt, beat.Source);
}

/// <summary>One attach to detach, or one failed attempt.</summary>
internal sealed record ConnectionJson(
    string Id, DateTimeOffset RequestedAt, DateTimeOffset? EstablishedAt, DateTimeOffset? EndedAt, bool IsReconnect, ClientJson? Client,
    FailureJson? Failure, string? TransactionId, int? NetworkRttMs, int? E2eRttMs)
{
    public static ConnectionJson From(Connection connection) => new(
        connection.Id, connection.RequestedAt, connection.EstablishedAt, connection.EndedAt, connection.IsReconnect,
        ClientJson.From(connection.Client), FailureJson.From(connection.Failure), connection.TransactionId, connection.NetworkRttMs,
        connection.EndToEndRttMs);
}

/// <summary>One word of an operator: who said what and why.</summary>
/// <param name="Source"><c>rollcall:operator:</c> and the operator's number.</param>
internal sealed record CorrectionJson(string Type, string Source, DateTimeOffset Time, string? Reason, DateTimeOffset? StartTime, DateTimeOffset? EndTime)
{
    public static CorrectionJson From(StoredEvent stored) => new(
        EventReader.TypeOf(stored.Event.Kind), stored.Event.Source, stored.Event.At, stored.Event.Reason, stored.Event.Word!.StartAt, stored.Event.Word.EndAt);
}

/// <summary>One event of a session: when it happened, when it arrived, from whom.</summary>
internal sealed record TimelineJson(string Type, string Id, string Source, DateTimeOffset Time, DateTimeOffset ReceivedAt, string? Reason)
{
    public static TimelineJson From(StoredEvent stored) => new(
        EventReader.TypeOf(stored.Event.Kind), stored.Event.Id, stored.Event.Source, stored.Event.At, stored.ReceivedAt, stored.Event.Reason);
}
