using System.Security.Cryptography;
using System.Text;

namespace Rollcall.Cli.Imports;

/// <summary>Makes the id of an event from what its line says, never from where the line stood.</summary>
/// <remarks>
/// An id is <c>rr-hhhh…</c>: the rank, then 128 bits of a hash. The ledger orders events of equal time by id, and many
/// logs know whole seconds only, so the rank puts what happened within one second in the order in which it must have happened.
/// </remarks>
internal static class EventIds
{
    private const int HashBytes = 16;

    /// <param name="source">The event's source: the same text on two hosts is two facts.</param>
    /// <param name="content">What the line says, its time as written included.</param>
    /// <param name="occurrence">From 1: which one of equal lines in the same file.</param>
    /// <param name="rank">One of <see cref="Rank"/>.</param>
    public static string Of(string source, string content, int occurrence, int rank) =>
        $"{rank:00}-{HashOf(source, content, occurrence)}";

    /// <summary>A name for an attempt that never became a session, which no display or process number can collide with.</summary>
    public static string AttemptOf(string source, string content, int occurrence, DateTimeOffset at) =>
        $"auth-{at.ToUnixTimeSeconds()}-{HashOf(source, content, occurrence)[..8]}";

    /// <summary>A name for a session whose row in a broker's history has no id.</summary>
    public static string SessionOf(string format, string content, DateTimeOffset at) =>
        $"{format}-{at.ToUnixTimeSeconds()}-{HashOf(format, content, occurrence: 1)[..8]}";

    public static string SourceOf(string format, string host) =>
        $"import://{format}/{Uri.EscapeDataString(host.ToLowerInvariant())}";

    private static string HashOf(string source, string content, int occurrence)
    {
        var text = Encoding.UTF8.GetBytes($"{source}\n{content}\n{occurrence}");
        return Convert.ToHexStringLower(SHA256.HashData(text).AsSpan(0, HashBytes));
    }
}

/// <summary>Counts equal contents within one file.</summary>
internal sealed class Occurrences
{
    private readonly Dictionary<UInt128, int> seen = [];

    /// <summary>From 1.</summary>
    public int Next(string content)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(content));
        var key = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
        return seen[key] = seen.GetValueOrDefault(key) + 1;
    }
}

/// <summary>The order of events that share an instant. Each depends only on the session itself, so a log that grows keeps its ids.</summary>
internal static class Rank
{
    public const int HostStarted = 5;

    /// <summary>An end of a session that began at an earlier instant, so that the next session on the same display can follow it.</summary>
    public const int EndOfEarlier = 10;

    public const int Initializing = 20;
    public const int Began = 30;

    /// <summary>A detach of a client that attached at an earlier instant.</summary>
    public const int DetachOfEarlier = 40;

    public const int Attached = 50;
    public const int DetachOfSame = 60;
    public const int EndOfSame = 90;
    public const int HostStopped = 95;

    /// <summary>The beginning is null when the log does not show it.</summary>
    public static int OfEnd(DateTimeOffset at, DateTimeOffset? began) => began == at ? EndOfSame : EndOfEarlier;

    /// <summary>The attach is null when the log does not show it.</summary>
    public static int OfDetach(DateTimeOffset at, DateTimeOffset? attached) => attached == at ? DetachOfSame : DetachOfEarlier;
}
