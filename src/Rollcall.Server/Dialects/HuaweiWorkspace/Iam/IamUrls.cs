namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>Addresses of this service as the caller sees it.</summary>
internal static class IamUrls
{
    public static string BaseOf(HttpRequest request) => $"{request.Scheme}://{request.Host}";

    /// <summary>The list that was asked for, its filter included.</summary>
    public static string SelfOf(HttpRequest request) => $"{BaseOf(request)}{request.Path}{request.QueryString}";
}
