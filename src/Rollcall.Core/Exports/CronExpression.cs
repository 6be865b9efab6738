using System.Globalization;

namespace Rollcall.Core.Exports;

/// <summary>When something is due: the five fields of cron (POSIX crontab), minute hour day-of-month month day-of-week.</summary>
/// <remarks>
/// Lists, ranges, steps, and the English three-letter names of months and days; 0 and 7 are both Sunday. When day-of-month and day-of-week are both
/// restricted, either suffices, as POSIX says. A time that a change of clocks skips is due when the clocks have changed; one that comes twice is due the first time.
/// </remarks>
public sealed class CronExpression
{
    /// <summary>The rarest date there is, 29 February, is at most eight years away (1896 to 1904).</summary>
    private const int DaysAheadMax = 366 * 8;

    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private readonly ulong minutes, hours, monthDays, months, weekDays;
    private readonly bool isAnyMonthDay, isAnyWeekDay;

    private CronExpression(string text, string[] fields)
    {
        Text = text;
        minutes = Read(fields[0], 0, 59, []);
        hours = Read(fields[1], 0, 23, []);
        monthDays = Read(fields[2], 1, 31, []);
        months = Read(fields[3], 1, 12, Months);
        var week = Read(fields[4], 0, 7, Days);
        weekDays = (week | (week >> 7)) & 0x7F;
        (isAnyMonthDay, isAnyWeekDay) = (fields[2].StartsWith('*'), fields[4].StartsWith('*'));
    }

    public string Text { get; }

    /// <summary>Null when the text is no cron expression, or one that never comes due.</summary>
    public static CronExpression? TryParse(string text)
    {
        var fields = text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 5)
            return null;

        try
        {
            var parsed = new CronExpression(text, fields);
            return parsed.Next(DateTimeOffset.UnixEpoch, TimeZoneInfo.Utc) is null ? null : parsed;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>The first instant after <paramref name="after"/> that is due by the clocks of <paramref name="zone"/>; null when there is none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        // A day back: what is due in an hour that the clocks skip or repeat must not be missed.
        var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(after, zone).DateTime).AddDays(-1);
        for (var looked = 0; looked <= DaysAheadMax + 1; looked++, day = day.AddDays(1))
        {
            if (!IsDue(day))
                continue;

            foreach (var time in TimesOfDay())
            {
                var due = InstantOf(day.ToDateTime(time), zone);
                if (due > after)
                    return due;
            }
        }

        return null;
    }

    private bool IsDue(DateOnly day)
    {
        if (!Has(months, day.Month))
            return false;

        var (inMonth, inWeek) = (Has(monthDays, day.Day), Has(weekDays, (int)day.DayOfWeek));
        return isAnyMonthDay || isAnyWeekDay ? inMonth && inWeek : inMonth || inWeek;
    }

    private IEnumerable<TimeOnly> TimesOfDay() =>
        from hour in Enumerable.Range(0, 24)
        where Has(hours, hour)
        from minute in Enumerable.Range(0, 60)
        where Has(minutes, minute)
        select new TimeOnly(hour, minute);

    private static DateTimeOffset InstantOf(DateTime local, TimeZoneInfo zone)
    {
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(1);
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    private static bool Has(ulong set, int value) => (set >> value & 1) == 1;

    private static ulong Read(string field, int min, int max, string[] names) =>
        field.Split(',').Aggregate(0UL, (set, part) => set | ReadPart(part, min, max, names));

    private static ulong ReadPart(string part, int min, int max, string[] names)
    {
        var (range, step) = part.Split('/') switch
        {
            [var only] => (only, 1),
            [var whole, var every] => (whole, Number(every, 1, max)),
            _ => throw new FormatException(),
        };
        var (first, last) = range.Split('-') switch
        {
            ["*"] => (min, max),
            [var only] => (Value(only), part.Contains('/', StringComparison.Ordinal) ? max : Value(only)),
            [var from, var to] => (Value(from), Value(to)),
            _ => throw new FormatException(),
        };
        if (first > last)
            throw new FormatException();

        var set = 0UL;
        for (var value = first; value <= last; value += step)
            set |= 1UL << value;
        return set;

        // Names count from where the field does: January is 1, Sunday is 0.
        int Value(string text) => Array.IndexOf(names, text) is >= 0 and var place ? place + min : Number(text, min, max);
    }

    private static int Number(string text, int min, int max) =>
        text.Length is 1 or 2 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException();
}
