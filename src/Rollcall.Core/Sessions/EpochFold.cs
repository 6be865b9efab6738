using System.Security.Cryptography;
using System.Text;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Core.Sessions;

/// <summary>Walks the events of one epoch in order and keeps what they add up to.</summary>
/// <param name="tenant">Whose epoch.</param>
/// <param name="correctedStartAt">When an operator says it began; null when none does.</param>
/// <param name="correctedEndAt">When an operator says it ended: transitions after it count for nothing, nor does a reported end.</param>
internal sealed class EpochFold(TenantId tenant, DateTimeOffset? correctedStartAt, DateTimeOffset? correctedEndAt)
{
    private readonly List<Connection> connections = [];
    private SessionState? state;
    private HostFacts? host;
    private ClientFacts? client;
    private string? user, protocol, appName, agentVersion, stamp, osSessionId;
    private SessionKind? kind;
    private DateTimeOffset? requestedAt, startedAt;
    private DateTimeOffset firstAt, changedAt;
    private long connectedMs, disconnectedMs;
    private SessionEnd? end;
    private Failure? failure;

    /// <summary>A reported end or failure absorbs: nothing later reopens the session.</summary>
    public bool IsOver => end is not null;

    public void Apply(StoredEvent stored)
    {
        var e = stored.Event;
        var at = Instants.ToMilliseconds(e.At);
        if (host is null)
            firstAt = changedAt = at;
        if (IsOver)
            return;

        TakeFacts(e);
        if (correctedEndAt is not null && e.Kind is EventKind.SessionEnded)
            BeActive(at);
        if (correctedEndAt is not null && (e.Kind is EventKind.SessionEnded || (at > correctedEndAt && state is not null)))
            return;

        switch (e.Kind)
        {
            case EventKind.SessionInitializing:
                Request(e, at);
                break;
            case EventKind.SessionStarted:
                Start(e, at);
                break;
            case EventKind.SessionReconnected:
                Reconnect(e, at);
                break;
            case EventKind.SessionDisconnected:
                Disconnect(at);
                break;
            case EventKind.SessionEnded when e.EndLatest is null:
                Over(new SessionEnd(at, EndTimeSource.Reported, at, at, e.Reason), SessionState.Ended);
                break;
            case EventKind.SessionFailed:
                Fail(e, at);
                break;
            case EventKind.SessionChanged:
                BeActive(at);
                ChangeClient(e);
                break;
        }
    }

    public void EndByInference(SessionEnd inferred) => Over(inferred, SessionState.Ended);

    public ReducedSession Result(IReadOnlyList<StoredEvent> events)
    {
        var session = new Session
        {
            Tenant = tenant,
            Id = string.Empty,
            Revision = 0,
            User = user ?? string.Empty,
            Kind = kind ?? SessionKind.Desktop,
            State = state ?? SessionState.Active,
            Host = host!,
            OsSessionId = osSessionId!,
            Protocol = protocol,
            AppName = appName,
            Client = connections is [.., var newest] ? newest.Client ?? client : client,
            RequestedAt = requestedAt,
            StartedAt = correctedStartAt ?? startedAt ?? requestedAt ?? firstAt,
            End = end,
            Failure = failure,
            ChangedAt = changedAt,
            ConnectedMs = connectedMs,
            DisconnectedMs = disconnectedMs,
            AgentVersion = agentVersion,
            SessionStamp = stamp,
        };
        return new ReducedSession(session, [.. connections.Select(Complete)], events, AnchorOf(events));
    }

    /// <summary>
    /// Which event names the session: a logon, else a failure, else a goodbye, else the first to arrive. A goodbye rather than what came
    /// before it: late logons may part the session, and the id that was told to be over must not become that of an open one.
    /// </summary>
    private static StoredEvent AnchorOf(IReadOnlyList<StoredEvent> events) =>
        events.OrderBy(stored => stored.Event.Kind switch
        {
            EventKind.SessionStarted => 0,
            EventKind.SessionFailed => 1,
            EventKind.SessionEnded when stored.Event.EndLatest is null => 2,
            _ => 3,
        }).ThenBy(stored => stored.Sequence).First();

    private Connection Complete(Connection connection) => connection with
    {
        User = user ?? string.Empty,
        Kind = kind ?? SessionKind.Desktop,
        Host = host!,
        AppName = appName,
        AgentVersion = agentVersion,
    };

    private void TakeFacts(LedgerEvent e)
    {
        host = host is null ? e.Host : e.Host.Over(host);
        osSessionId ??= e.OsSessionId;
        user ??= e.User;
        kind = e.SessionKind ?? kind;
        protocol = e.Protocol ?? protocol;
        appName = e.AppName ?? appName;
        agentVersion = e.AgentVersion ?? agentVersion;
        stamp = e.SessionStamp ?? stamp;
        if (e.Client is { } told)
            client = told.Over(client);
    }

