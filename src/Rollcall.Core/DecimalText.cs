namespace Rollcall.Core;

/// <summary>Whole numbers in text from outside: ASCII digits and nothing else.</summary>
/// <remarks>The framework's own parsers also take NULs behind the digits, whatever style they are given.</remarks>
public static class DecimalText
{
    private const int DigitsMax = 19; // long.MaxValue

    /// <summary>False for an empty text, for anything but digits, and for a number over <see cref="long.MaxValue"/>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out long number)
    {
        number = 0;
        if (text.Length is 0 or > DigitsMax || text.ContainsAnyExceptInRange('0', '9'))
            return false;

        return long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number);
    }
}
