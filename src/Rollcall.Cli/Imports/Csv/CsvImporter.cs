using Rollcall.Cli.Events;
using Rollcall.Cli.Imports.Tables;

namespace Rollcall.Cli.Imports.Csv;

/// <summary>Reads tables: one event a row (columns type and time), or one session a row (columns start_time and end_time).</summary>
/// <param name="zone">Of times that carry no offset; null refuses them.</param>
internal sealed class CsvImporter(TimeZoneInfo? zone) : ILogImporter
{
    public IEnumerable<ImportedEvent> Read(IReadOnlyList<LogFile> files, Tally tally)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            foreach (var imported in ReadOne(file, tally))
            {
                if (seen.Add($"{imported.Event.Source}\n{imported.Event.Id}"))
                    yield return imported;
                else
                    tally.Skip("the same row again", imported.Spot);
            }
        }
    }

    private IEnumerable<ImportedEvent> ReadOne(LogFile file, Tally tally)
    {
        List<string>? header = null;
        var times = new WrittenTimes(zone, tally);
        var began = new Dictionary<(string Host, string? Id), DateTimeOffset>();
        foreach (var (fields, spot) in CsvReader.Read(file, tally))
        {
            if (header is null)
            {
                header = HeaderOf(fields, spot);
                continue;
            }

            if (fields.Count != header.Count)
            {
                tally.Skip("not as many fields as the header has", spot);
                continue;
            }

            var pairs = header.Zip(fields).Where(p => p.Second.Trim().Length > 0);
            var row = new CsvRow(pairs.ToDictionary(p => p.First, p => p.Second.Trim(), StringComparer.Ordinal));
            var made = header.Contains("start_time") ? SessionOf(row, spot, times, tally) : EventOf(row, spot, times, began, tally);
            foreach (var one in made)
                yield return new ImportedEvent(one, spot);
        }
    }

    private static List<string> HeaderOf(List<string> fields, Spot spot)
    {
        var header = fields.ConvertAll(f => f.Trim().ToLowerInvariant());
        var isSession = header.Contains("start_time");
        var own = isSession ? CsvRow.SessionColumns : CsvRow.EventColumns;

        // A misspelt column would lose its values without a word.
        if (header.Find(h => !own.Contains(h) && !CsvRow.DataColumns.Contains(h)) is { } unknown)
            throw new UsageException($"{spot}: unknown column \"{unknown}\". Known: {string.Join(", ", own.Concat(CsvRow.DataColumns).Order(StringComparer.Ordinal))}.");

        if (header.GroupBy(h => h, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new UsageException($"{spot}: column \"{twice.Key}\" stands there twice.");

        if (!isSession && !(header.Contains("type") && header.Contains("time")))
            throw new UsageException($"{spot}: the header needs type and time (one event a row), or start_time (one session a row).");

        return header;
    }

    private static List<LedgerEvent> EventOf(
        CsvRow row, Spot spot, WrittenTimes times, Dictionary<(string Host, string? Id), DateTimeOffset> began, Tally tally)
    {
        if (WrongWith(row) is { } wrong)
            return Nothing(wrong, spot, tally);

        if (TypeOf(row["type"]) is not { } type)
            return Nothing("a type that is none of the ledger's", spot, tally);

        if (type.StartsWith("rollcall.session.", StringComparison.Ordinal) && (row["os_session_id"] is null || row["user"] is null))
            return Nothing("a session event without os_session_id or user", spot, tally);

        if (times.TryRead(row["time"], spot) is not { } at)
            return [];

        var (host, session) = (row.Host!, (row.Host!.ToLowerInvariant(), row["os_session_id"]));
        var source = row["source"] ?? EventIds.SourceOf("csv", host);
        if (type == EventTypes.SessionStarted)
            began[session] = at;

        var rank = type == EventTypes.SessionEnded && began.TryGetValue(session, out var start) ? Rank.OfEnd(at, start) : RankOf(type);
        return [new LedgerEvent
        {
            Id = row["id"] ?? EventIds.Of(source, row.Content, occurrence: 1, rank),
            Source = source,
            Type = type,
            Time = at,
            Data = row.ToData(row.Host!),
        }];
    }

    /// <summary>A start, and an end when the row has one. A row that gets its end later keeps the id of its start.</summary>
    private static List<LedgerEvent> SessionOf(CsvRow row, Spot spot, WrittenTimes times, Tally tally)
    {
        if (WrongWith(row) is { } wrong)
            return Nothing(wrong, spot, tally);

        if (row["os_session_id"] is not { } id || row["user"] is not { } user)
            return Nothing("a session without os_session_id or user", spot, tally);

        if (times.TryRead(row["start_time"], spot) is not { } start)
            return [];

        var (source, content) = (row["source"] ?? EventIds.SourceOf("csv", row.Host!), $"{id}|{user}|{row["start_time"]}");
        var failed = row["failure.code"] is not null || row["failure.reason"] is not null;
        var began = new LedgerEvent
        {
            Id = EventIds.Of(source, content, occurrence: 1, Rank.Began),
            Source = source,
            Type = failed ? EventTypes.SessionFailed : EventTypes.SessionStarted,
            Time = start,
            Data = row.ToData(row.Host!),
        };
        if (failed || row["end_time"] is null)
            return [began];

        if (times.TryRead(row["end_time"], spot) is not { } end)
            return [began];

        if (end < start)
        {
            tally.Skip("an end before its start", spot);
            return [began];
        }

        return [began, began with
        {
            Id = EventIds.Of(source, $"{content}|{row["end_time"]}", occurrence: 1, Rank.OfEnd(end, start)),
            Type = EventTypes.SessionEnded,
            Time = end,
            Data = began.Data with { Client = null, Reason = row["end_reason"] },
        }];
    }

    private static string? WrongWith(CsvRow row)
    {
        if (row.Host is null)
            return "no host";

        return row.HasBadNumber ? "a round trip time that is no whole number of milliseconds" : null;
    }

    /// <summary>Accepts the full name of a type and the short one, without <c>rollcall.</c></summary>
    private static string? TypeOf(string? text)
    {
        var type = text?.ToLowerInvariant();
        type = type?.StartsWith("rollcall.", StringComparison.Ordinal) == false ? $"rollcall.{type}" : type;
        return type is EventTypes.SessionInitializing or EventTypes.SessionStarted or EventTypes.SessionDisconnected
            or EventTypes.SessionReconnected or EventTypes.SessionEnded or EventTypes.SessionFailed or EventTypes.SessionChanged
            or EventTypes.HostStarted or EventTypes.HostStopped
            ? type
            : null;
    }

    private static int RankOf(string type) => type switch
    {
        EventTypes.SessionInitializing => Rank.Initializing,
        EventTypes.SessionStarted or EventTypes.SessionFailed => Rank.Began,
        EventTypes.SessionDisconnected => Rank.DetachOfEarlier,
        EventTypes.SessionEnded => Rank.EndOfEarlier,
        EventTypes.HostStarted => Rank.HostStarted,
        EventTypes.HostStopped => Rank.HostStopped,
        _ => Rank.Attached,
    };

    private static List<LedgerEvent> Nothing(string reason, Spot spot, Tally tally)
    {
        tally.Skip(reason, spot);
        return [];
    }
}
