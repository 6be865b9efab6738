using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>What clients ask about the server itself before they ask anything else; known in JSON only (D0051).</summary>
internal static class ServerRoutes
{
    public static void MapServer(this RouteGroupBuilder root)
    {
        root.MapGet("CommServ", DescribeAsync).WithSummary("Name, version and time zone of this server");
        root.MapGet("Security/TwoFactorAuth/Status", TwoFactor)
            .WithMetadata(new ApiParameter("username", ParameterLocation.Query, "Not looked at: the answer is the same for everybody"))
            .WithSummary("Whether a second factor is asked for: never");
    }

    private static async Task<JsonHttpResult<CommServJson>> DescribeAsync(
        CommvaultCaller caller, IIdentityStore identities, ServerOptions options, TimeProvider clock, CancellationToken cancel)
    {
        // The first operator's tenant is as old as the ledger and is never removed: what is made of it names this ledger and no other.
        var first = await identities.TryGetOperatorAsync(Bootstrap.FirstOperatorId, cancel) ?? caller.Caller.Operator;
        var key = $"server:{first?.Tenant ?? caller.Caller.Tenant}";
        return TypedResults.Json(CommServJson.Of(options.Domain, StableGuid.Of(key), clock), CommvaultJson.Wire.CommServJson);
    }

    /// <summary>A constant (contract 3.7, D0053), and for nobody without a token.</summary>
    private static JsonHttpResult<TwoFactorJson> TwoFactor(CommvaultCaller caller) =>
        TypedResults.Json(TwoFactorJson.Never, CommvaultJson.Wire.TwoFactorJson);
}

/// <summary>Rollcall by the members that clients cannot do without (contract 3.6). The values are Rollcall's own, none the vendor's (D0052).</summary>
internal sealed record CommServJson
{
    [JsonPropertyName("hostName")] public required string HostName { get; init; }
    [JsonPropertyName("commcell")] public required CommCellJson CommCell { get; init; }
    [JsonPropertyName("csTimeZone")] public required TimeZoneJson TimeZoneEntity { get; init; }

    /// <summary>Old clients look for a bracket in it.</summary>
    [JsonPropertyName("timeZone")] public required string TimeZone { get; init; }

    /// <summary>Rollcall's version, three numbers.</summary>
    [JsonPropertyName("csVersionInfo")] public required string VersionInfo { get; init; }

    /// <summary>Its first number: a service pack of the vendor's would promise what is not here.</summary>
    [JsonPropertyName("currentSPVersion")] public required int ServicePack { get; init; }
    [JsonPropertyName("releaseName")] public string ReleaseName { get; init; } = "Rollcall";

    public static CommServJson Of(string domain, string guid, TimeProvider clock)
    {
        var version = typeof(CommServJson).Assembly.GetName().Version!;
        var zone = clock.LocalTimeZone;
        var offset = zone.GetUtcOffset(clock.GetUtcNow());
        var sign = offset < TimeSpan.Zero ? '-' : '+';
        return new CommServJson
        {
            HostName = Environment.MachineName,
            CommCell = new CommCellJson(domain, guid),
            TimeZoneEntity = new TimeZoneJson(zone.Id),
            TimeZone = $@"(UTC{sign}{offset:hh\:mm}) {zone.Id}",
            VersionInfo = version.ToString(3),
            ServicePack = version.Major,
        };
    }
}

internal sealed record CommCellJson(
    [property: JsonPropertyName("commCellName")] string Name,
    [property: JsonPropertyName("csGUID")] string Guid)
{
    /// <summary>2 stands for the server itself in a recorded answer.</summary>
    [JsonPropertyName("commCellId")] public int Id { get; init; } = 2;
}

internal sealed record TimeZoneJson([property: JsonPropertyName("TimeZoneName")] string Name);

/// <summary>Whether a second factor is asked for.</summary>
internal sealed record TwoFactorJson(
    [property: JsonPropertyName("errorCode")] int ErrorCode,
    [property: JsonPropertyName("twoFactorInfo")] TwoFactorInfoJson Info)
{
    public static TwoFactorJson Never { get; } = new(0, new TwoFactorInfoJson(IsEnabled: false));
}

internal sealed record TwoFactorInfoJson([property: JsonPropertyName("isTwoFactorAuthenticationEnabled")] bool IsEnabled);
