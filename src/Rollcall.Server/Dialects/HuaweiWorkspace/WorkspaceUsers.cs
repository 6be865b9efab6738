using Rollcall.Core;
using Rollcall.Core.Users;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>What every operation on users reads and writes alike.</summary>
internal static class WorkspaceUsers
{
    /// <summary>The enterprise project of all that have no other (contract 3.3).</summary>
    private const string DefaultProject = "0";

    /// <summary>Whole names in one filter. Our choice: what the vendor's list of desktops takes; more do not fit into an address either.</summary>
    public const int NamesMax = 100;

    public const int NameLengthMax = 255; // contract 3.3

    private const string SelfActivated = "USER_ACTIVATE", AdministratorActivated = "ADMIN_ACTIVATE";

    /// <summary>In any case (D0016); null stays null.</summary>
    public static Activation? ActivationOf(string? type) => type?.ToUpperInvariant() switch
    {
        null => null,
        SelfActivated => Activation.Self,
        AdministratorActivated => Activation.Administrator,
        _ => throw FaultException.Malformed("active_type", "USER_ACTIVATE or ADMIN_ACTIVATE"),
    };

    public static string WordOf(Activation activation) => activation switch
    {
        Activation.Self => SelfActivated,
        Activation.Administrator => AdministratorActivated,
    };

    /// <summary>Null stays null (D0065).</summary>
    public static SubprojectFilter? SubprojectOf(string? enterpriseProjectId) =>
        enterpriseProjectId is null ? null : new SubprojectFilter(enterpriseProjectId, IsDefault: enterpriseProjectId is DefaultProject);
}
