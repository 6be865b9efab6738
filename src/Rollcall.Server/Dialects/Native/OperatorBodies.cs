using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Identity;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Reads the members of the bodies that make operators, tokens and keys.</summary>
internal static class OperatorBodies
{
    public const int NameLengthMax = 128;

    private const int PasswordLengthMin = 8;
    public const int PasswordLengthMax = 256;

    public static string Name(JsonElement body) => Text(body, "name") is { Length: >= 1 and <= NameLengthMax } name && !name.Any(char.IsControl)
        ? name
        : throw FaultException.Malformed("name", $"1 to {NameLengthMax} characters without control characters");

    /// <summary>Null when absent: an operator without a password signs with a key.</summary>
    public static string? Password(JsonElement body) => Text(body, "password") switch
    {
        null => null,
        { Length: >= PasswordLengthMin and <= PasswordLengthMax } password => password,
        _ => throw FaultException.Malformed("password", $"{PasswordLengthMin} to {PasswordLengthMax} characters"),
    };

    public static IReadOnlyList<Role> RolesOf(JsonElement body)
    {
        if (!body.TryGetProperty("roles", out var roles) || roles.ValueKind is not JsonValueKind.Array || roles.GetArrayLength() is 0 or > 8)
            throw BadRoles();

        return [.. roles.EnumerateArray().Select(item =>
            item.ValueKind is JsonValueKind.String && Roles.TryParse(TextOf(item, "roles"), out var role) ? role : throw BadRoles()).Distinct()];
    }

    public static string? Text(JsonElement body, string name)
    {
        if (!body.TryGetProperty(name, out var member) || member.ValueKind is JsonValueKind.Null)
            return null;
        if (member.ValueKind is not JsonValueKind.String)
            throw FaultException.Malformed(name, "a string");

        return TextOf(member, name);
    }

    private static string? TextOf(JsonElement text, string name)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            throw FaultException.Malformed(name, "valid Unicode");
        }
    }

    private static FaultException BadRoles() =>
        FaultException.Malformed("roles", $"an array of {string.Join(", ", Enum.GetValues<Role>().Select(Roles.NameOf))}");
}

internal sealed record NewOperatorJson(string Name, string? Password, IReadOnlyList<Role> Roles)
{
    public static NewOperatorJson Read(JsonElement body) =>
        new(OperatorBodies.Name(body), OperatorBodies.Password(body), OperatorBodies.RolesOf(body));
}

internal sealed record NewTokenJson(string Name, IReadOnlyList<Role> Roles, DateTimeOffset? ExpiresAt)
{
    public static NewTokenJson Read(JsonElement body) => new(
        OperatorBodies.Name(body), OperatorBodies.RolesOf(body), NativeQuery.Instant("expires_at", OperatorBodies.Text(body, "expires_at")));
}

internal sealed record NewKeyJson(long OperatorId)
{
    public static long ReadOperatorId(JsonElement body) =>
        body.TryGetProperty("operator_id", out var id) && id.ValueKind is JsonValueKind.Number && id.TryGetInt64(out var number)
            ? number
            : throw FaultException.Malformed("operator_id", "the number of an operator");
}
