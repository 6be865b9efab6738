using System.Globalization;
using System.Text.Json;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>
/// Asks systemd-logind at every look who is logged on. Beginnings come with their exact time; an end is only noticed by its absence, so
/// it is told as an end at an unknown time, after one asking was begun and before a later one was answered.
/// </summary>
/// <remarks>Source: org.freedesktop.login1(5), systemd 252, through <c>busctl --json=short</c>.</remarks>
internal sealed class LogindSource : ISource
{
    private const string Service = "org.freedesktop.login1", Root = "/org/freedesktop/login1";

    /// <summary>Sessions asked about; a host with more is not one that this source is for.</summary>
    private const int SessionsMax = 2_000;

    private readonly string host, source;
    private readonly IReadOnlySet<string> others;
    private readonly Func<string[], Task<string?>> ask;
    private readonly Dictionary<(string Id, DateTimeOffset StartedAt), LogindLogon> open;
    private readonly Dictionary<(string Id, DateTimeOffset StartedAt), JsonElement> known = [];
    private readonly HashSet<string> nobodys = [];
    private readonly TimeProvider time;
    private Answer? newest;
    private string? trouble;

    /// <param name="others">Names of the sources that are followed beside this one: their logons are theirs to tell.</param>
    /// <param name="ask">Runs busctl; null runs the host's.</param>
    public LogindSource(string host, IReadOnlySet<string> others, AgentState state, TimeProvider time, Func<string[], Task<string?>>? ask = null)
    {
        (this.host, source, this.others, this.time) = (host, EventIds.SourceOf("logind", host), others, time);
        this.ask = ask ?? (arguments => ShortCommand.TryRunAsync("busctl", ["--json=short", "--system", .. arguments]));
        open = state.LogindOpen.ToDictionary(KeyOf);
    }

    public string Name => "logind";

    public bool HasMore => false;

    public Tally Tally { get; } = new();

    /// <summary>Asks. A roster swears to what it names at the instant of its look, so an answer of any other instant is none.</summary>
    /// <returns>Who is logged on; null when logind does not answer.</returns>
    public IReadOnlyList<LiveSession>? Look()
    {
        var askedAt = time.GetUtcNow();
        var listed = TryList();
        newest = listed is null ? null : new Answer(listed, askedAt, time.GetUtcNow());
        trouble = listed is null ? "systemd-logind does not answer" : null;
        return listed?.ConvertAll(s => new LiveSession("logind", OsIdOf(s.Id), null, s.User));
    }

    /// <summary>What the newest answer shows to have begun and ended.</summary>
    public IReadOnlyList<ImportedEvent> Poll(Moment now)
    {
        var answer = newest;
        newest = null;
        return answer is null ? [] : [.. Compare(answer)];
    }

    public AgentState Keep(AgentState state) => state with { LogindOpen = [.. open.Values] };

    public IEnumerable<SourceStatus> Describe() =>
        [new SourceStatus { Kind = Name, Name = "busctl", State = trouble is null ? "following" : "unreadable", Reason = trouble }];

    public void Dispose()
    {
    }

    private IEnumerable<ImportedEvent> Compare(Answer answer)
    {
        foreach (var session in answer.Listed)
        {
            if (!open.ContainsKey(KeyOf(session)))
                yield return Event(EventTypes.SessionStarted, session, session.StartedAt, Rank.Began);
            open[KeyOf(session)] = session with { SeenAt = answer.AskedAt };
        }

        foreach (var gone in open.Values.Where(o => answer.Listed.All(s => KeyOf(s) != KeyOf(o))).ToList())
        {
            open.Remove(KeyOf(gone));
            var ended = Event(EventTypes.SessionEnded, gone, gone.SeenAt.ToMilliseconds(), Rank.EndOfEarlier);
            known.Remove(KeyOf(gone));
            yield return ended with { Event = ended.Event with { Data = ended.Event.Data with { EndTimeSource = "unknown", EndTimeLatest = answer.GivenAt.ToMilliseconds() } } };
        }
    }

