using System.Text.Json;
using Rollcall.Core;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>The body of a request for a token (contract 6.1), read member by member.</summary>
internal sealed record TokenRequest
{
    private const int TextLengthMax = 256;

    public required string? UserName { get; init; }

    /// <summary>The operator's number as text, in place of a name.</summary>
    public required string? UserId { get; init; }

    public required NamedThing? UserDomain { get; init; }
    public required string Password { get; init; }
    public required NamedThing? Project { get; init; }
    public required NamedThing? Domain { get; init; }

    public static TokenRequest Read(JsonElement body)
    {
        var auth = Object(body, "auth", "auth");
        var identity = Object(auth, "identity", "auth.identity");
        if (!identity.TryGetProperty("methods", out var methods) || methods.ValueKind is not JsonValueKind.Array
            || methods.GetArrayLength() != 1 || !IsPassword(methods[0]))
        {
            throw FaultException.Malformed("auth.identity.methods", "[\"password\"]: this server knows no other method");
        }

        var user = Object(Object(identity, "password", "auth.identity.password"), "user", "auth.identity.password.user");
        var name = Text(user, "name", "auth.identity.password.user.name");
        var id = Text(user, "id", "auth.identity.password.user.id");
        if (name is null && id is null)
            throw FaultException.Malformed("auth.identity.password.user.name", "present");

        var scope = Optional(auth, "scope", "auth.scope");
        return new TokenRequest
        {
            UserName = name,
            UserId = id,
            UserDomain = Thing(user, "domain", "auth.identity.password.user.domain"),
            Password = Text(user, "password", "auth.identity.password.user.password")
                ?? throw FaultException.Malformed("auth.identity.password.user.password", "present"),
            Project = scope is { } s ? Thing(s, "project", "auth.scope.project") : null,
            Domain = scope is { } t ? Thing(t, "domain", "auth.scope.domain") : null,
        };
    }

    private static bool IsPassword(JsonElement method)
    {
        try
        {
            return method.ValueKind is JsonValueKind.String && method.GetString() is "password";
        }
        catch (InvalidOperationException)
        {
            return false; // not valid Unicode
        }
    }

    private static NamedThing? Thing(JsonElement parent, string name, string path)
    {
        if (Optional(parent, name, path) is not { } member)
            return null;

        var thing = new NamedThing(Text(member, "id", path + ".id"), Text(member, "name", path + ".name"));
        return thing is { Id: null, Name: null } ? throw FaultException.Malformed(path, "an object with an id or a name") : thing;
    }

    private static JsonElement Object(JsonElement parent, string name, string path) =>
        Optional(parent, name, path) ?? throw FaultException.Malformed(path, "an object");

    private static JsonElement? Optional(JsonElement parent, string name, string path)
    {
        if (!parent.TryGetProperty(name, out var member) || member.ValueKind is JsonValueKind.Null)
            return null;

        return member.ValueKind is JsonValueKind.Object ? member : throw FaultException.Malformed(path, "an object");
    }

    private static string? Text(JsonElement parent, string name, string path)
    {
        if (WorkspaceText.Member(parent, name) is not { } text)
            return null;

        return text.Length <= TextLengthMax ? text : throw FaultException.Malformed(path, $"at most {TextLengthMax} characters long");
    }
}

/// <summary>A project or a domain by id, by name, or both; at least one is there.</summary>
internal sealed record NamedThing(string? Id, string? Name);
