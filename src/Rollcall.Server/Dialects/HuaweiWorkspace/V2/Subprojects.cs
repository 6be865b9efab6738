using Rollcall.Core;
using Rollcall.Core.Users;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>The enterprise project of each user that the directory gives one, for rows that know the user by name.</summary>
internal sealed class Subprojects
{
    private readonly Dictionary<string, string> byKey = new(StringComparer.Ordinal);

    /// <summary>Holds the users that have one, so it grows with the directory and not with the rows.</summary>
    public static async Task<Subprojects> LoadAsync(IUserDirectory directory, TenantId tenant, CancellationToken cancel)
    {
        var all = new Subprojects();
        await foreach (var user in directory.ScanAsync(new UserQuery(tenant), cancel))
        {
            if (user.Subproject is { } subproject)
                all.byKey[NameKey.Of(user.Name)] = subproject;
        }

        return all;
    }

    /// <summary>By the name as the source wrote it, else by the plain name in it; null when the directory gives none.</summary>
    public string? Of(string user) => byKey.GetValueOrDefault(NameKey.Of(user)) ?? byKey.GetValueOrDefault(NameKey.OfPlain(user));
}
