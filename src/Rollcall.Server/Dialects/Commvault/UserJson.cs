using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;
using Rollcall.Core.Identity;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>Users, in the order of their numbers (contract 3.5).</summary>
/// <param name="Count">How many match, listed or not.</param>
internal sealed record UserListJson(
    [property: JsonPropertyName("filterQueryCount")] int Count,
    [property: JsonPropertyName("users")] IReadOnlyList<UserJson> Users) : ICommvaultAnswer
{
    public static UserListJson Of(IEnumerable<Operator> listed, int count) => new(count, [.. listed.Select(UserJson.Of)]);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CommvaultJson.Wire.UserListJson);

    public void WriteTo(XmlWriter xml)
    {
        xml.WriteStartElement("App_GetUserPropertiesResponse");
        xml.WriteNumber("filterQueryCount", Count);
        foreach (var user in Users)
        {
            xml.WriteStartElement("users");
            xml.WriteFlag("enableUser", user.IsEnabled);
            user.Entity.WriteTo(xml, "userEntity");
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }
}

/// <summary>What the ledger knows of an operator; the vendor's other properties are left out rather than made up.</summary>
internal sealed record UserJson(
    [property: JsonPropertyName("enableUser")] bool IsEnabled,
    [property: JsonPropertyName("userEntity")] UserEntityJson Entity)
{
    public static UserJson Of(Operator found) => new(!found.IsRemoved, UserEntityJson.Of(found));
}

/// <param name="Id">Null for an API token, which is nobody's; so is the GUID.</param>
internal sealed record UserEntityJson(
    [property: JsonPropertyName("userName")] string Name,
    [property: JsonPropertyName("userId")] long? Id,
    [property: JsonPropertyName("userGUID")] string? Guid)
{
    public static UserEntityJson Of(Operator found) => new(found.Name, found.Id, StableGuid.Of(found));

    public void WriteTo(XmlWriter xml, string element)
    {
        xml.WriteStartElement(element);
        xml.WriteText("userName", Name);
        if (Id is { } id)
            xml.WriteNumber("userId", id);
        if (Guid is not null)
            xml.WriteText("userGUID", Guid);
        xml.WriteEndElement();
    }
}

/// <summary>The caller (contract 3.4).</summary>
internal sealed record WhoAmIJson([property: JsonPropertyName("user")] UserEntityJson User) : ICommvaultAnswer
{
    public static WhoAmIJson Of(Caller caller) =>
        new(caller.Operator is { } self ? UserEntityJson.Of(self) : new UserEntityJson(caller.Name, Id: null, Guid: null));

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CommvaultJson.Wire.WhoAmIJson);

    public void WriteTo(XmlWriter xml)
    {
        xml.WriteStartElement("CvEntities_ProcessingInstructionInfo");
        User.WriteTo(xml, "user");
        xml.WriteEndElement();
    }
}
