using Rollcall.Core.Identity;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>On a route: what the vendor calls the action that this permission is for here.</summary>
internal sealed record WorkspaceAction(Permission Permission, string Name);

/// <summary>The vendor's names for what an operator may do (contract 6.7).</summary>
internal static class WorkspaceActions
{
    /// <summary>Names the action that a refusal is about, where it is not the one that <see cref="NameOf(Permission)"/> gives.</summary>
    public static TBuilder Needs<TBuilder>(this TBuilder route, Permission permission, string action)
        where TBuilder : IEndpointConventionBuilder => route.WithMetadata(new WorkspaceAction(permission, action));

    /// <summary>The route's own name for it before the general one; the nearest to the route counts.</summary>
    public static string NameOf(HttpContext context, Permission permission) =>
        context.GetEndpoint()?.Metadata.GetOrderedMetadata<WorkspaceAction>().LastOrDefault(action => action.Permission == permission)?.Name
        ?? NameOf(permission);

    public static string NameOf(Permission permission) => permission switch
    {
        Permission.ReadSessions => "workspace:session:listSessions",
        Permission.ExportSessions => "workspace:session:exportSessions",
        Permission.ReadConnections => "workspace:connections:securityList",
        Permission.ExportConnections => "workspace:connections:securityExport",
        Permission.ReadUsers => "workspace:users:list",
        Permission.WriteUsers => "workspace:users:create",
        Permission.ReadExports => "workspace:tenants:listExportTasks",
        Permission.DownloadExports => "workspace:tenants:exportData",
        Permission.DeleteExports => "workspace:tenants:deleteExportTasks",
        Permission.AppendEvents => "rollcall:events:append",
        Permission.ReadSignIns => "rollcall:signIns:list",
        Permission.ManageOperators => "rollcall:operators:manage",
        Permission.CloseSessions => "rollcall:sessions:close",
        Permission.CorrectSessions => "rollcall:sessions:correct",
        Permission.ReadHosts => "rollcall:hosts:list",
        Permission.ManageRetention => "rollcall:retention:manage",
        Permission.ManageTenants => "rollcall:tenants:manage",
    };
}
