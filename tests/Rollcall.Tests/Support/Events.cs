using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Tests.Support;

/// <summary>Events with what a test does not care about filled in.</summary>
internal static class Events
{
    public static readonly DateTimeOffset Nine = new(2030, 1, 7, 9, 0, 0, TimeSpan.Zero);

    public static readonly TenantId TenantOne = TenantId.Parse("00000000000000000000000000000001");

    public static LedgerEvent Of(EventKind kind, double minute, string? id = null, string os = "3", string user = @"CORP\anna", string source = "agent://a") => new()
    {
        Source = source,
        Id = id ?? $"{kind}-{os}-{minute}-{source}",
        Kind = kind,
        At = Nine.AddMinutes(minute),
        Host = new HostFacts { Name = "RDS-07" },
        OsSessionId = kind.IsSession() ? os : null,
        User = kind.IsSession() ? user : null,
        Failure = kind is EventKind.SessionFailed ? new Failure("7", "no licence") : null,
    };

    public static IReadOnlyList<StoredEvent> Stored(params LedgerEvent[] events) =>
        [.. events.Select((e, index) => new StoredEvent(index + 1, Nine.AddDays(1), e))];

    /// <summary>A beat of the same host; a null roster says only that the host is alive.</summary>
    public static LedgerEvent Beat(
        double minute, IReadOnlyList<RosterEntry>? roster, string? boot = null, string source = "agent://a", string? id = null, int leaseSeconds = LeaseSeconds) =>
        Of(EventKind.HostBeat, minute, id, source: source) with
        {
            Host = new HostFacts { Name = "RDS-07", BootId = boot },
            LeaseSeconds = leaseSeconds,
            Roster = roster,
        };

    /// <summary>An operator's word about the session of an event, said at a minute.</summary>
    public static LedgerEvent Word(EventKind kind, double minute, LedgerEvent about, double? startMinute = null, double? endMinute = null, string? id = null) =>
        Of(kind, minute, id ?? $"word-{kind}-{minute}", source: ServerSource.Of(1)) with
        {
            OsSessionId = about.OsSessionId,
            Reason = "the host burnt down",
            Word = new OperatorWord(
                about.Source, about.Id, startMinute is { } start ? Nine.AddMinutes(start) : null, endMinute is { } end ? Nine.AddMinutes(end) : null),
        };

    public const int LeaseSeconds = 90;

    public static RosterEntry Line(string os, string? user = "anna", SessionState? state = null) => new(os, user, state);

    /// <summary>The server's judgement that the host is silent, given all these events.</summary>
    public static LedgerEvent Silence(params LedgerEvent[] events)
    {
        var newest = events.Where(e => e.Kind is EventKind.HostBeat).MaxBy(e => e.At)!;
        return Of(EventKind.HostSilent, 0, source: ServerSource.Name) with
        {
            At = events.Where(e => e.Kind is EventKind.HostBeat || e.Kind.IsSession()).Max(e => e.At).AddSeconds(newest.LeaseSeconds!.Value),
            BeatAt = newest.At,
            LeaseSeconds = newest.LeaseSeconds,
        };
    }

    /// <summary>Reduces the given events in the given order of arrival.</summary>
    public static IReadOnlyList<ReducedSession> Reduce(params LedgerEvent[] events)
    {
        var stored = Stored(events);
        StoredEvent[] ofHost = [.. stored.Where(e => e.Event.Kind.IsHost() && e.Event.Kind is not EventKind.HostBeat)];
        return [.. stored.Where(e => e.Event.Kind.IsSession() || e.Event.Kind.IsOperatorWord())
            .GroupBy(e => e.Event.OsSessionId)
            .SelectMany(one => SessionReducer.Reduce(TenantOne, [.. one], ofHost, new GivenBeats(events)))];
    }

    private sealed class GivenBeats(IEnumerable<LedgerEvent> events) : IBeatHistory
    {
        public IEnumerable<HostBeat> NewestFirst(DateTimeOffset after, DateTimeOffset? before) => events
            .Where(e => e.Kind is EventKind.HostBeat && e.At > after && (before is null || e.At < before))
            .OrderByDescending(e => e.At)
            .Select(e => new HostBeat(e.At, TimeSpan.FromSeconds(e.LeaseSeconds!.Value), e.Host.BootId, e.Roster));
    }
}
