using System.Text.Json;

namespace Rollcall.Server.Ingest;

/// <summary>A member of a document is not what it must be.</summary>
internal sealed class MemberException(string field, string message) : Exception(message)
{
    /// <summary>The member as a path from the document's root.</summary>
    public string Field { get; } = field;
}

/// <summary>Reads members of a JSON object and says by path which one is wrong. A null member is an absent one.</summary>
internal readonly struct JsonMembers
{
    private readonly JsonElement element;
    private readonly string path;

    private JsonMembers(JsonElement element, string path) => (this.element, this.path) = (element, path);

    public static JsonMembers Of(JsonElement element, string path) => element.ValueKind is JsonValueKind.Object
        ? new JsonMembers(element, path)
        : throw new MemberException(path, "must be an object");

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    public JsonMembers? Object(string name) => Find(name) is { } member ? Of(member, PathOf(name)) : null;

    public JsonMembers RequiredObject(string name) => Object(name) ?? throw new MemberException(PathOf(name), "is required");

    /// <summary>Null when absent.</summary>
    public List<JsonMembers>? Objects(string name, int countMax)
    {
        if (Find(name) is not { } member)
            return null;
        if (member.ValueKind is not JsonValueKind.Array)
            throw new MemberException(PathOf(name), "must be an array");
        if (member.GetArrayLength() > countMax)
            throw new MemberException(PathOf(name), $"must have at most {countMax} elements");

        var itemPath = PathOf(name);
        return [.. member.EnumerateArray().Select((item, index) => Of(item, $"{itemPath}[{index}]"))];
    }

    /// <summary>Null when absent or empty.</summary>
    public string? Text(string name, int lengthMax)
    {
        if (Find(name) is not { } member)
            return null;
        if (member.ValueKind is not JsonValueKind.String)
            throw new MemberException(PathOf(name), "must be a string");

        var text = Decode(member, PathOf(name));
        if (text.Length > lengthMax)
            throw new MemberException(PathOf(name), $"must have at most {lengthMax} characters");
        return text.Length == 0 ? null : text;
    }

    public string RequiredText(string name, int lengthMax) =>
        Text(name, lengthMax) ?? throw new MemberException(PathOf(name), "is required and must not be empty");

    /// <summary>A whole number from 0 to <paramref name="max"/>; null when absent.</summary>
    public int? Number(string name, int max)
    {
        if (Find(name) is not { } member)
            return null;

        return member.ValueKind is JsonValueKind.Number && member.TryGetInt32(out var number) && number >= 0 && number <= max
            ? number
            : throw new MemberException(PathOf(name), $"must be a whole number from 0 to {max}");
    }

    private JsonElement? Find(string name)
    {
        try
        {
            return element.TryGetProperty(name, out var member) && member.ValueKind is not JsonValueKind.Null ? member : null;
        }
        catch (InvalidOperationException)
        {
            throw new MemberException(path, "has a member whose name is not valid Unicode");
        }
    }

    private static string Decode(JsonElement member, string path)
    {
        try
        {
            return member.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new MemberException(path, "must be valid Unicode: it holds half a surrogate pair or bytes that are not UTF-8");
        }
    }
}