    private void Request(LedgerEvent e, DateTimeOffset at)
    {
        requestedAt ??= at;
        if (state is not null)
            return;

        Enter(SessionState.Initializing, at);
        connections.Add(Open(e, at) with { EstablishedAt = null });
    }

    private void Start(LedgerEvent e, DateTimeOffset at)
    {
        if (startedAt is not null)
        {
            ChangeClient(e); // the same logon told by a second source
            return;
        }

        startedAt = at;
        Enter(SessionState.Active, at);
        changedAt = Earlier(at, correctedStartAt);
        if (connections is [.., { EstablishedAt: null, EndedAt: null } asked])
            connections[^1] = Told(asked, e) with { EstablishedAt = at };
        else
            connections.Add(Open(e, at));
    }

    private void Reconnect(LedgerEvent e, DateTimeOffset at)
    {
        if (connections is [.., { IsReconnect: true, EndedAt: null } open] && open.EstablishedAt == at)
        {
            ChangeClient(e); // the same attach told by a second source
            return;
        }

        Detach(at);
        Enter(SessionState.Active, at);
        connections.Add(Open(e, at) with { IsReconnect = true });
    }

    private void Disconnect(DateTimeOffset at)
    {
        if (state is SessionState.Disconnected)
            return;

        Detach(at);
        Enter(SessionState.Disconnected, at);
    }

    private void Fail(LedgerEvent e, DateTimeOffset at)
    {
        failure = e.Failure ?? new Failure(null, e.Reason);
        if (connections is not [.., { EstablishedAt: null, EndedAt: null }])
            connections.Add(Open(e, at) with { EstablishedAt = null });
        connections[^1] = Told(connections[^1], e) with { Failure = failure };
        Over(new SessionEnd(at, EndTimeSource.Reported, at, at, failure.Reason), SessionState.Failed);
    }

    private void Over(SessionEnd how, SessionState last)
    {
        BeActive(firstAt);
        Detach(how.At);
        Enter(last, how.At);
        end = how;
    }

    /// <summary>A session of which no state was told was active: somebody was on (ADR 0003).</summary>
    private void BeActive(DateTimeOffset at)
    {
        if (state is null)
            Enter(SessionState.Active, at);
    }

    private void ChangeClient(LedgerEvent e)
    {
        if (connections.Count > 0)
            connections[^1] = Told(connections[^1], e);
    }

    private void Detach(DateTimeOffset at)
    {
        if (connections is [.., { EndedAt: null } open])
            connections[^1] = open with { EndedAt = Later(open.EstablishedAt ?? open.RequestedAt, at) };
    }

    private void Enter(SessionState next, DateTimeOffset at)
    {
        var spentMs = Math.Max(0, (long)(at - Later(changedAt, correctedStartAt)).TotalMilliseconds);
        if (state is SessionState.Active)
            connectedMs += spentMs;
        if (state is SessionState.Disconnected)
            disconnectedMs += spentMs;
        (state, changedAt) = (next, state is null ? Earlier(at, correctedStartAt) : at);
    }

    private static DateTimeOffset Later(DateTimeOffset at, DateTimeOffset? other) => other > at ? other.Value : at;

    private static DateTimeOffset Earlier(DateTimeOffset at, DateTimeOffset? other) => other < at ? other.Value : at;

    private Connection Open(LedgerEvent e, DateTimeOffset at) => Told(new Connection
    {
        Tenant = tenant,
        Id = IdOf(e),
        SessionId = string.Empty,
        Kind = SessionKind.Desktop,
        User = string.Empty,
        Host = e.Host,
        RequestedAt = at,
        EstablishedAt = at,
        IsReconnect = false,
    }, e);

    private static Connection Told(Connection connection, LedgerEvent e) => connection with
    {
        Client = e.Client?.Over(connection.Client) ?? connection.Client,
        TransactionId = e.TransactionId ?? connection.TransactionId,
        NetworkRttMs = e.NetworkRttMs ?? connection.NetworkRttMs,
        EndToEndRttMs = e.EndToEndRttMs ?? connection.EndToEndRttMs,
    };

    /// <summary>Derived from the event that opened the connection, so that it is the same however often the ledger is read anew.</summary>
    private string IdOf(LedgerEvent e) => EventIdentity.DeriveId("connection", tenant, e);
}

/// <summary>Ids that follow from an event's identity.</summary>
public static class EventIdentity
{
    private const int IdBytes = 16;

    /// <summary>32 lower-case hexadecimal digits of SHA-256 over purpose, tenant, source and event id.</summary>
    public static string DeriveId(string purpose, TenantId tenant, LedgerEvent e)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{purpose}\0{tenant}\0{e.Source}\0{e.Id}"), hash);
        return Convert.ToHexStringLower(hash[..IdBytes]);
    }
}
