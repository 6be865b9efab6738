using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage;

/// <summary>An event as it is stored: what may stay for ever, and what a person may have erased.</summary>
/// <param name="Clear">JSON; covered by the batch's hash.</param>
/// <param name="Personal">JSON; null when the event tells of no person.</param>
/// <param name="Salt">Random; destroyed with the personal part, so that nobody can confirm a guess of it.</param>
/// <param name="Commitment">HMAC-SHA-256 of the personal part under the salt; covered by the batch's hash.</param>
internal sealed record EventParts(byte[] Clear, byte[]? Personal, byte[]? Salt, byte[] Commitment)
{
    private const int SaltBytes = 16;

    private static readonly byte[] NothingPersonal = new byte[SHA256.HashSizeInBytes];

    public static EventParts Of(LedgerEvent e)
    {
        var clear = JsonSerializer.SerializeToUtf8Bytes(ClearPart.Of(e), EventPartsJson.Default.ClearPart);
        var person = PersonalPart.Of(e);
        if (person == PersonalPart.Empty)
            return new EventParts(clear, null, null, NothingPersonal);

        var personal = JsonSerializer.SerializeToUtf8Bytes(person, EventPartsJson.Default.PersonalPart);
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new EventParts(clear, personal, salt, HMACSHA256.HashData(salt, personal));
    }

    /// <summary>The event again; members of an erased personal part are null.</summary>
    public static LedgerEvent Read(string source, EventKind kind, DateTimeOffset at, byte[] clear, byte[]? personal)
    {
        var open = JsonSerializer.Deserialize(clear, EventPartsJson.Default.ClearPart)!;
        var person = personal is null
            ? PersonalPart.Empty
            : JsonSerializer.Deserialize(personal, EventPartsJson.Default.PersonalPart)!;
        return new LedgerEvent
        {
            Source = source,
            Id = open.Id,
            Kind = kind,
            At = at,
            Host = open.Host,
            OsSessionId = open.OsSessionId,
            User = person.User,
            SessionKind = open.SessionKind,
            Protocol = open.Protocol,
            AppName = open.AppName,
            Client = person.Client,
            Reason = open.Reason,
            Failure = open.Failure,
            TransactionId = open.TransactionId,
            NetworkRttMs = open.NetworkRttMs,
            EndToEndRttMs = open.EndToEndRttMs,
            SessionStamp = person.SessionStamp,
            AgentVersion = open.AgentVersion,
            LeaseSeconds = open.LeaseSeconds,
            BeatAt = open.BeatAt,
            Word = open.Word,
            EndLatest = open.EndLatest,
            SignIn = person.SignIn,
        };
    }
}

/// <summary>What says nothing about a person.</summary>
internal sealed record ClearPart
{
    public required string Id { get; init; }
    public required HostFacts Host { get; init; }
    public string? OsSessionId { get; init; }
    public SessionKind? SessionKind { get; init; }
    public string? Protocol { get; init; }
    public string? AppName { get; init; }
    public string? Reason { get; init; }
    public Failure? Failure { get; init; }
    public string? TransactionId { get; init; }
    public int? NetworkRttMs { get; init; }
    public int? EndToEndRttMs { get; init; }
    public string? AgentVersion { get; init; }
    public int? LeaseSeconds { get; init; }
    public DateTimeOffset? BeatAt { get; init; }
    public OperatorWord? Word { get; init; }
    public DateTimeOffset? EndLatest { get; init; }

    public static ClearPart Of(LedgerEvent e) => new()
    {
        Id = e.Id,
        Host = e.Host,
        OsSessionId = e.OsSessionId,
        SessionKind = e.SessionKind,
        Protocol = e.Protocol,
        AppName = e.AppName,
        Reason = e.Reason,
        Failure = e.Failure,
        TransactionId = e.TransactionId,
        NetworkRttMs = e.NetworkRttMs,
        EndToEndRttMs = e.EndToEndRttMs,
        AgentVersion = e.AgentVersion,
        LeaseSeconds = e.LeaseSeconds,
        BeatAt = e.BeatAt,
        Word = e.Word,
        EndLatest = e.EndLatest,
    };
}

/// <summary>What names or traces a person. A stamp holds the user's name.</summary>
internal sealed record PersonalPart
{
    public static PersonalPart Empty { get; } = new();

    public string? User { get; init; }
    public ClientFacts? Client { get; init; }
    public string? SessionStamp { get; init; }
    public SignInFacts? SignIn { get; init; }

    public static PersonalPart Of(LedgerEvent e) => new()
    {
        User = e.User,
        Client = e.Client,
        SessionStamp = e.SessionStamp,
        SignIn = e.SignIn,
    };
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ClearPart))]
[JsonSerializable(typeof(PersonalPart))]
internal sealed partial class EventPartsJson : JsonSerializerContext;
