using System.Text.Json;
using System.Xml;
using Rollcall.Core;

namespace Rollcall.Server.Dialects.Commvault;

/// <summary>Which sessions to log off (contract, section 2).</summary>
/// <param name="SignIns">Each once. An id that cannot be one of ours is nobody's, and left out.</param>
internal sealed record LogoffRequest(IReadOnlyCollection<Guid> SignIns)
{
    private const string Element = "Api_LogoffUsersRequest";
    private const string Sessions = "sessions";
    private const string Val = "val";

    private const int SessionsMax = 1000; // our choice: as many as one answer of GET Session lists by default
    private const int IdLengthMax = 256; // our choice: ids are opaque, and ours have 39 characters at most

    /// <exception cref="FaultException"><see cref="FaultCode.MediaType"/>, <see cref="FaultCode.Unreadable"/> or <see cref="FaultCode.Malformed"/>.</exception>
    public static LogoffRequest Read(string? contentType, ReadOnlyMemory<byte> bytes)
    {
        var ids = new List<string>();
        if (bytes.Length == 0)
            throw Missing();
        if (CommvaultBody.IsXml(contentType))
            CommvaultBody.ReadXml(bytes, Element, xml => AddElement(xml, ids));
        else
            CommvaultBody.ReadJson(bytes, member => AddMember(member, ids));
        if (ids.Count == 0)
            throw Missing();

        return new LogoffRequest([.. ids.Select(SignInIdOf).OfType<Guid>().Distinct()]);
    }

    private static void AddElement(XmlReader xml, List<string> ids)
    {
        if (xml.Depth == 1 && xml.LocalName.Equals(Sessions, StringComparison.OrdinalIgnoreCase))
            Add(xml.GetAttribute(Val), ids);
    }

    private static void AddMember(JsonProperty member, List<string> ids)
    {
        if (!member.Name.Equals(Sessions, StringComparison.OrdinalIgnoreCase))
            return;
        if (member.Value.ValueKind is not JsonValueKind.Array)
            throw FaultException.Malformed(Sessions, """a list of objects such as {"val": "…"}""");

        foreach (var session in member.Value.EnumerateArray())
        {
            var isNamed = session.ValueKind is JsonValueKind.Object && session.TryGetProperty(Val, out var val) && val.ValueKind is JsonValueKind.String;
            Add(isNamed ? session.GetProperty(Val).GetString() : null, ids);
        }
    }

    private static void Add(string? id, List<string> ids)
    {
        if (string.IsNullOrWhiteSpace(id) || id.Length > IdLengthMax)
            throw FaultException.Malformed(Val, $"a session id of 1 to {IdLengthMax} characters");
        if (ids.Count == SessionsMax)
            throw FaultException.Malformed(Sessions, $"at most {SessionsMax} sessions");
        ids.Add(id);
    }

    /// <summary>As GET Session prints it: of the one console with the prefix, of all others without.</summary>
    private static Guid? SignInIdOf(string text)
    {
        var id = text.AsSpan().Trim();
        if (id.StartsWith(LoggedInSessionJson.ConsolePrefix, StringComparison.OrdinalIgnoreCase))
            id = id[LoggedInSessionJson.ConsolePrefix.Length..];
        return Guid.TryParseExact(id, "D", out var signIn) ? signIn : null;
    }

    private static FaultException Missing() => FaultException.Malformed(Sessions, "present: name the sessions to log off, one element each");
}
