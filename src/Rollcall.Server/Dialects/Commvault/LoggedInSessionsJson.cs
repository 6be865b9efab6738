using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;
using Rollcall.Core.Identity;
using Rollcall.Core.SignIns;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>The sign-ins of one user, newest first.</summary>
internal sealed record LoggedInSessionsJson([property: JsonPropertyName("sessions")] IReadOnlyList<LoggedInSessionJson> Sessions) : ICommvaultAnswer
{
    public static LoggedInSessionsJson Empty { get; } = new([]);

    public static LoggedInSessionsJson Of(Operator holder, IReadOnlyList<SignIn> signIns, DateTimeOffset now)
    {
        var user = new LoggedInUserJson(holder.Name, holder.Id);
        return new LoggedInSessionsJson([.. signIns.Select(signIn => LoggedInSessionJson.Of(signIn, user, now))]);
    }

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, CommvaultJson.Wire.LoggedInSessionsJson);

    public void WriteTo(XmlWriter xml)
    {
        xml.WriteStartElement("Api_GetLoggedInSessionsResp");
        foreach (var session in Sessions)
            session.WriteTo(xml);
        xml.WriteEndElement();
    }
}

/// <summary>One sign-in. JSON has every member of the page and of the newer schema, XML those of the page's sample (contract 1.3; D0034).</summary>
internal sealed record LoggedInSessionJson
{
    /// <summary>The console whose session ids have a prefix: CommCell Console, as in the page's sample.</summary>
    private const int CommCellConsoleType = 5;

    /// <summary>Stands before the ids of that console's sessions.</summary>
    public const string ConsolePrefix = "EMC";

    /// <summary>Unix seconds.</summary>
    [JsonPropertyName("lastAccessedTime")] public required long LastAccessedTime { get; init; }

    /// <summary>Unix seconds; 0 while it lasts.</summary>
    [JsonPropertyName("logoutTime")] public required long LogoutTime { get; init; }

    /// <summary>Unix seconds.</summary>
    [JsonPropertyName("loginTime")] public required long LoginTime { get; init; }

    /// <summary>Untrusted text.</summary>
    [JsonPropertyName("host")] public required string Host { get; init; }

    /// <summary>Never known.</summary>
    [JsonPropertyName("location")] public string Location { get; init; } = string.Empty;

    /// <summary>Never known.</summary>
    [JsonPropertyName("description")] public string Description { get; init; } = string.Empty;
    [JsonPropertyName("sessionId")] public required string SessionId { get; init; }
    [JsonPropertyName("browserSessionId")] public required long BrowserSessionId { get; init; }
    [JsonPropertyName("consoleType")] public required int ConsoleType { get; init; }
    [JsonPropertyName("user")] public required LoggedInUserJson User { get; init; }

    /// <summary>One that ran out of time shows the instant at which it did (D0035).</summary>
    public static LoggedInSessionJson Of(SignIn signIn, LoggedInUserJson user, DateTimeOffset now) => new()
    {
        LastAccessedTime = signIn.LastSeenAt.ToUnixTimeSeconds(),
        LogoutTime = signIn.EndedAt(now)?.ToUnixTimeSeconds() ?? 0,
        LoginTime = signIn.StartedAt.ToUnixTimeSeconds(),
        Host = signIn.Host,
        SessionId = (signIn.ConsoleType == CommCellConsoleType ? ConsolePrefix : string.Empty) + signIn.Id.ToString("D").ToUpperInvariant(),
        BrowserSessionId = signIn.BrowserSessionId,
        ConsoleType = signIn.ConsoleType,
        User = user,
    };

    public void WriteTo(XmlWriter xml)
    {
        xml.WriteStartElement("sessions");
        xml.WriteNumber("logoutTime", LogoutTime);
        xml.WriteNumber("loginTime", LoginTime);
        xml.WriteText("host", Host);
        xml.WriteText("description", Description);
        xml.WriteText("sessionId", SessionId);
        xml.WriteNumber("browserSessionId", BrowserSessionId);
        xml.WriteNumber("consoleType", ConsoleType);
        xml.WriteStartElement("user");
        xml.WriteText("userName", User.UserName);
        xml.WriteNumber("userId", User.UserId);
        xml.WriteEndElement();
        xml.WriteEndElement();
    }
}

internal sealed record LoggedInUserJson(
    [property: JsonPropertyName("userName")] string UserName,
    [property: JsonPropertyName("userId")] long UserId);
