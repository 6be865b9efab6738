using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Server.Ingest;

/// <summary>Why one event was not taken; the others of its batch are.</summary>
/// <param name="Field">The member at fault, as a path; null when the event as a whole is.</param>
internal sealed record EventRejection(string? Id, string? Field, string Reason)
{
    /// <summary>What could be read of it all the same: for whom it is counted.</summary>
    public RejectedEvent Counted { get; init; } = new(null, null, null);
}

/// <summary>Reads one CloudEvent 1.0 of the native API into an event of the ledger. All of it is untrusted.</summary>
internal static class EventReader
{
    private const int IdLengthMax = 256;
    private const int SourceLengthMax = 512;
    private const int NameLengthMax = 256;
    private const int TextLengthMax = 2048;

    /// <summary>Long: a source may send a comma-joined list of processes (contract 1.1).</summary>
    private const int AppNameLengthMax = 8192;

    /// <summary>Sessions on one host; a terminal server holds some hundreds.</summary>
    private const int RosterMax = 10_000;

    private const int RttMsMax = 3_600_000;
    private const int LeaseSecondsMax = 7 * 24 * 3600;

    /// <summary>Of a beat that names none: three beats of a minute.</summary>
    private const int LeaseSecondsDefault = 180;

    private static readonly DateTimeOffset Earliest = DateTimeOffset.UnixEpoch;

