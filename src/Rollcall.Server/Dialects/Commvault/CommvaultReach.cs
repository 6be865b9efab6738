using System.Runtime.CompilerServices;
using Rollcall.Core;
using Rollcall.Core.Identity;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>Which tenants a caller may ask about here, where no path names one: its own, or every tenant for the server's administrator.</summary>
internal static class CommvaultReach
{
    private const int TenantsPage = 1000;

    /// <summary>The caller's own first.</summary>
    public static async IAsyncEnumerable<TenantId> TenantsAsync(
        Caller caller, IIdentityStore identities, [EnumeratorCancellation] CancellationToken cancel)
    {
        yield return caller.Tenant;
        if (!caller.IsServerAdministrator)
            yield break;

        string? after = null;
        do
        {
            var page = await identities.FindTenantsAsync(after, TenantsPage, cancel);
            foreach (var tenant in page.Items.Where(tenant => tenant.Id != caller.Tenant))
                yield return tenant.Id;
            after = page.NextCursor;
        }
        while (after is not null);
    }

    /// <summary>Whether an operator is one of those; a removed one is found by its number, but is nobody any more.</summary>
    public static bool Covers(Caller caller, Operator found) => caller.IsServerAdministrator || found.Tenant == caller.Tenant;
}
