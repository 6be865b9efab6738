using System.Text.Json;
using Rollcall.Core;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>The body of a request for a token (contract 6.1), read member by member. Either a password or a token is there.</summary>
internal sealed record TokenRequest(PasswordWay? Password, string? Token, ScopeRequest Scope)
{
    private const int TextLengthMax = 256;
    private const int TokenLengthMax = 4096;

    public static TokenRequest Read(JsonElement body)
    {
        var auth = Object(body, "auth", "auth");
        var identity = Object(auth, "identity", "auth.identity");
        var scope = ScopeRequest.Read(auth);
        return MethodOf(identity) switch
        {
            "password" => new TokenRequest(PasswordWay.Read(identity), Token: null, scope),
            "token" => new TokenRequest(Password: null, ReadToken(identity), scope),
            _ => throw FaultException.Malformed("auth.identity.methods", "[\"password\"] or [\"token\"]: this server knows no other method"),
        };
    }

    private static string? MethodOf(JsonElement identity)
    {
        if (!identity.TryGetProperty("methods", out var methods) || methods.ValueKind is not JsonValueKind.Array || methods.GetArrayLength() != 1)
            return null;

        try
        {
            return methods[0].ValueKind is JsonValueKind.String ? methods[0].GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null; // not valid Unicode
        }
    }

    private static string ReadToken(JsonElement identity) =>
        Text(Object(identity, "token", "auth.identity.token"), "id", "auth.identity.token.id", TokenLengthMax)
        ?? throw FaultException.Malformed("auth.identity.token.id", "present");

    public static NamedThing? Thing(JsonElement parent, string name, string path)
    {
        if (Optional(parent, name, path) is not { } member)
            return null;

        var thing = new NamedThing(Text(member, "id", path + ".id"), Text(member, "name", path + ".name"));
        return thing is { Id: null, Name: null } ? throw FaultException.Malformed(path, "an object with an id or a name") : thing;
    }

    public static JsonElement Object(JsonElement parent, string name, string path) =>
        Optional(parent, name, path) ?? throw FaultException.Malformed(path, "an object");

    public static JsonElement? Optional(JsonElement parent, string name, string path)
    {
        if (!parent.TryGetProperty(name, out var member) || member.ValueKind is JsonValueKind.Null)
            return null;

        return member.ValueKind is JsonValueKind.Object ? member : throw FaultException.Malformed(path, "an object");
    }

    public static string? Text(JsonElement parent, string name, string path, int lengthMax = TextLengthMax)
    {
        if (WorkspaceText.Member(parent, name) is not { } text)
            return null;

        return text.Length <= lengthMax ? text : throw FaultException.Malformed(path, $"at most {lengthMax} characters long");
    }
}

/// <summary>A name or a number, and the password.</summary>
/// <param name="UserId">The operator's number as text, in place of a name.</param>
internal sealed record PasswordWay(string? UserName, string? UserId, NamedThing? UserDomain, string Password)
{
    public static PasswordWay Read(JsonElement identity)
    {
        const string Path = "auth.identity.password.user";
        var user = TokenRequest.Object(TokenRequest.Object(identity, "password", "auth.identity.password"), "user", Path);
        var name = TokenRequest.Text(user, "name", Path + ".name");
        var id = TokenRequest.Text(user, "id", Path + ".id");
        if (name is null && id is null)
            throw FaultException.Malformed(Path + ".name", "present");

        return new PasswordWay(
            name,
            id,
            TokenRequest.Thing(user, "domain", Path + ".domain"),
            TokenRequest.Text(user, "password", Path + ".password") ?? throw FaultException.Malformed(Path + ".password", "present"));
    }
}

/// <summary>What the token shall be good for: a project, or nothing yet, or else the domain.</summary>
internal sealed record ScopeRequest(NamedThing? Project, NamedThing? Domain, bool IsUnscoped)
{
    private const string Path = "auth.scope";

    public static ScopeRequest Read(JsonElement auth)
    {
        if (!auth.TryGetProperty("scope", out var scope) || scope.ValueKind is JsonValueKind.Null)
            return new ScopeRequest(Project: null, Domain: null, IsUnscoped: false); // the domain (D0042)
        if (scope.ValueKind is JsonValueKind.String)
            return WorkspaceText.Member(auth, "scope") is "unscoped" ? new ScopeRequest(Project: null, Domain: null, IsUnscoped: true) : throw NoScope();
        if (scope.ValueKind is not JsonValueKind.Object)
            throw NoScope();

        var project = TokenRequest.Thing(scope, "project", Path + ".project");
        var projectDomain = project is null ? null : TokenRequest.Thing(scope.GetProperty("project"), "domain", Path + ".project.domain");
        var domain = TokenRequest.Thing(scope, "domain", Path + ".domain");
        var isUnscoped = TokenRequest.Optional(scope, "unscoped", Path + ".unscoped") is not null; // older clients send an object
        var kinds = (project is null ? 0 : 1) + (domain is null ? 0 : 1) + (isUnscoped ? 1 : 0);
        return kinds == 1 ? new ScopeRequest(project, domain ?? projectDomain, isUnscoped) : throw NoScope();
    }

    private static FaultException NoScope() => FaultException.Malformed(Path, "one of project, domain and \"unscoped\"");
}

/// <summary>A project or a domain by id, by name, or both; at least one is there.</summary>
internal sealed record NamedThing(string? Id, string? Name);
