namespace Rollcall.Cli.Imports;

/// <summary>Turns the local times of one log, met in order, into instants.</summary>
/// <remarks>
/// When clocks go back an hour is written twice. The first reading is taken unless that would run backwards from
/// the line before. One object serves one file, since the order of lines is all there is to tell the two hours apart.
/// </remarks>
/// <param name="after">The time of the line before the first; null when there is none.</param>
internal sealed class LocalTimes(TimeZoneInfo zone, Tally tally, DateTimeOffset? after = null)
{
    /// <summary>How far a line may step back before it counts as the second, later reading of a doubled hour.</summary>
    private static readonly TimeSpan StepBackMax = TimeSpan.FromSeconds(2);

    private DateTimeOffset previous = after ?? DateTimeOffset.MinValue.AddDays(1);

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
        tally.Note($"a local time that {zone.Id} showed twice when its clocks went back; told apart by the order of lines", spot);
        var readings = zone.GetAmbiguousTimeOffsets(local)
            .Select(offset => new DateTimeOffset(local, offset).ToUniversalTime())
            .Order()
            .ToArray();
        return readings.FirstOrDefault(r => r >= previous - StepBackMax, readings[^1]);
    }
}
