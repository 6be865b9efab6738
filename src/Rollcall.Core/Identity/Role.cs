using System.Collections.Frozen;

namespace Rollcall.Core.Identity;

/// <summary>A built-in set of permissions.</summary>
public enum Role
{
    /// <summary>Sees nothing but its own sessions.</summary>
    Self = 0,

    /// <summary>Everything in its tenant.</summary>
    Administrator,

    /// <summary>Reads and exports.</summary>
    Auditor,

    /// <summary>Reads, and closes sessions.</summary>
    Helpdesk,

    /// <summary>Sends events, reads nothing.</summary>
    Agent,
}

/// <summary>What each role may, and how roles are spelled.</summary>
public static class Roles
{
    private static readonly FrozenSet<Permission> Reads =
        [Permission.ReadSessions, Permission.ReadConnections, Permission.ReadUsers, Permission.ReadHosts, Permission.ReadExports, Permission.DownloadExports];

    /// <summary>Who answers the telephone closes what a dead host left open.</summary>
    private static readonly FrozenSet<Permission> ReadsAndCloses = [.. Reads, Permission.CloseSessions];

    private static readonly FrozenSet<Permission> Exports =
        [.. Reads, Permission.ExportSessions, Permission.ExportConnections, Permission.DeleteExports];

    /// <summary>All of a tenant. <see cref="Permission.ManageTenants"/> is no role's: the server's administrator has it by itself.</summary>
    private static readonly FrozenSet<Permission> Everything =
        [.. Exports, Permission.WriteUsers, Permission.AppendEvents, Permission.ReadSignIns, Permission.ManageOperators, Permission.CloseSessions, Permission.CorrectSessions,
        Permission.ManageRetention];

    public static IReadOnlySet<Permission> PermissionsOf(Role role) => role switch
    {
        Role.Administrator => Everything,
        Role.Auditor => Exports,
        Role.Helpdesk => ReadsAndCloses,
        Role.Agent => FrozenSet.Create(Permission.AppendEvents),
        Role.Self => FrozenSet<Permission>.Empty,
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "not a role"),
    };

    /// <summary>Lower case, as the native API spells it.</summary>
    public static string NameOf(Role role) => role switch
    {
        Role.Administrator => "administrator",
        Role.Auditor => "auditor",
        Role.Helpdesk => "helpdesk",
        Role.Agent => "agent",
        Role.Self => "self",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "not a role"),
    };

    public static bool TryParse(string? text, out Role role)
    {
        foreach (var candidate in Enum.GetValues<Role>())
        {
            role = candidate;
            if (string.Equals(NameOf(candidate), text, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        role = default;
        return false;
    }
}
