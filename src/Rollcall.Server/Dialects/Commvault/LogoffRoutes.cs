using System.Text.Json.Serialization;
using System.Xml;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>Logging off by session id: <c>DELETE Sessions</c>, all of the named or none (D0056, D0057).</summary>
internal static class LogoffRoutes
{
    public static void MapLogoff(this RouteGroupBuilder root)
    {
        foreach (var spelling in SessionRoutes.Spellings)
        {
            root.MapDelete(spelling, LogOffAsync)
                .Accepts<LogoffMembersJson>(isOptional: true, CommvaultBody.JsonType, CommvaultBody.XmlType, RequestBody.AnyType)
                .Produces<LoggedOffJson>(StatusCodes.Status200OK, "application/json", "application/xml")
                .WithSummary("Log sessions off")
                .WithDescription("Those of others need the role administrator. Unknown ids are passed over; one that may not be logged off spares them all.");
        }
    }

    private static async Task<IResult> LogOffAsync(
        CommvaultCaller caller, HttpRequest request, SignInDesk desk, IIdentityStore identities, CancellationToken cancel)
    {
        var bytes = await RequestBody.ReadAsync(request, RequestBody.SmallBytesMax, cancel);
        var wire = LogoffRequest.Read(request.ContentType, bytes);
        var found = await FindAsync(caller.Caller, wire.SignIns, desk, identities, cancel);
        if (found.Any(signIn => !IsOwn(caller.Caller, signIn)))
            caller.Caller.Demand(Permission.ManageOperators);
        if (found.Any(signIn => signIn is { Scope: SignInScope.Foreign, SignedOutAt: null }))
            throw FaultException.Conflict("A session that another console reported can only be logged off there; no session was logged off");

        await desk.EndAsync(found, cancel);
        return new CommvaultResult(LoggedOffJson.Done);
    }

    private static async Task<List<SignIn>> FindAsync(
        Caller caller, IReadOnlyCollection<Guid> ids, SignInDesk desk, IIdentityStore identities, CancellationToken cancel)
    {
        var found = new List<SignIn>();
        await foreach (var tenant in CommvaultReach.TenantsAsync(caller, identities, cancel))
        {
            found.AddRange(await desk.FindByIdsAsync(tenant, ids, cancel));
            if (found.Count == ids.Count)
                break;
        }

        return found;
    }

    /// <summary>What another console reported has a name only, and is the caller's in the same sense in which GET Session lists it.</summary>
    private static bool IsOwn(Caller caller, SignIn signIn) => caller.Operator is { } self && (signIn.OperatorId is { } holder
        ? holder == self.Id
        : signIn.Tenant == self.Tenant && NameKey.Of(signIn.OperatorName) == NameKey.Of(self.Name));
}

/// <summary>What logging off takes, for the API document; <see cref="LogoffRequest"/> reads it.</summary>
internal sealed record LogoffMembersJson([property: JsonPropertyName("sessions")] IReadOnlyList<LogoffSessionJson> Sessions);

internal sealed record LogoffSessionJson([property: JsonPropertyName("val")] string Val);

/// <summary>It says nothing but that it was done (contract, section 2).</summary>
internal sealed record LoggedOffJson : ICommvaultAnswer
{
    public static LoggedOffJson Done { get; } = new();

    public byte[] ToJson() => "{}"u8.ToArray();

    public void WriteTo(XmlWriter xml)
    {
        xml.WriteStartElement("Api_LogoffUsersResponse");
        xml.WriteEndElement();
    }
}
