using System.Text;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>The web services whose paths are this dialect's (contract, section 5).</summary>
internal static class CommvaultRoots
{
    public static readonly IReadOnlyList<string> All =
        ["/commandcenter/api", "/webconsole/api", "/SearchSvc/CVWebService.svc", "/WebServerCore", "/commandcenter/RestServlet"];

    public static bool Own(PathString path) => All.Any(root => path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Takes doubled slashes out of paths under these roots, before anything asks whose path it is: clients join a root that ends in a slash
    /// with a path that begins with one (contract, section 5). Other paths stay as they came.
    /// </summary>
    public static void UseCommvaultPaths(this WebApplication app) => app.Use(static (HttpContext context, RequestDelegate next) =>
    {
        var collapsed = Collapse(context.Request.Path);
        if (Own(collapsed))
            context.Request.Path = collapsed;
        return next(context);
    });

    internal static PathString Collapse(PathString path)
    {
        if (path.Value is not { } text || !text.Contains("//", StringComparison.Ordinal))
            return path;

        var single = new StringBuilder(text.Length);
        foreach (var character in text)
        {
            if (character != '/' || single.Length == 0 || single[^1] != '/')
                single.Append(character);
        }

        return new PathString(single.ToString());
    }
}
