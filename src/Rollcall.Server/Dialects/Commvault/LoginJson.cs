using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;
using Rollcall.Core.Identity;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>What a Login takes, for the API document; <see cref="MemberBody"/> reads it.</summary>
internal sealed record LoginMembersJson(
    [property: JsonPropertyName("username")] string UserName,
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("domain")] string? Domain,
    [property: JsonPropertyName("timeout")] int? Timeout,
    [property: JsonPropertyName("deviceId")] string? DeviceId);

/// <summary>A good Login, its members in the recorded order (contract 3.1).</summary>
internal sealed record LoggedInJson : ICommvaultAnswer
{
    /// <summary>The recorded abilities of an administrator; no client found reads them.</summary>
    private const long AdministratorCapability = 4328650366975;

    [JsonPropertyName("aliasName")] public required string AliasName { get; init; }
    [JsonPropertyName("userGUID")] public required string UserGuid { get; init; }
    [JsonPropertyName("loginAttempts")] public int LoginAttempts { get; init; }
    [JsonPropertyName("remainingLockTime")] public int RemainingLockTime { get; init; }
    [JsonPropertyName("smtpAddress")] public string SmtpAddress { get; init; } = string.Empty;
    [JsonPropertyName("userName")] public required string UserName { get; init; }

    /// <summary>1, as recorded for an account of the server's own.</summary>
    [JsonPropertyName("providerType")] public int ProviderType { get; init; } = 1;
    [JsonPropertyName("ccn")] public int Ccn { get; init; }
    [JsonPropertyName("token")] public required string Token { get; init; }
    [JsonPropertyName("capability")] public required long Capability { get; init; }
    [JsonPropertyName("forcePasswordChange")] public bool ForcePasswordChange { get; init; }
    [JsonPropertyName("isAccountLocked")] public bool IsAccountLocked { get; init; }
    [JsonPropertyName("ownerOrganization")] public required OrganizationJson OwnerOrganization { get; init; }
    [JsonPropertyName("providerOrganization")] public required OrganizationJson ProviderOrganization { get; init; }
    [JsonPropertyName("errList")] public IReadOnlyList<LoginErrorJson> Errors { get; init; } = [];

    public static LoggedInJson Of(Operator known, string token, string domain) => new()
    {
        AliasName = known.Id.ToString(CultureInfo.InvariantCulture),
        UserGuid = StableGuid.Of(known),
        UserName = known.Name,
        Token = token,
        Capability = known.IsServerAdministrator || known.Roles.Contains(Role.Administrator) ? AdministratorCapability : 0,
        OwnerOrganization = new OrganizationJson(0, domain),
        ProviderOrganization = new OrganizationJson(0, domain),
    };

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CommvaultJson.Wire.LoggedInJson);

    public void WriteTo(XmlWriter xml)
    {
        xml.WriteStartElement(LoginFailedJson.Element);
        xml.WriteText("aliasName", AliasName);
        xml.WriteText("userGUID", UserGuid);
        xml.WriteNumber("loginAttempts", LoginAttempts);
        xml.WriteNumber("remainingLockTime", RemainingLockTime);
        xml.WriteText("smtpAddress", SmtpAddress);
        xml.WriteText("userName", UserName);
        xml.WriteNumber("providerType", ProviderType);
        xml.WriteNumber("ccn", Ccn);
        xml.WriteText("token", Token);
        xml.WriteNumber("capability", Capability);
        xml.WriteFlag("forcePasswordChange", ForcePasswordChange);
        xml.WriteFlag("isAccountLocked", IsAccountLocked);
        OwnerOrganization.WriteTo(xml, "ownerOrganization");
        ProviderOrganization.WriteTo(xml, "providerOrganization");
        xml.WriteEndElement();
    }
}

internal sealed record OrganizationJson(
    [property: JsonPropertyName("providerId")] int ProviderId,
    [property: JsonPropertyName("providerDomainName")] string ProviderDomainName)
{
    public void WriteTo(XmlWriter xml, string element)
    {
        xml.WriteStartElement(element);
        xml.WriteNumber("providerId", ProviderId);
        xml.WriteText("providerDomainName", ProviderDomainName);
        xml.WriteEndElement();
    }
}

/// <summary>A Login that failed: no token, and an error, without which clients break (contract 3.1).</summary>
internal sealed record LoginFailedJson(
    [property: JsonPropertyName("loginAttempts")] int LoginAttempts,
    [property: JsonPropertyName("remainingLockTime")] int RemainingLockTime,
    [property: JsonPropertyName("isAccountLocked")] bool IsAccountLocked,
    [property: JsonPropertyName("errList")] IReadOnlyList<LoginErrorJson> Errors) : ICommvaultAnswer
{
    public const string Element = "DM2ContentIndexing_CheckCredentialResp";

    private const int WrongLoginCode = 1116; // contract 3.1

    /// <summary>One answer for an unknown name and a wrong password, counter included: it must not tell which names exist.</summary>
    public static LoginFailedJson WrongLogin { get; } = new(1, 0, false, [new LoginErrorJson("The user name or the password is wrong", WrongLoginCode)]);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CommvaultJson.Wire.LoginFailedJson);

    public void WriteTo(XmlWriter xml)
    {
        xml.WriteStartElement(Element);
        xml.WriteNumber("loginAttempts", LoginAttempts);
        xml.WriteNumber("remainingLockTime", RemainingLockTime);
        xml.WriteFlag("isAccountLocked", IsAccountLocked);
        foreach (var error in Errors)
        {
            xml.WriteStartElement("errList");
            xml.WriteText("errLogMessage", error.Message);
            xml.WriteNumber("errorCode", error.Code);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }
}

internal sealed record LoginErrorJson(
    [property: JsonPropertyName("errLogMessage")] string Message,
    [property: JsonPropertyName("errorCode")] int Code);
