namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>Reads exports of any form into records, placed in time.</summary>
/// <param name="zone">Of the hosts; null refuses times without an offset.</param>
/// <param name="tally">Counts what makes no record.</param>
internal sealed class LsmReader(TimeZoneInfo? zone, Tally tally)
{
    /// <summary>Records held at once, for one host's are put in order before they are read.</summary>
    private const int RecordsMax = 4_000_000;

    /// <summary>How far a collector's clock may lag behind a host's.</summary>
    private static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, LocalTimes> clocks = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>By host, each in the order of its own log.</summary>
    public IEnumerable<IGrouping<string, LsmRecord>> Read(IReadOnlyList<LogFile> files)
    {
        var raw = new List<RawRecord>();
        foreach (var file in files.OrderBy(f => f.Name, StringComparer.Ordinal))
            raw.AddRange(LsmJson.Read(file, tally).Select(j => RawOf(new LsmFields(j.Json), j.Spot)).OfType<RawRecord>());

        if (raw.Count > RecordsMax)
            throw new UsageException($"More than {RecordsMax} records at once: import the files in parts.");

        return raw.GroupBy(r => (Host: r.Host.ToLowerInvariant(), r.Written.Date))
            .OrderBy(day => day.Key.Date)
            .SelectMany(InLogOrder)
            .Select(Place)
            .OfType<LsmRecord>()
            .GroupBy(r => r.Host, StringComparer.OrdinalIgnoreCase);
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

    private RawRecord? RawOf(LsmFields fields, Spot spot)
    {
        if (fields.Provider is { } provider && !provider.Contains("TerminalServices-LocalSessionManager", StringComparison.OrdinalIgnoreCase))
        {
            tally.Skip("of another log than TerminalServices-LocalSessionManager", spot);
            return null;
        }

        if (fields.EventId is not { } id || fields.Host is not { } host)
        {
            tally.Skip("names no event or no host", spot);
            return null;
        }

        var (instant, local) = (fields.Instant, fields.Local);
        if (instant is null && local is null)
        {
            tally.Skip("no time", spot);
            return null;
        }

        if (instant is null && zone is null)
            throw new UsageException($"{spot} gives a local time without a zone: say --time-zone, the zone of the host, such as Europe/Paris. (@timestamp is the collector's.)");

        return new RawRecord(id, host, fields.RecordNumber, instant, local, fields.CollectedAt, fields, spot);
    }

    private LsmRecord? Place(RawRecord raw)
    {
        var at = raw.Instant ?? ClockOf(raw.Host).TryResolve(raw.Local!.Value, raw.Spot);
        if (at is null)
            return null;

        if (raw.CollectedAt is { } collected && at > collected + SkewMax)
            tally.Note("collected before it happened: --time-zone is not the host's, or its clock is wrong", raw.Spot);

        return new LsmRecord
        {
            EventId = raw.EventId,
            Host = raw.Host,
            RecordNumber = raw.RecordNumber,
            At = at.Value.ToMilliseconds(),
            User = raw.Fields.User,
            SessionId = raw.Fields.SessionId,
            Address = raw.Fields.Address,
            Detail = raw.Fields.Detail,
            Spot = raw.Spot,
        };
    }

    private LocalTimes ClockOf(string host)
    {
        if (!clocks.TryGetValue(host, out var clock))
            clocks[host] = clock = new LocalTimes(zone!, tally);

        return clock;
    }

    private sealed record RawRecord(
        int EventId, string Host, long? RecordNumber, DateTimeOffset? Instant, DateTime? Local, DateTimeOffset? CollectedAt, LsmFields Fields, Spot Spot)
    {
        /// <summary>As the export wrote it: local where it gives no offset.</summary>
        public DateTime Written => Instant?.UtcDateTime ?? Local!.Value;
    }
}
