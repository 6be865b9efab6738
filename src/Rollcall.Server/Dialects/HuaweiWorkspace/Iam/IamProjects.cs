using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>The projects that an operator may have a token for: its own; the server's administrator has them all.</summary>
internal sealed class IamProjects(IIdentityStore identities, ServerOptions options)
{
    /// <summary>Projects that one list names, and among which a name is looked for: beyond it, the server's administrator asks by id.</summary>
    public const int ListedMax = 1000;

    /// <summary>The operator's own first.</summary>
    /// <param name="cancel">Cancels the look-up.</param>
    public async Task<IReadOnlyList<Tenant>> AllAsync(Operator holder, CancellationToken cancel)
    {
        var own = await identities.TryGetTenantAsync(holder.Tenant, cancel);
        if (own is null)
            return [];
        if (!holder.IsServerAdministrator)
            return [own];

        var all = await identities.FindTenantsAsync(after: null, ListedMax, cancel);
        return [own, .. all.Items.Where(tenant => tenant.Id != own.Id).Take(ListedMax - 1)];
    }

    /// <summary>By id; null when there is none, or none for this operator.</summary>
    public async Task<Tenant?> TryGetAsync(string id, Operator holder, CancellationToken cancel) =>
        TenantId.TryParse(id, out var tenant) && (holder.IsServerAdministrator || tenant == holder.Tenant)
            ? await identities.TryGetTenantAsync(tenant, cancel)
            : null;

    /// <summary>By id, by the tenant's name, or by the region, which SDKs send as a name and which means the operator's own project.</summary>
    public async Task<Tenant?> TryFindAsync(NamedThing asked, Operator holder, CancellationToken cancel)
    {
        if (asked.Id is { } id)
        {
            var found = await TryGetAsync(id, holder, cancel);
            return found is not null && (asked.Name is null || IsNamed(found, asked.Name, holder)) ? found : null;
        }

        return (await AllAsync(holder, cancel)).FirstOrDefault(tenant => IsNamed(tenant, asked.Name!, holder));
    }

    private bool IsNamed(Tenant tenant, string name, Operator holder) =>
        (tenant.Id == holder.Tenant && name == options.Huawei.Region) || NameKey.Of(name) == NameKey.Of(tenant.Name);
}
