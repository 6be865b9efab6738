using System.Text.Json.Serialization;
using Microsoft.OpenApi;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>Commvault's session API under all of its roots, with what its clients call before and after it.</summary>
internal static class CommvaultApi
{
    public const string Document = "commvault";

    private static readonly string[] Probes = [HttpMethods.Get, HttpMethods.Head];

    public static void MapCommvault(this WebApplication app)
    {
        foreach (var path in CommvaultRoots.All)
        {
            var root = app.MapGroup(path).WithGroupName(Document).WithTags(path)
                .WithMetadata(new ApiParameter("Authtoken", ParameterLocation.Header, "The token from Login; Login, RenewLoginToken and the root need none"));
            root.MapMethods(string.Empty, Probes, static () => TypedResults.Ok()).WithSummary("Whether the web service is there");
            root.MapLogin();
            root.MapRenewal();
            root.MapSessions();
            root.MapLogoff();
            root.MapUsers();
            root.MapServer();
        }
    }
}

/// <summary>JSON of this dialect: native types, no wrapper (contract 1.5).</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CommvaultErrorJson))]
[JsonSerializable(typeof(LoggedInJson))]
[JsonSerializable(typeof(LoginFailedJson))]
[JsonSerializable(typeof(LoggedInSessionsJson))]
[JsonSerializable(typeof(RenewedJson))]
[JsonSerializable(typeof(UserListJson))]
[JsonSerializable(typeof(WhoAmIJson))]
[JsonSerializable(typeof(CommServJson))]
[JsonSerializable(typeof(TwoFactorJson))]
internal sealed partial class CommvaultJson : JsonSerializerContext
{
    /// <summary>As it goes out: names in every script as themselves.</summary>
    public static CommvaultJson Wire => field ??= new(JsonText.Readable(Default.Options));
}
