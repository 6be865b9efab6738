using System.Text.Json;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Identity;

/// <summary>What a client's types are made from: every member's path and JSON type.</summary>
internal static class JsonShape
{
    /// <summary>Of arrays, what all elements have together; an empty one is a fact too.</summary>
    public static IReadOnlyList<string> Of(JsonElement element) => [.. Paths(element, string.Empty).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Paths(JsonElement element, string path) => element.ValueKind switch
    {
        JsonValueKind.Object when element.EnumerateObject().Any() => element.EnumerateObject().SelectMany(member => Paths(member.Value, $"{path}.{member.Name}")),
        JsonValueKind.Array when element.GetArrayLength() > 0 => element.EnumerateArray().SelectMany(item => Paths(item, path + "[]")),
        JsonValueKind.True or JsonValueKind.False => [$"{path} Boolean"],
        var kind => [$"{path} {kind}"],
    };
}
