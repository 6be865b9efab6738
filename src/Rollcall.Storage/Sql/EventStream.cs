using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Rollcall.Core;
using Rollcall.Core.Events;

namespace Rollcall.Storage.Sql;

/// <summary>What is new in a stream.</summary>
internal sealed class StreamChange(long sinceUs)
{
    private readonly List<(long Sequence, LedgerEvent Event, EventParts Parts)> added = [];

    /// <summary>The time of the oldest new event, microseconds since 1970.</summary>
    public long SinceUs { get; private set; } = sinceUs;

    /// <summary>The boots that new events name.</summary>
    public HashSet<string> Boots { get; } = new(StringComparer.Ordinal);

    /// <summary>Of the new events; null when they have several or there are none.</summary>
    public long? SourceNo { get; private set; }

    public int AddedCount => added.Count;

    /// <summary>Whether the stream has no other events; null when that was not asked yet.</summary>
    public bool? IsOnlyNew { get; set; }

    /// <summary>Whether the event is one of those that are new.</summary>
    public bool Has(long sequence) => added.Count > 0 && sequence >= added[0].Sequence;

    /// <summary>Whether an operator's word is new: it is about a session anywhere in the stream.</summary>
    public bool HasWord { get; private set; }

    public void Widen(long atUs, string? boot)
    {
        SinceUs = Math.Min(SinceUs, atUs);
        if (boot is not null)
            Boots.Add(boot);
    }

    public void Add(long sequence, long sourceNo, LedgerEvent e, EventParts parts)
    {
        SourceNo = added.Count == 0 || SourceNo == sourceNo ? sourceNo : null;
        HasWord |= e.Kind.IsOperatorWord();
        added.Add((sequence, e, parts));
    }

    /// <summary>The new events as they will be read from the store, so that remembering and reading give the same.</summary>
    public IEnumerable<StoredEvent> Added(DateTimeOffset receivedAt)
    {
        var arrival = Instants.ToMilliseconds(receivedAt);
        return added.Select(one => new StoredEvent(
            one.Sequence, arrival,
            EventParts.Read(one.Event.Source, one.Event.Kind, Instants.FromUnixMicroseconds(Instants.ToUnixMicroseconds(one.Event.At)), one.Parts.Clear, one.Parts.Personal)));
    }
}

/// <summary>Whose story an event tells on its host: the unit that is read anew when an event arrives.</summary>
internal readonly record struct EventStream(long HostNo, string Key)
{
    /// <summary>The host's own story: boots, shutdowns and judged silences. Its beats are no events (ADR 0005).</summary>
    public const string HostKey = "h";

    /// <summary>Of a session's story; the id that the operating system gave it follows.</summary>
    public const string SessionPrefix = "s:";

    private const int HashBytes = 16;

    public static string KeyOf(LedgerEvent e)
    {
        if (e.Kind.IsHost())
            return HostKey;
        if (e.Kind.IsSession() || e.Kind.IsOperatorWord())
            return SessionKeyOf(e.OsSessionId!);

        // Hashed: an operator's name must not stand in the clear part of the log.
        var signIn = e.SignIn!;
        var text = $"{e.Source}\0{NameKey.Of(signIn.Operator)}\0{signIn.ConsoleType}\0{signIn.BrowserSessionId}";
        return "i:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashBytes));
    }

    /// <summary>As the table of sign-ins has it: unique in the tenant.</summary>
    public string SignInsName => string.Create(CultureInfo.InvariantCulture, $"{HostNo}:{Key}");

    /// <param name="name">A <see cref="SignInsName"/>.</param>
    public static EventStream OfSignIns(string name)
    {
        var colon = name.IndexOf(':', StringComparison.Ordinal);
        return new EventStream(long.Parse(name.AsSpan(0, colon), CultureInfo.InvariantCulture), name[(colon + 1)..]);
    }

    public static string SessionKeyOf(string osSessionId) => SessionPrefix + osSessionId;

    public bool IsSession => Key.StartsWith(SessionPrefix, StringComparison.Ordinal);

    public bool IsSignIn => Key.StartsWith("i:", StringComparison.Ordinal);
}
