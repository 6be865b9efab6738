using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Mvc;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>What the bodies of user-connection and app-connection have in common (contract 5.1 and 5.2).</summary>
internal interface IConnectionBody
{
    /// <summary>The filters alone; the window and the tenant are the caller's business.</summary>
    ConnectionQuery ToQuery(TenantId tenant);
}

/// <summary>A body that was checked, with its window filled in: stored with an export's task.</summary>
internal sealed record ConnectionOrder<TBody>(
    [property: JsonPropertyName("body")] TBody Body, [property: JsonPropertyName("window")] WorkspaceWindow Window)
    where TBody : IConnectionBody
{
    public ConnectionQuery ToQuery(TenantId tenant) => Body.ToQuery(tenant) with { Requested = Window.ToRange() };
}

/// <summary>Reads the members of both bodies. A string is always text of a bounded length; an empty one is absent.</summary>
internal readonly struct ConnectionMembers(JsonElement body)
{
    private const int AddressLengthMax = 50, TenantLengthMax = 255; // contract 5.1 and 5.2

    public string? Text(string name, int lengthMax) => WorkspaceText.Member(body, name, lengthMax);

    /// <summary>An address of the host, or of the client's egress.</summary>
    public string? Address(string name) => Text(name, AddressLengthMax);

    /// <summary>Both bounds or neither, compared with the connection's start (D0078).</summary>
    public WorkspaceWindow Window(string begin, string end, ConnectionOptions options, DateTimeOffset now) => WorkspaceWindow.Both(
        WorkspaceBound.Of(begin, WorkspaceText.Member(body, begin)), WorkspaceBound.Of(end, WorkspaceText.Member(body, end)), options.LatestDaysOnly, now);

    /// <summary>No event tells of a gateway or of a session's virtual address: an empty list would say that nobody came by it (D0079).</summary>
    public void RefuseUnrecorded()
    {
        foreach (var name in (ReadOnlySpan<string>)["wi_ip", "virtual_ip"])
        {
            if (Address(name) is not null)
                throw FaultException.Malformed(name, "absent or empty: it is not recorded here");
        }
    }

    /// <summary>Must agree with the path when it is sent, as X-Project-Id must (D0080).</summary>
    public void CheckTenant(TenantId tenant)
    {
        if (Text("tenant_id", TenantLengthMax) is { } asked && asked != tenant.Value)
            throw FaultException.ForeignTenant();
    }
}

/// <summary>Which page of a list whose filters stand in the body, as text.</summary>
internal sealed record ConnectionPageParameters(
    [FromQuery(Name = "limit")] string? Limit, [FromQuery(Name = "offset")] string? Offset)
{
    private const int LimitDefault = 10, LimitMax = 100; // contract 5.1

    public PageWindow ToWindow() => new(
        Skip: WorkspaceText.WholeNumber("offset", Offset, fallback: 0, min: 0, max: int.MaxValue),
        Take: WorkspaceText.WholeNumber("limit", Limit, fallback: LimitDefault, min: 1, max: LimitMax));
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConnectionOrder<UserConnectionBody>))]
[JsonSerializable(typeof(ConnectionOrder<AppConnectionBody>))]
internal sealed partial class ConnectionOrderJson : JsonSerializerContext;
