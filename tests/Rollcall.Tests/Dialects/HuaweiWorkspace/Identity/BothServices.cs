using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Identity;

/// <summary>Classes that ask both services share one start of each.</summary>
[CollectionDefinition(nameof(BothServices))]
public sealed class BothServices : ICollectionFixture<RealKeystone>, ICollectionFixture<OurIdentity>;

/// <summary>Both answers to one request.</summary>
internal static class Both
{
    public static async Task<(Answer Theirs, Answer Mine)> AskAsync(Func<IdentityService, Task<Ask>> request, RealKeystone keystone, OurIdentity ours)
    {
        RealPart.Require(RealKeystone.Package, () => RealKeystone.IsHere);
        var theirs = await (await request(keystone.Service!)).SendAsync(keystone.Service!.Http);
        var mine = await (await request(ours.Service)).SendAsync(ours.Service.Http);
        return (theirs, mine);
    }

    /// <summary>All that a client can tell apart but values: the status, the headers that it reads, each member's path and type.</summary>
    public static IReadOnlyList<string> Facts(Answer answer)
    {
        var type = answer.ContentType?.Split(';')[0] ?? "none";
        return
        [
            $"status {answer.Status}",
            $"content {type}",
            .. answer.Header("X-Subject-Token") is null ? Array.Empty<string>() : ["a token in the header"],
            .. answer.Header("WWW-Authenticate") is { } way ? ["way in: " + way.Split('"')[0]] : Array.Empty<string>(),
            .. type is "application/json" && answer.Bytes.Length > 0 ? JsonShape.Of(answer.Json) : [$"bytes: {answer.Bytes.Length > 0}"],
        ];
    }
}
