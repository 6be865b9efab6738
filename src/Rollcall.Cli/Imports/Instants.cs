using System.Globalization;

namespace Rollcall.Cli.Imports;

/// <summary>Instants as the ledger keeps them.</summary>
internal static class Instants
{
    /// <summary>What a clock of 100 ns can show; Windows and databases write up to nine digits.</summary>
    private const int FractionDigitsMax = 7;

    private const int DateLength = 10, LengthMax = 40;

    /// <summary>UTC, cut to the milliseconds the native wire carries: what is compared here must be what is sent.</summary>
    public static DateTimeOffset ToMilliseconds(this DateTimeOffset at) =>
        new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);

    /// <summary>UTC, cut to the second: what all forms of one log agree on.</summary>
    public static DateTimeOffset ToSeconds(this DateTimeOffset at) =>
        new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerSecond), TimeSpan.Zero);

    /// <summary>A written time that says its zone: Z, or an offset such as +01:00, +0100 or +01. Null for any other text.</summary>
    public static DateTimeOffset? TryZoned(string? text)
    {
        if (text?.Length is not (> DateLength and <= LengthMax))
            return null;

        var isZoned = text[^1] is 'Z' or 'z' || text.AsSpan(DateLength).ContainsAny("+-");
        return isZoned && DateTimeOffset.TryParse(Cut(text), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var at) ? at : null;
    }

    /// <summary>Null outside the years that a time of this ledger can lie in.</summary>
    public static DateTimeOffset? TryUnixMilliseconds(long ms)
    {
        const long msMax = 253_402_300_799_999;
        return ms is >= 0 and <= msMax ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
    }

    /// <summary>Without the digits that a parser would round: 59.999999999 belongs to its own second.</summary>
    private static string Cut(string text)
    {
        var dot = text.IndexOf('.', DateLength);
        if (dot < 0)
            return text;

        var end = dot + 1;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        var kept = Math.Min(end, dot + 1 + FractionDigitsMax);
        return text.Remove(kept, end - kept);
    }
}
