using System.Globalization;
using System.Xml;
using Rollcall.Core;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Reads the native API's query parameters from text, and refuses those it does not know: a misspelt filter must not return everything.</summary>
internal static class NativeQuery
{
    public const int LimitDefault = 100;
    public const int LimitMax = 1000;

    /// <summary>The one parameter that may be given more than once.</summary>
    private const string Repeatable = "state";

    private const int TextLengthMax = 256;
    private const int TimeLengthMax = 40;

    /// <summary>Longer than any ledger is old.</summary>
    private static readonly TimeSpan DurationMax = TimeSpan.FromDays(36_500);

    public static void Allow(HttpRequest request, params ReadOnlySpan<string> known)
    {
        foreach (var (name, values) in request.Query)
        {
            if (!known.Contains(name))
                throw FaultException.Malformed(name, $"absent: this operation knows {string.Join(", ", known.ToArray())}");
            if (values.Count > 1 && name is not Repeatable)
                throw FaultException.Malformed(name, "given once");
        }
    }

    public static int Limit(string? text) => text is null
        ? LimitDefault
        : DecimalText.TryParse(text, out var limit) && limit is >= 1 and <= LimitMax
            ? (int)limit
            : throw FaultException.Malformed("limit", $"a whole number from 1 to {LimitMax}");

    public static string? Text(string field, string? text)
    {
        if (text is null)
            return null;
        if (text.Length is 0 or > TextLengthMax || text.Any(char.IsControl))
            throw FaultException.Malformed(field, $"1 to {TextLengthMax} characters without control characters");
        return text;
    }

    public static bool? Flag(string field, string? text) => text switch
    {
        null => null,
        "true" => true,
        "false" => false,
        _ => throw FaultException.Malformed(field, "true or false"),
    };

    /// <summary>One of an enumeration's words, in any case.</summary>
    public static T? Word<T>(string field, string? text, Func<T, string> wordOf)
        where T : struct, Enum
    {
        if (text is null)
            return null;

        foreach (var value in Enum.GetValues<T>())
        {
            if (string.Equals(wordOf(value), text, StringComparison.OrdinalIgnoreCase))
                return value;
        }

        throw FaultException.Malformed(field, $"one of {string.Join(", ", Enum.GetValues<T>().Select(wordOf))}");
    }

    /// <summary>An address, or a range in CIDR notation.</summary>
    public static AddressRange? Addresses(string field, string? text) => Text(field, text) is { } known
        ? AddressRange.TryParse(known) ?? throw FaultException.Malformed(field, "an address, or a range without bits beyond its prefix, such as 10.2.0.0/16 or 2001:db8::/32")
        : null;

    /// <summary>Whether a list counts all matches: <c>exact</c>, which is the default, or <c>none</c>.</summary>
    public static bool IsCounted(string? text) => text switch
    {
        null or "exact" => true,
        "none" => false,
        _ => throw FaultException.Malformed("count", "exact or none"),
    };

    /// <summary>An ISO 8601 duration; a year is 365 days and a month 30.</summary>
    public static TimeSpan? Duration(string field, string? text)
    {
        if (text is null)
            return null;

        try
        {
            var span = text.Length <= TimeLengthMax ? XmlConvert.ToTimeSpan(text) : TimeSpan.MinValue;
            if (span >= TimeSpan.Zero && span <= DurationMax)
                return span;
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException)
        {
            // Refused below, as one that is out of bounds.
        }

        throw FaultException.Malformed(field, $"an ISO 8601 duration up to {DurationMax.Days} days, such as PT24H or P7D");
    }

    /// <summary>From inclusive to exclusive; either may be absent.</summary>
    public static TimeRange Range(string? from, string? to)
    {
        var range = new TimeRange(Instant("from", from), Instant("to", to));
        return range.From > range.To ? throw FaultException.Malformed("from", "no later than to") : range;
    }

    /// <summary>Null when it is not past: then it asks for what is known now.</summary>
    public static DateTimeOffset? PastInstant(string field, string? text, DateTimeOffset now) =>
        Instant(field, text) is { } instant && instant < now ? instant : null;

    /// <summary>RFC 3339 with a zone.</summary>
    public static DateTimeOffset? Instant(string field, string? text)
    {
        if (text is null)
            return null;

        // A plus sign that was not escaped in the query arrives as a blank.
        var repaired = text.Length is > 6 and <= TimeLengthMax && text[^6] == ' ' ? $"{text[..^6]}+{text[^5..]}" : text;
        var isZoned = repaired.EndsWith('Z') || (repaired.Length > 6 && repaired[^6] is '+' or '-');
        var isDated = repaired.Length is >= 17 and <= TimeLengthMax && repaired[4] == '-' && repaired[7] == '-' && repaired[10] is ('T' or 't' or ' ');
        return isZoned && isDated
            && DateTimeOffset.TryParse(repaired, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : throw FaultException.Malformed(field, "an RFC 3339 time with a zone, such as 2026-03-03T14:07:00Z");
    }
}

/// <summary>One page of a list.</summary>
internal sealed record ListJson<T>(IReadOnlyList<T> Items, string? NextCursor, long? Count);
