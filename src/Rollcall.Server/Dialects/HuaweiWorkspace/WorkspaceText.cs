using System.Text.Json;
using Rollcall.Core;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>Reads parameters and members of every Workspace operation: an empty value is an absent one (design 3, point 4).</summary>
internal static class WorkspaceText
{
    /// <summary>Null when absent or empty.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/> when too long or with control characters.</exception>
    public static string? Optional(string field, string? text, int lengthMax)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        if (text.Length > lengthMax)
            throw FaultException.Malformed(field, $"at most {lengthMax} characters long");

        return text.Any(char.IsControl) ? throw FaultException.Malformed(field, "text without control characters") : text;
    }

    public static string Required(string field, string? text, int lengthMax) =>
        Optional(field, text, lengthMax) ?? throw FaultException.Malformed(field, "present: it is mandatory");

    /// <summary>The values of a repeated parameter; empty ones are absent.</summary>
    public static IReadOnlyList<string> List(string field, string?[]? values, int countMax, int lengthMax)
    {
        var list = (values ?? []).Select(value => Optional(field, value, lengthMax)).OfType<string>().ToList();
        return list.Count <= countMax ? list : throw FaultException.Malformed(field, $"given at most {countMax} times");
    }

    /// <summary>An array of texts; empty when absent or null. An empty text in it is an absent one.</summary>
    public static IReadOnlyList<string> ListMember(JsonElement body, string name, int countMax, int lengthMax)
    {
        if (!TryMember(body, name, out var member))
            return [];
        if (member.ValueKind is not JsonValueKind.Array || member.GetArrayLength() > countMax)
            throw FaultException.Malformed(name, $"an array of at most {countMax} strings");

        return [.. member.EnumerateArray().Select(item => Optional(name, TextOf(item, name), lengthMax)).OfType<string>()];
    }

    public static int WholeNumber(string field, string? text, int fallback, int min, int max)
    {
        if (string.IsNullOrEmpty(text))
            return fallback;

        return DecimalText.TryParse(text, out var number) && number >= min && number <= max
            ? (int)number
            : throw FaultException.Malformed(field, $"a whole number from {min} to {max}");
    }

    /// <summary>Null when absent or empty.</summary>
    public static int? WholeNumber(string field, string? text, int min, int max) =>
        string.IsNullOrEmpty(text) ? null : WholeNumber(field, text, fallback: 0, min, max);

    /// <summary>Null when absent or empty.</summary>
    public static bool? Flag(string field, string? text) => text switch
    {
        null or "" => null,
        "true" => true,
        "false" => false,
        _ => throw FaultException.Malformed(field, "true or false"),
    };

    /// <summary>A string member; null when absent, null or empty.</summary>
    public static string? Member(JsonElement body, string name)
    {
        if (!TryMember(body, name, out var member))
            return null;
        return TextOf(member, name) is { Length: > 0 } text ? text : null;
    }

    private static string TextOf(JsonElement member, string name)
    {
        if (member.ValueKind is not JsonValueKind.String)
            throw FaultException.Malformed(name, "a string");

        try
        {
            return member.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw FaultException.Malformed(name, "valid Unicode");
        }
    }

    /// <summary>A string member within the bounds of <see cref="Optional"/>; null when absent, null or empty.</summary>
    public static string? Member(JsonElement body, string name, int lengthMax) => Optional(name, Member(body, name), lengthMax);

    /// <summary>A boolean member; null when absent or null.</summary>
    public static bool? FlagMember(JsonElement body, string name)
    {
        if (!TryMember(body, name, out var member))
            return null;

        return member.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw FaultException.Malformed(name, "true or false"),
        };
    }

    private static bool TryMember(JsonElement body, string name, out JsonElement member) =>
        body.TryGetProperty(name, out member) && member.ValueKind is not JsonValueKind.Null;
}
