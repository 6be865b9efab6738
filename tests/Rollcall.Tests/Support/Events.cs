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

    /// <summary>Reduces the given events in the given order of arrival.</summary>
    public static IReadOnlyList<ReducedSession> Reduce(params LedgerEvent[] events)
    {
        var stored = Stored(events);
        return SessionReducer.Reduce(
            TenantOne,
            [.. stored.Where(e => e.Event.Kind.IsSession())],
            [.. stored.Where(e => e.Event.Kind.IsHost())]);
    }
}