    private ImportedEvent Event(string type, LogindLogon session, DateTimeOffset at, int rank)
    {
        var remote = known.TryGetValue(KeyOf(session), out var facts) ? TextOf(facts, "RemoteHost") : null;
        return new ImportedEvent(
            new LedgerEvent
            {
                Id = EventIds.Of(source, $"{session.Id}|{session.StartedAt:O}", occurrence: 1, rank),
                Source = source,
                Type = type,
                Time = at,
                Data = new EventData { Host = new EventHost { Name = host }, OsSessionId = OsIdOf(session.Id), User = session.User, Client = ClientAddress.From(remote) },
            },
            new Spot("logind", 0));
    }

    /// <summary>Logind counts from 1 again after each boot.</summary>
    private static (string Id, DateTimeOffset StartedAt) KeyOf(LogindLogon logon) => (logon.Id, logon.StartedAt);

    /// <summary>Logind counts 1, 2, 3, as displays and processes do: without a word before it the number would be somebody else's.</summary>
    private static string OsIdOf(string id) => $"logind-{id}";

    private List<LogindLogon>? TryList()
    {
        if (Ask("call", Service, Root, $"{Service}.Manager", "ListSessions") is not { } answer)
            return null;

        var found = new List<LogindLogon>();
        var listed = answer.EnumerateArray().First().EnumerateArray().Take(SessionsMax).Select(one => (Id: one[0].GetString()!, Path: one[4].GetString()!)).ToList();
        nobodys.IntersectWith(listed.Select(one => one.Id));
        foreach (var (id, path) in listed.Where(one => !nobodys.Contains(one.Id)))
        {
            if (Ask("call", Service, path, "org.freedesktop.DBus.Properties", "GetAll", "s", $"{Service}.Session") is not { } facts)
                return null; // gone between two questions, or no answer: the next asking tells which

            var of = facts.EnumerateArray().First();
            if (IsNobodys(of))
                nobodys.Add(id);
            else if (LogonOf(id, of) is { } logon)
                found.Add(Known(logon, of));
        }

        return found;
    }

    private LogindLogon Known(LogindLogon logon, JsonElement facts)
    {
        known[KeyOf(logon)] = facts;
        return logon;
    }

    /// <summary>
    /// What is nobody's logon and never will be: a greeter, a service's own session, one that is over and has processes left, or another source's.
    /// Each asking runs a program, so these are asked about once.
    /// </summary>
    private bool IsNobodys(JsonElement facts)
    {
        var service = TextOf(facts, "Service") ?? "";
        var isOthers = (service.StartsWith("sshd", StringComparison.Ordinal) && others.Contains("sshd")) || (service.StartsWith("xrdp", StringComparison.Ordinal) && others.Contains("xrdp"));
        return TextOf(facts, "Class")?.StartsWith("user", StringComparison.Ordinal) != true || TextOf(facts, "State") == "closing" || isOthers;
    }

    /// <summary>Null while it has no name or no time.</summary>
    private static LogindLogon? LogonOf(string id, JsonElement facts) => TextOf(facts, "Name") is { Length: > 0 } user && MicrosecondsOf(facts, "Timestamp") is { } at
        ? new LogindLogon { Id = id, User = user, StartedAt = DateTimeOffset.UnixEpoch.AddMicroseconds(at).ToMilliseconds(), SeenAt = default }
        : null;

    /// <summary>The data of an answer; null when there is none that can be read.</summary>
    private JsonElement? Ask(params string[] arguments)
    {
        try
        {
            var printed = ask(arguments).GetAwaiter().GetResult();
            return printed is null ? null : JsonSerializer.Deserialize(printed, Native.NativeJson.Default.JsonElement).GetProperty("data");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static string? TextOf(JsonElement facts, string name) => facts.TryGetProperty(name, out var value) && value.GetProperty("data") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    private static long? MicrosecondsOf(JsonElement facts, string name) =>
        facts.TryGetProperty(name, out var value) && value.GetProperty("data").TryGetInt64(out var number) && number is > 0 and < 253402300800_000_000 ? number : null;

    /// <param name="AskedAt">Before it was asked: what is listed was on then.</param>
    /// <param name="GivenAt">After it had answered: what is not listed was over by then.</param>
    private sealed record Answer(IReadOnlyList<LogindLogon> Listed, DateTimeOffset AskedAt, DateTimeOffset GivenAt);
}
