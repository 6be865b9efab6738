namespace Rollcall.Core.Identity;

/// <summary>One thing an operator may be allowed to do in a tenant. Each dialect has its vendor's word for it.</summary>
public enum Permission
{
    ReadSessions = 1,
    ExportSessions,
    ReadConnections,
    ExportConnections,

    /// <summary>List the directory and write it out.</summary>
    ReadUsers,
    WriteUsers,
    ReadExports,

    /// <summary>Fetch a finished file; the permission to make such a file is asked for again.</summary>
    DownloadExports,
    DeleteExports,

    /// <summary>Send events about hosts, sessions and sign-ins.</summary>
    AppendEvents,

    /// <summary>See the sign-ins of other operators.</summary>
    ReadSignIns,

    /// <summary>Make, list and remove operators, API tokens and access keys.</summary>
    ManageOperators,

    /// <summary>Say that a session is over whose host never will.</summary>
    CloseSessions,

    /// <summary>Say when a session really began or ended.</summary>
    CorrectSessions,

    /// <summary>See hosts, host groups and how the ledger is fed.</summary>
    ReadHosts,

    /// <summary>Say how long history is kept.</summary>
    ManageRetention,

    /// <summary>Make and list tenants: the server's administrator only.</summary>
    ManageTenants,
}
