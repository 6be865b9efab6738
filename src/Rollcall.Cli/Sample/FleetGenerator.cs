using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>A fleet to look at before there is a real one: people, hosts and their sessions up to now.</summary>
/// <remarks>
/// A load at a later time plans the same days again and sends what has happened since: what an earlier load left open goes on and ends.
/// The end of a session that began before the window of the later load is not sent; the next reboot of its host, at most a week into that
/// window, ends it. Beats are left out on purpose: a host that beats once has a lease, and a generated host would then go silent and lose its
/// open sessions.
/// </remarks>
internal sealed class FleetGenerator(FleetOptions options)
{
    /// <summary>The farthest that any place's clock is ahead of UTC.</summary>
    private static readonly TimeSpan AheadOfUtcMax = TimeSpan.FromHours(14);

    private readonly BootCalendar _boots = new(options);

    public FleetOptions Options => options;

    public Fleet Fleet { get; } = new(options);

    /// <summary>All events in order of time, those of one instant in order of id. Made while they are read: about two days are in memory.</summary>
    public IEnumerable<LedgerEvent> Events()
    {
        var waiting = new PriorityQueue<LedgerEvent, EventOrder>();
        // Where clocks are ahead the next date has begun.
        var last = DateOnly.FromDateTime((options.Now + AheadOfUtcMax).UtcDateTime);
        for (var date = DateOnly.FromDateTime(options.From.UtcDateTime); date <= last; date = date.AddDays(1))
        {
            foreach (var e in EventsOf(date))
                waiting.Enqueue(e, new EventOrder(e.Time, e.Id));

            // No later date has an event before its earliest local midnight anywhere.
            var settled = new DateTimeOffset(date.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero) - AheadOfUtcMax;
            while (waiting.TryPeek(out _, out var next) && next.Time < settled)
                yield return waiting.Dequeue();
        }

        while (waiting.TryDequeue(out var e, out _))
            yield return e;
    }

    // A session that began before the window is left out whole: its later events would speak of nothing known.
    private IEnumerable<LedgerEvent> EventsOf(DateOnly date) => new DayPlan(Fleet, _boots, date).Build()
        .Where(story => story.Count > 0 && story[0].Time >= options.From)
        .SelectMany(story => story)
        .Where(e => e.Time <= options.Now);

    private readonly record struct EventOrder(DateTimeOffset Time, string Id) : IComparable<EventOrder>
    {
        public int CompareTo(EventOrder other)
        {
            var byTime = Time.CompareTo(other.Time);
            return byTime != 0 ? byTime : string.CompareOrdinal(Id, other.Id);
        }
    }
}
