using Rollcall.Cli.Events;
using Rollcall.Cli.Sample;

namespace Rollcall.Tests.Cli.Sample;

/// <summary>One generated fleet that the facts look at, and how to read it.</summary>
internal static class SampleFleet
{
    /// <summary>A Tuesday afternoon.</summary>
    public static readonly DateTimeOffset Now = new(2030, 5, 14, 15, 20, 7, TimeSpan.Zero);

    public static readonly FleetOptions Options = new(1, Now);

    public static readonly FleetGenerator Generator = new(Options);

    public static readonly IReadOnlyList<LedgerEvent> Events = [.. Generator.Events()];

    /// <summary>The events of each session in the order of the sequence; a session is what its event ids begin with.</summary>
    public static IReadOnlyList<IReadOnlyList<LedgerEvent>> SessionsOf(IEnumerable<LedgerEvent> events) =>
    [
        .. events.Where(e => e.Type.StartsWith("rollcall.session.", StringComparison.Ordinal))
            .GroupBy(KeyOf)
            .Select(session => (IReadOnlyList<LedgerEvent>)[.. session]),
    ];

    /// <summary>The hosts of all events but sign-ins, whose host is the machine where the operator sits.</summary>
    public static IReadOnlyList<EventHost> HostsOfTheFleet { get; } =
        [.. Events.Where(e => !e.Type.StartsWith("rollcall.signin.", StringComparison.Ordinal)).Select(e => e.Data.Host)];

    public static string KeyOf(LedgerEvent e) => e.Id[..e.Id.LastIndexOf('-')];

    /// <summary>The sessions that are neither ended nor failed by their own events nor by a shutdown of their host.</summary>
    public static IReadOnlyList<IReadOnlyList<LedgerEvent>> OpenIn(IReadOnlyList<LedgerEvent> events)
    {
        var stopped = events.Where(e => e.Type == EventTypes.HostStopped).Select(e => e.Data.Host.BootId).ToHashSet();
        return
        [
            .. SessionsOf(events).Where(s => s[^1].Type is not (EventTypes.SessionEnded or EventTypes.SessionFailed)
                && !stopped.Contains(s[^1].Data.Host.BootId)),
        ];
    }

    public static async Task<string> PrintAsync(FleetOptions options)
    {
        var output = new StringWriter();
        await SampleLoader.LoadAsync(new NdjsonSink(output), options, default);
        return output.ToString();
    }
}
