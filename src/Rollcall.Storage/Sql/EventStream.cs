using System.Security.Cryptography;
using System.Text;
using Rollcall.Core;
using Rollcall.Core.Events;

namespace Rollcall.Storage.Sql;

/// <summary>Where in a stream something is new.</summary>
internal sealed class StreamChange(long sinceUs)
{
    /// <summary>The time of the oldest new event, microseconds since 1970.</summary>
    public long SinceUs { get; private set; } = sinceUs;

    /// <summary>The boots that new events name.</summary>
    public HashSet<string> Boots { get; } = new(StringComparer.Ordinal);

    public void Widen(long atUs, string? boot)
    {
        SinceUs = Math.Min(SinceUs, atUs);
        if (boot is not null)
            Boots.Add(boot);
    }
}

/// <summary>Whose story an event tells on its host: the unit that is read anew when an event arrives.</summary>
internal readonly record struct EventStream(long HostNo, string Key)
{
    /// <summary>The host's own story: boots, shutdowns and judged silences. Its beats are no events (ADR 0005).</summary>
    public const string HostKey = "h";

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

    public static string SessionKeyOf(string osSessionId) => "s:" + osSessionId;

    public bool IsSession => Key.StartsWith("s:", StringComparison.Ordinal);

    public bool IsSignIn => Key.StartsWith("i:", StringComparison.Ordinal);
}