    private static readonly FrozenDictionary<string, EventKind> Kinds = new Dictionary<string, EventKind>(StringComparer.OrdinalIgnoreCase)
    {
        ["rollcall.session.initializing"] = EventKind.SessionInitializing,
        ["rollcall.session.started"] = EventKind.SessionStarted,
        ["rollcall.session.disconnected"] = EventKind.SessionDisconnected,
        ["rollcall.session.reconnected"] = EventKind.SessionReconnected,
        ["rollcall.session.ended"] = EventKind.SessionEnded,
        ["rollcall.session.failed"] = EventKind.SessionFailed,
        ["rollcall.session.changed"] = EventKind.SessionChanged,
        ["rollcall.session.closed"] = EventKind.SessionClosed,
        ["rollcall.session.corrected"] = EventKind.SessionCorrected,
        ["rollcall.host.started"] = EventKind.HostStarted,
        ["rollcall.host.stopped"] = EventKind.HostStopped,
        ["rollcall.host.beat"] = EventKind.HostBeat,
        ["rollcall.host.silent"] = EventKind.HostSilent,
        ["rollcall.signin.started"] = EventKind.SignInStarted,
        ["rollcall.signin.ended"] = EventKind.SignInEnded,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<EventKind, string> Types = Kinds.ToFrozenDictionary(pair => pair.Value, pair => pair.Key);

    /// <summary>The event, or why it is refused; one of the two is null.</summary>
    public static (LedgerEvent? Event, EventRejection? Rejection) Read(JsonElement element)
    {
        string? id = null;
        try
        {
            var root = JsonMembers.Of(element, path: string.Empty);
            id = root.Text("id", IdLengthMax);
            return (Read(root), null);
        }
        catch (MemberException wrong)
        {
            return (null, new EventRejection(id, wrong.Field.Length == 0 ? null : wrong.Field, wrong.Message) { Counted = WhoseIs(element) });
        }
    }

    /// <summary>The source and the host that a refused event names, each as far as it can be read.</summary>
    private static RejectedEvent WhoseIs(JsonElement element)
    {
        var source = TryText(element, root => root.Text("source", SourceLengthMax));
        var host = TryText(element, root => root.Object("data")?.Object("host")?.Text("name", NameLengthMax));
        var isOurs = source?.StartsWith(ServerSource.Prefix, StringComparison.OrdinalIgnoreCase) is true;
        return new RejectedEvent(isOurs ? null : source, host, AheadAt: null);
    }

    private static string? TryText(JsonElement element, Func<JsonMembers, string?> read)
    {
        try
        {
            return read(JsonMembers.Of(element, path: string.Empty));
        }
        catch (MemberException)
        {
            return null;
        }
    }

    private static LedgerEvent Read(JsonMembers root)
    {
        if (root.RequiredText("specversion", NameLengthMax) != "1.0")
            throw new MemberException("specversion", "must be 1.0");

        var kind = KindOf(root.RequiredText("type", NameLengthMax));
        var id = root.RequiredText("id", IdLengthMax);
        var source = root.RequiredText("source", SourceLengthMax);
        if (source.StartsWith(ServerSource.Prefix, StringComparison.OrdinalIgnoreCase))
            throw new MemberException("source", $"must not begin with {ServerSource.Prefix}: that is the server itself");

        var at = TimeOf(root.RequiredText("time", NameLengthMax), "time");
        var data = root.RequiredObject("data");
        var host = ReadHost(data.RequiredObject("host"));
        return kind switch
        {
            _ when kind.IsSession() => ReadSession(new LedgerEvent { Source = source, Id = id, Kind = kind, At = at, Host = host }, data),
            _ when kind.IsSignIn() => new LedgerEvent { Source = source, Id = id, Kind = kind, At = at, Host = host, SignIn = ReadSignIn(data) },
            EventKind.HostBeat => ReadBeat(new LedgerEvent { Source = source, Id = id, Kind = kind, At = at, Host = host }, data),
            _ => new LedgerEvent { Source = source, Id = id, Kind = kind, At = at, Host = host },
        };
    }

    /// <summary>The CloudEvents type of a kind.</summary>
    public static string TypeOf(EventKind kind) => Types[kind];

    private static EventKind KindOf(string type)
    {
        if (!Kinds.TryGetValue(type, out var kind))
            throw new MemberException("type", "is not an event type of this ledger");

        return kind is EventKind.HostSilent || kind.IsOperatorWord() ? throw new MemberException("type", "is written by the server and cannot be sent") : kind;
    }

    private static LedgerEvent ReadBeat(LedgerEvent head, JsonMembers data) => head with
    {
        LeaseSeconds = data.Number("lease_seconds", LeaseSecondsMax) switch
        {
            null => LeaseSecondsDefault,
            0 => throw new MemberException("data.lease_seconds", $"must be a whole number from 1 to {LeaseSecondsMax}"),
            { } seconds => seconds,
        },
        Roster = ReadRoster(data),
    };

    /// <summary>RFC 3339 with a zone; kept to the microsecond, which is finer than any log in use here.</summary>
    private static DateTimeOffset TimeOf(string text, string field)
    {
        var isZoned = text.EndsWith('Z') || text.EndsWith('z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':');
        if (!isZoned || text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't' or ' ')
            || !DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var at))
        {
            throw new MemberException(field, "must be an RFC 3339 time with a zone");
        }

        if (at < Earliest)
            throw new MemberException(field, "must not be before 1970");
        return at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    private static HostFacts ReadHost(JsonMembers host) => new()
    {
        Name = host.RequiredText("name", NameLengthMax),
        Sid = host.Text("sid", NameLengthMax),
        Ip = host.Text("ip", NameLengthMax),
        GroupId = host.Text("group_id", NameLengthMax),
        GroupName = host.Text("group_name", NameLengthMax),
        PrimaryGroupId = host.Text("primary_group_id", NameLengthMax),
        SecondaryGroupId = host.Text("secondary_group_id", NameLengthMax),
        BootId = host.Text("boot_id", NameLengthMax),
    };

    private static LedgerEvent ReadSession(LedgerEvent head, JsonMembers data) => head with
    {
        OsSessionId = data.RequiredText("os_session_id", NameLengthMax),
        User = data.RequiredText("user", NameLengthMax),
        SessionKind = data.Text("kind", NameLengthMax) is { } kind ? SessionWords.KindOf(kind, "data.kind") : null,
        Protocol = data.Text("protocol", NameLengthMax),
        AppName = data.Text("app_name", AppNameLengthMax),
        Client = data.Object("client") is { } client ? ReadClient(client) : null,
        Reason = data.Text("reason", TextLengthMax),
        Failure = data.Object("failure") is { } failure ? new Failure(failure.Text("code", NameLengthMax), failure.Text("reason", TextLengthMax)) : null,
        TransactionId = data.Text("transaction_id", NameLengthMax),
        NetworkRttMs = data.Number("network_rtt_ms", RttMsMax),
        EndToEndRttMs = data.Number("e2e_rtt_ms", RttMsMax),
        SessionStamp = data.Text("session_stamp", TextLengthMax),
        AgentVersion = data.Text("agent_version", NameLengthMax),
        EndLatest = head.Kind is EventKind.SessionEnded ? ReadUnknownEnd(head, data) : null,
    };

    /// <summary>Null when the end is reported, which is what an end is unless it says otherwise.</summary>
    private static DateTimeOffset? ReadUnknownEnd(LedgerEvent head, JsonMembers data)
    {
        switch (data.Text("end_time_source", NameLengthMax))
        {
            case null or "reported":
                return null;
            case "unknown":
                var latest = TimeOf(data.RequiredText("end_time_latest", NameLengthMax), "data.end_time_latest");
                return latest >= head.At ? latest : throw new MemberException("data.end_time_latest", "must not be before the event's time");
            default:
                throw new MemberException("data.end_time_source", "must be reported or unknown: the others are the ledger's own findings");
        }
    }

    /// <summary>A client that says nothing is no client.</summary>
    private static ClientFacts? ReadClient(JsonMembers client)
    {
        var facts = new ClientFacts
        {
            Name = client.Text("name", TextLengthMax * 32),
            Ip = client.Text("ip", NameLengthMax),
            PublicIp = client.Text("public_ip", NameLengthMax),
            Mac = client.Text("mac", NameLengthMax),
            SourceIp = client.Text("source_ip", NameLengthMax),
            Type = client.Text("type", NameLengthMax),
            Version = client.Text("version", NameLengthMax),
        };
        return facts == new ClientFacts() ? null : facts;
    }

    private static SignInFacts ReadSignIn(JsonMembers data) => new(
        data.RequiredText("operator", NameLengthMax),
        data.Number("console_type", int.MaxValue) ?? 0,
        data.Number("browser_session_id", int.MaxValue) ?? 0);

    private static List<RosterEntry>? ReadRoster(JsonMembers data)
    {
        var roster = data.Objects("roster", RosterMax);
        return roster?.ConvertAll(entry => new RosterEntry(
            entry.RequiredText("os_session_id", NameLengthMax),
            entry.Text("user", NameLengthMax),
            entry.Text("state", NameLengthMax) is { } state ? SessionWords.StateOf(state, entry.PathOf("state")) : null));
    }
}

/// <summary>The native API's words for states and kinds: lower case, accepted in any case.</summary>
internal static class SessionWords
{
    public static string Of(SessionState state) => state switch
    {
        SessionState.Initializing => "initializing",
        SessionState.Active => "active",
        SessionState.Disconnected => "disconnected",
        SessionState.Ended => "ended",
        SessionState.Failed => "failed",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "not a state"),
    };

    public static string Of(SessionKind kind) => kind is SessionKind.Application ? "application" : "desktop";

    public static SessionState? TryState(string text) => text.ToLowerInvariant() switch
    {
        "initializing" => SessionState.Initializing,
        "active" => SessionState.Active,
        "disconnected" => SessionState.Disconnected,
        "ended" => SessionState.Ended,
        "failed" => SessionState.Failed,
        _ => null,
    };

    public static SessionState StateOf(string text, string field) =>
        TryState(text) ?? throw new MemberException(field, "must be initializing, active, disconnected, ended or failed");

    public static SessionKind KindOf(string text, string field) => text.ToLowerInvariant() switch
    {
        "desktop" => SessionKind.Desktop,
        "application" => SessionKind.Application,
        _ => throw new MemberException(field, "must be desktop or application"),
    };
}
