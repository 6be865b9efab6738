using Rollcall.Core.Users;

namespace Rollcall.Server.Dialects.Native;

/// <summary>A user of the directory on the wire.</summary>
internal sealed record UserJson
{
    public required string Id { get; init; }
    public string? Sid { get; init; }
    public required string Name { get; init; }
    public string? Domain { get; init; }
    public string? FullName { get; init; }
    public string? Email { get; init; }
    public string? Phone { get; init; }
    public string? Description { get; init; }

    /// <summary><c>self</c> or <c>administrator</c>.</summary>
    public required string Activation { get; init; }

    public required bool Invited { get; init; }
    public required bool Enabled { get; init; }
    public required bool Locked { get; init; }
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>Null means never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    public required bool PasswordNeverExpires { get; init; }
    public required bool MayChangePassword { get; init; }
    public required bool MustChangePassword { get; init; }
    public required int Desktops { get; init; }
    public required bool Sharing { get; init; }
    public required int SharedDesktops { get; init; }
    public string? Subproject { get; init; }

    public static UserJson From(User user) => new()
    {
        Id = user.Id,
        Sid = user.Sid,
        Name = user.Name,
        Domain = user.Domain,
        FullName = user.FullName,
        Email = user.Email,
        Phone = user.Phone,
        Description = user.Description,
        Activation = user.Activation is Core.Users.Activation.Administrator ? "administrator" : "self",
        Invited = user.Invited,
        Enabled = user.Enabled,
        Locked = user.Locked,
        Groups = user.Groups,
        ExpiresAt = user.ExpiresAt,
        PasswordNeverExpires = user.PasswordNeverExpires,
        MayChangePassword = user.MayChangePassword,
        MustChangePassword = user.MustChangePassword,
        Desktops = user.Desktops,
        Sharing = user.Sharing,
        SharedDesktops = user.SharedDesktops,
        Subproject = user.Subproject,
    };
}

internal sealed record UserListJson(IReadOnlyList<UserJson> Items, string? NextCursor, long? Count);

/// <summary>What became of an imported file.</summary>
internal sealed record UserImportJson(int Created, int Updated, int Unchanged, IReadOnlyList<RejectedLineJson> Rejected);

/// <summary>One line that was not taken; the first line of a file is 1.</summary>
internal sealed record RejectedLineJson(int Line, string? Field, string Reason);
