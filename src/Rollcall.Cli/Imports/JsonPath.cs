using System.Globalization;
using System.Text.Json;

namespace Rollcall.Cli.Imports;

/// <summary>Members of JSON that nobody vouches for.</summary>
internal static class JsonPath
{
    /// <summary>The member at a path; members whose names are joined by dots are found too. Null when there is none.</summary>
    public static JsonElement? Find(JsonElement from, params ReadOnlySpan<string> path)
    {
        if (path.IsEmpty)
            return from;

        if (from.ValueKind != JsonValueKind.Object)
            return null;

        for (var taken = 1; taken <= path.Length; taken++)
        {
            if (Member(from, string.Join('.', path[..taken])) is { } member && Find(member, path[taken..]) is { } found)
                return found;
        }

        return null;
    }

    private static JsonElement? Member(JsonElement from, string name)
    {
        try
        {
            return from.TryGetProperty(name, out var member) ? member : null;
        }
        catch (InvalidOperationException)
        {
            // A name with half a surrogate pair is JSON all the same; the members behind it cannot be looked up.
            return null;
        }
    }
}

/// <summary>Texts and numbers as exports write them.</summary>
internal static class Texts
{
    /// <summary>Without the blanks around it; null when nothing is left.</summary>
    public static string? Cleaned(string text)
    {
        text = text.Trim();
        return text.Length == 0 ? null : text;
    }

    /// <summary>The text of a string or a number; null for everything else.</summary>
    public static string? Of(JsonElement? element) => element is { ValueKind: JsonValueKind.Number } number
        ? number.GetRawText()
        : Raw(element) is { } text ? Cleaned(text) : null;

    /// <summary>A string exactly as it stands; null for everything else.</summary>
    public static string? Raw(JsonElement? element)
    {
        try
        {
            return element is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // A string with half a surrogate pair is JSON all the same, but no text.
            return null;
        }
    }

    public static int? Number(string? text) => int.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;

    public static long? LongNumber(string? text) => long.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null;
}
