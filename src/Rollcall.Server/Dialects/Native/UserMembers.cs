using System.Collections.Frozen;
using Rollcall.Core;
using Rollcall.Core.Users;
using Rollcall.Server.Ingest;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Sets a user's members by name from text: the CSV's columns and, as JSON, the body of PUT.</summary>
internal static class UserMembers
{
    public const int NameLengthMax = 256;
    public const int TextLengthMax = 1024;
    public const int GroupsMax = 256;

    private const int DesktopsMax = 1_000_000;

    /// <summary>Members that JSON writes as text.</summary>
    public static readonly FrozenSet<string> Texts =
        ["sid", "domain", "full_name", "email", "phone", "description", "activation", "expires_at", "subproject"];

    /// <summary>Members that JSON writes as true or false.</summary>
    public static readonly FrozenSet<string> Flags =
        ["invited", "enabled", "locked", "password_never_expires", "may_change_password", "must_change_password", "sharing"];

    /// <summary>Members that JSON writes as numbers.</summary>
    public static readonly FrozenSet<string> Numbers = ["desktops", "shared_desktops"];

    /// <summary>Every member but <c>id</c> and <c>name</c>.</summary>
    public static readonly FrozenSet<string> Names = [.. Texts, .. Flags, .. Numbers, "groups"];

    /// <summary>The name a user may have: it is an address in the API, so it holds no control characters.</summary>
    public static string CheckName(string name) =>
        name.Length is >= 1 and <= NameLengthMax && !name.Any(character => char.IsControl(character) || character is '/')
        && !name.Contains("%2F", StringComparison.OrdinalIgnoreCase) // a slash that routing left escaped
            ? name
            : throw new MemberException("name", $"must have 1 to {NameLengthMax} characters without slashes and control characters");

    /// <param name="text">Null or empty clears the member.</param>
    public static User With(User user, string member, string? text) => member switch
    {
        "sid" => user with { Sid = Text(member, text) },
        "domain" => user with { Domain = Text(member, text) },
        "full_name" => user with { FullName = Text(member, text) },
        "email" => user with { Email = Text(member, text) },
        "phone" => user with { Phone = Text(member, text) },
        "description" => user with { Description = Text(member, text) },
        "activation" => user with { Activation = ActivationOf(text) },
        "invited" => user with { Invited = Flag(member, text, fallback: false) },
        "enabled" => user with { Enabled = Flag(member, text, fallback: true) },
        "locked" => user with { Locked = Flag(member, text, fallback: false) },
        "groups" => user with { Groups = GroupsOf(text?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? []) },
        "expires_at" => user with { ExpiresAt = Instant(member, text) },
        "password_never_expires" => user with { PasswordNeverExpires = Flag(member, text, fallback: false) },
        "may_change_password" => user with { MayChangePassword = Flag(member, text, fallback: true) },
        "must_change_password" => user with { MustChangePassword = Flag(member, text, fallback: false) },
        "desktops" => user with { Desktops = Number(member, text) },
        "sharing" => user with { Sharing = Flag(member, text, fallback: false) },
        "shared_desktops" => user with { SharedDesktops = Number(member, text) },
        "subproject" => user with { Subproject = Text(member, text) },
        _ => throw new MemberException(member, "is not a member of a user"),
    };

    public static IReadOnlyList<string> GroupsOf(IReadOnlyList<string> groups)
    {
        if (groups.Count > GroupsMax || groups.Any(name => name.Length is 0 or > NameLengthMax || name.Any(character => char.IsControl(character) || character is ';')))
            throw new MemberException("groups", $"must be at most {GroupsMax} names of 1 to {NameLengthMax} characters without semicolons and control characters");
        return groups;
    }

    private static string? Text(string member, string? text) => text?.Length > TextLengthMax
        ? throw new MemberException(member, $"must have at most {TextLengthMax} characters")
        : string.IsNullOrEmpty(text) ? null : text;

    private static bool Flag(string member, string? text, bool fallback) => text?.ToLowerInvariant() switch
    {
        null or "" => fallback,
        "true" => true,
        "false" => false,
        _ => throw new MemberException(member, "must be true or false"),
    };

    private static int Number(string member, string? text)
    {
        if (string.IsNullOrEmpty(text))
            return 0;

        return DecimalText.TryParse(text, out var number) && number <= DesktopsMax
            ? (int)number
            : throw new MemberException(member, $"must be a whole number from 0 to {DesktopsMax}");
    }

    private static Activation ActivationOf(string? text) => text?.ToLowerInvariant() switch
    {
        null or "" or "self" => Activation.Self,
        "administrator" => Activation.Administrator,
        _ => throw new MemberException("activation", "must be self or administrator"),
    };

    private static DateTimeOffset? Instant(string member, string? text)
    {
        try
        {
            return string.IsNullOrEmpty(text) ? null : NativeQuery.Instant(member, text);
        }
        catch (FaultException)
        {
            throw new MemberException(member, "must be an RFC 3339 time with a zone");
        }
    }
}
