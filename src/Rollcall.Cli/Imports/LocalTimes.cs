namespace Rollcall.Cli.Imports;

/// <summary>Turns the local times of one log, met in order, into instants.</summary>
/// <remarks>
/// When clocks go back an hour is written twice. Where it is known when the line was written, the reading is taken that lies then. Else
/// the first is taken unless that would run backwards from the line before. One object serves one file, since the order of lines is then
/// all there is to tell the two hours apart.
/// </remarks>
/// <param name="after">The time of the line before the first; null when there is none.</param>
internal sealed class LocalTimes(TimeZoneInfo zone, Tally tally, DateTimeOffset? after = null)
{
    /// <summary>How far a line may step back before it counts as the second, later reading of a doubled hour.</summary>
    private static readonly TimeSpan StepBackMax = TimeSpan.FromSeconds(2);

    private DateTimeOffset previous = after ?? DateTimeOffset.MinValue.AddDays(1);

    /// <summary>Between which instants the line at hand was written; null when nobody watched.</summary>
    public Func<WrittenWithin>? Written { get; init; }

    /// <summary>Null, and counted, for a time that the zone's clocks never showed.</summary>
    public DateTimeOffset? TryResolve(DateTime local, Spot spot)
    {
        local = DateTime.SpecifyKind(local, DateTimeKind.Unspecified);
        if (local.Year is < 2 or > 9998)
        {
            tally.Skip("no time that can be placed", spot);
            return null;
        }

        if (zone.IsInvalidTime(local))
        {
            tally.Skip($"a local time that {zone.Id} skipped when its clocks went forward", spot);
            return null;
        }

        previous = zone.IsAmbiguousTime(local)
            ? Pick(local, spot)
            : new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
        return previous;
    }

    private DateTimeOffset Pick(DateTime local, Spot spot)
    {
        var readings = zone.GetAmbiguousTimeOffsets(local)
            .Select(offset => new DateTimeOffset(local, offset).ToUniversalTime())
            .Order()
            .ToArray();
        if (Written?.Invoke() is { } within && Array.FindAll(readings, within.Holds) is [var only])
            return only;

        tally.Note($"a local time that {zone.Id} showed twice when its clocks went back; told apart by the order of lines", spot);
        return readings.FirstOrDefault(r => r >= previous - StepBackMax, readings[^1]);
    }
}

/// <summary>When lines were written, by the clock of who watched.</summary>
/// <param name="From">The file had been read to its end then; null when it never had.</param>
/// <param name="Until">When they were read.</param>
internal readonly record struct WrittenWithin(DateTimeOffset? From, DateTimeOffset Until)
{
    /// <summary>How far outside a line's own time may lie: syslog may hold lines back. Far less than clocks are set back.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    public bool Holds(DateTimeOffset at) => !(at < From - Slack) && at <= Until + Slack;
}
