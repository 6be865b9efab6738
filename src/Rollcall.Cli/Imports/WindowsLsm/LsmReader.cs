namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>Reads exports of any form into records, placed in time.</summary>
/// <param name="zone">Of the hosts; null refuses times without an offset.</param>
/// <param name="form">Which tool wrote the files.</param>
/// <param name="tally">Counts what makes no record.</param>
internal sealed class LsmReader(TimeZoneInfo? zone, WindowsForm form, Tally tally)
{
    /// <summary>Records held at once, for one host's are put in order before they are read.</summary>
    private const int RecordsMax = 4_000_000;

    /// <summary>How far a collector's clock may lag behind a host's.</summary>
    private static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(5);

    private readonly Dictionary<(string Host, WindowsLog Log), LocalTimes> clocks = [];

    /// <summary>By host, each in the order of its own logs.</summary>
    public IEnumerable<List<LsmRecord>> Read(IReadOnlyList<LogFile> files)
    {
        var raw = new List<RawRecord>();
        var export = new WindowsExport(form, tally);
        foreach (var (one, spot) in files.OrderBy(f => f.Name, StringComparer.Ordinal).SelectMany(export.Read))
        {
            if (RawOf(one, spot) is { } kept)
                raw.Add(kept);

            if (raw.Count > RecordsMax)
                throw new UsageException($"More than {RecordsMax} records at once: import the files in parts.");
        }

        return raw.GroupBy(r => (Host: r.Host.ToLowerInvariant(), r.Log, r.Written.Date))
            .OrderBy(day => day.Key.Date)
            .SelectMany(InLogOrder)
            .Select(Place)
            .OfType<LsmRecord>()
            .GroupBy(r => r.Host, StringComparer.OrdinalIgnoreCase)
            .Select(host => Merged([.. host.Where(r => r.Log == WindowsLog.Sessions)], [.. host.Where(r => r.Log == WindowsLog.System)]));
    }

    /// <summary>
    /// Within a day the host's own numbers give the order, a doubled hour included. When they contradict the clock by
    /// more than that hour the log was cleared meanwhile, and the clock is better. Equal ones stay as they stood.
    /// </summary>
    private static IEnumerable<RawRecord> InLogOrder(IEnumerable<RawRecord> day)
    {
        var doubledHour = TimeSpan.FromMinutes(61);
        var numbered = day.OrderBy(r => r.RecordNumber).ToList();
        var contradicted = numbered.Zip(numbered.Skip(1)).Any(pair => pair.First.Written - pair.Second.Written > doubledHour);
        return contradicted || numbered.Exists(r => r.RecordNumber is null)
            ? day.OrderBy(r => r.Written)
            : numbered;
    }

    /// <summary>Each log in its own order. Of one instant, a start comes before sessions and a stop behind them.</summary>
    private static List<LsmRecord> Merged(List<LsmRecord> sessions, List<LsmRecord> system)
    {
        var merged = new List<LsmRecord>(sessions.Count + system.Count);
        var at = 0;
        foreach (var session in sessions)
        {
            for (; at < system.Count && IsBefore(system[at], session); at++)
                merged.Add(system[at]);

            merged.Add(session);
        }

        merged.AddRange(system[at..]);
        return merged;
    }

    private static bool IsBefore(LsmRecord system, LsmRecord session) =>
        system.At < session.At
        || (system.At == session.At && system.EventId is SystemEventId.KernelStarted or SystemEventId.LogStarted or SystemEventId.StopWasUnexpected);

    private RawRecord? RawOf(ExportedEvent one, Spot spot)
    {
        if (one.EventId is not { } id || one.Host is not { } host)
            return Nothing("names no event or no host", spot);

        if (SystemEventId.LogOf(one.Provider, id) is not { } log)
            return Nothing("of another log than TerminalServices-LocalSessionManager, or an event of System that says nothing of starts and stops", spot);

        var (instant, local) = (one.Instant, one.Local);
        if (instant is null && local is null)
            return Nothing("no time", spot);

        if (instant is null && zone is null)
            throw new UsageException($"{spot} gives a local time without a zone: say --time-zone, the zone of the host, such as Europe/Paris. (@timestamp is the collector's.)");

        return new RawRecord(id, log, host, one.RecordNumber, instant, local, one.CollectedAt, spot)
        {
            User = one.User,
            SessionId = one.SessionId,
            Address = one.Address,
            Detail = one.Detail,
            IsCutShort = one.IsCutShort,
        };
    }

    private RawRecord? Nothing(string reason, Spot spot)
    {
        tally.Skip(reason, spot);
        return null;
    }

    private LsmRecord? Place(RawRecord raw)
    {
        var at = raw.Instant ?? ClockOf(raw.Host, raw.Log).TryResolve(raw.Local!.Value, raw.Spot);
        if (at is null)
            return null;

        if (raw.CollectedAt is { } collected && at > collected + SkewMax)
            tally.Note("collected before it happened: --time-zone is not the host's, or its clock is wrong", raw.Spot);

        return new LsmRecord
        {
            Log = raw.Log,
            EventId = raw.EventId,
            Host = raw.Host,
            RecordNumber = raw.RecordNumber,
            At = at.Value.ToMilliseconds(),
            User = raw.User,
            SessionId = raw.SessionId,
            Address = raw.Address,
            Detail = raw.Detail,
            IsCutShort = raw.IsCutShort,
            Spot = raw.Spot,
        };
    }

    private LocalTimes ClockOf(string host, WindowsLog log)
    {
        var key = (host.ToLowerInvariant(), log);
        if (!clocks.TryGetValue(key, out var clock))
            clocks[key] = clock = new LocalTimes(zone!, tally);

        return clock;
    }

    /// <summary>What one event says, before it is placed in time.</summary>
    private sealed record RawRecord(
        int EventId, WindowsLog Log, string Host, long? RecordNumber, DateTimeOffset? Instant, DateTime? Local, DateTimeOffset? CollectedAt, Spot Spot)
    {
        public required string? User { get; init; }
        public required string? SessionId { get; init; }
        public required string? Address { get; init; }
        public required string? Detail { get; init; }
        public required bool IsCutShort { get; init; }

        /// <summary>As the export wrote it: local where it gives no offset.</summary>
        public DateTime Written => Instant?.UtcDateTime ?? Local!.Value;
    }
}
