using System.Globalization;
using Rollcall.Core;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>An instant as written, with the unit it was written in (design 3, point 3).</summary>
/// <param name="At">The beginning of the unit, UTC.</param>
/// <param name="Unit">A minute, a second, or a fraction of one.</param>
internal readonly record struct WorkspaceTime(DateTimeOffset At, TimeSpan Unit)
{
    private const int LengthMax = 40;

    /// <summary>Exclusive: an upper bound covers the whole unit it is written in, so that a time that was printed finds its own row.</summary>
    public DateTimeOffset AfterUnit => At > DateTimeOffset.MaxValue - Unit ? DateTimeOffset.MaxValue : At + Unit;

    /// <summary>
    /// <c>yyyy-MM-dd</c>, <c>T</c> or a blank, <c>HH:mm</c>, then <c>:ss</c> and a fraction of 0 to 9 digits or not, then <c>Z</c>, an offset or nothing, which is UTC.
    /// </summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/>.</exception>
    public static WorkspaceTime Parse(string field, string text) =>
        text.Length <= LengthMax && TryParse(text, out var time)
            ? time
            : throw FaultException.Malformed(field, "a UTC time such as 2024-02-27T03:47:51.182Z");

    internal static bool TryParse(string text, out WorkspaceTime time)
    {
        time = default;
        var rest = text.AsSpan();
        if (!TryTake(ref rest, 4, '-', out var year) || !TryTake(ref rest, 2, '-', out var month) || !TryTake(ref rest, 2, null, out var day))
            return false;
        if (rest.Length == 0 || rest[0] is not ('T' or ' '))
            return false;

        rest = rest[1..];
        if (!TryTake(ref rest, 2, ':', out var hour) || !TryTake(ref rest, 2, null, out var minute))
            return false;

        var unit = TimeSpan.FromMinutes(1);
        var second = 0;
        long fractionTicks = 0;
        if (rest is [':', ..])
        {
            rest = rest[1..];
            unit = TimeSpan.FromSeconds(1);
            if (!TryTake(ref rest, 2, null, out second) || !TryTakeFraction(ref rest, ref unit, out fractionTicks))
                return false;
        }

        if (!TryTakeOffset(rest, out var offset) || !IsReal(year, month, day, hour, minute, second))
            return false;

        return TryMake(new DateTime(year, month, day, hour, minute, second, DateTimeKind.Unspecified).AddTicks(fractionTicks), offset, unit, out time);
    }

    private static bool TryMake(DateTime local, TimeSpan offset, TimeSpan unit, out WorkspaceTime time)
    {
        var ticks = local.Ticks - offset.Ticks;
        var isInRange = ticks >= DateTime.MinValue.Ticks && ticks <= DateTime.MaxValue.Ticks;
        time = isInRange ? new WorkspaceTime(new DateTimeOffset(ticks, TimeSpan.Zero), unit) : default;
        return isInRange;
    }

    private static bool IsReal(int year, int month, int day, int hour, int minute, int second) =>
        year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) && hour <= 23 && minute <= 59 && second <= 59;

    private static bool TryTake(ref ReadOnlySpan<char> rest, int digits, char? separator, out int number)
    {
        number = 0;
        if (rest.Length < digits || !DecimalText.TryParse(rest[..digits], out var read))
            return false;

        number = (int)read;
        rest = rest[digits..];
        if (separator is null)
            return true;
        if (rest.Length == 0 || rest[0] != separator)
            return false;

        rest = rest[1..];
        return true;
    }

    private static bool TryTakeFraction(ref ReadOnlySpan<char> rest, ref TimeSpan unit, out long ticks)
    {
        const int DigitsMax = 9;
        const int TickDigits = 7;
        ticks = 0;
        if (rest is not ['.', ..])
            return true;

        rest = rest[1..];
        var count = 0;
        while (count < rest.Length && char.IsAsciiDigit(rest[count]))
            count++;
        if (count > DigitsMax)
            return false;

        for (var digit = 0; digit < TickDigits; digit++)
            ticks = (ticks * 10) + (digit < count ? rest[digit] - '0' : 0);
        unit = TimeSpan.FromTicks((long)Math.Pow(10, TickDigits - Math.Min(count, TickDigits)));
        rest = rest[count..];
        return true;
    }

    /// <summary>A plus sign that was not escaped in a query arrives as a blank.</summary>
    private static bool TryTakeOffset(ReadOnlySpan<char> rest, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (rest is "" or "Z")
            return true;
        if (rest[0] is not ('+' or '-' or ' '))
            return false;

        var sign = rest[0] == '-' ? -1 : 1;
        rest = rest[1..];
        if (!TryTake(ref rest, 2, null, out var hours) || hours > 14)
            return false;

        if (rest is [':', ..])
            rest = rest[1..];
        var minutes = 0;
        if (rest.Length > 0 && (!TryTake(ref rest, 2, null, out minutes) || minutes > 59))
            return false;

        offset = TimeSpan.FromMinutes(sign * ((hours * 60) + minutes));
        return rest.Length == 0;
    }

    /// <summary>As sessions and records show it: whole seconds.</summary>
    public static string? Seconds(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>As the sessions of one user show it: whole seconds, UTC, without a zone (contract 5.3).</summary>
    public static string? Plain(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>The instant as sessions and records show it, for a cell of a file.</summary>
    public static DateTimeOffset? WholeSeconds(DateTimeOffset? at) => at?.AddTicks(-(at.Value.Ticks % TimeSpan.TicksPerSecond));

    /// <summary>As export tasks show it: milliseconds.</summary>
    public static string? Milliseconds(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
