using System.Globalization;

namespace Rollcall.Cli.Imports.Tables;

/// <summary>Reads the times of one table: with a zone as they stand, without one by the clock of the given zone.</summary>
/// <param name="zone">Of times that carry no offset; null refuses them.</param>
internal sealed class WrittenTimes(TimeZoneInfo? zone, Tally tally)
{
    private const int LengthMin = 10, LengthMax = 40;

    private readonly LocalTimes? clock = zone is null ? null : new LocalTimes(zone, tally);

    /// <summary>Null, and counted, for what is no time.</summary>
    public DateTimeOffset? TryRead(string? text, Spot spot)
    {
        if (Instants.TryZoned(text) is { } zoned)
            return zoned.ToMilliseconds();

        if (text?.Length is not (>= LengthMin and <= LengthMax)
            || !DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var written))
        {
            tally.Skip("no time that can be read", spot);
            return null;
        }

        return clock is null
            ? throw new UsageException($"{spot} gives a time without a zone: say --time-zone, such as Europe/Paris.")
            : clock.TryResolve(written, spot)?.ToMilliseconds();
    }
}
