using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Events;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Agent;

/// <summary>What the agent itself says of its host: boots and beats; and what it adds to the events of sources.</summary>
/// <param name="settings">Name, interval and lease.</param>
/// <param name="boot">The boot it runs on.</param>
/// <param name="entryOf">A live session as the roster names it, with what the logs know of it.</param>
internal sealed class Beats(AgentSettings settings, HostBoot boot, Func<LiveSession, EventRosterEntry> entryOf)
{
    private static readonly string Version = typeof(Beats).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    private readonly string source = $"agent://{Uri.EscapeDataString(settings.HostName.ToLowerInvariant())}";
    private string? lastRoster;
    private List<EventRosterEntry>? lastNamed;
    private TimeSpan? beatenAt, lookedAt, datedAfter;
    private LedgerEvent? held;

    public HostBoot Boot => boot;

    /// <summary>The event time of the newest beat; null before the first.</summary>
    public DateTimeOffset? NewestAt { get; private set; }

    /// <summary>An event of a source, ready for the wire, with the boot it belongs to.</summary>
    public byte[] Complete(LedgerEvent one)
    {
        var isSession = one.Type.StartsWith("rollcall.session.", StringComparison.Ordinal);
        return Wire(one with
        {
            Data = one.Data with
            {
                Host = one.Data.Host with { BootId = boot.IdAt(one.Time) },
                AgentVersion = isSession ? Version : null,
            },
        });
    }

    /// <summary>The boot, when the last run knew another one or none; nothing where the kernel does not tell of boots.</summary>
    public IReadOnlyCollection<byte[]> Started(string? knownBootId) => boot is { Id: { } id, At: { } at } && id != knownBootId
        ? [Wire(HostEvent(EventTypes.HostStarted, $"boot-{id}", at))]
        : [];

    /// <summary>The shutdown that is under way.</summary>
    public byte[] Stopped(DateTimeOffset now) => Wire(HostEvent(EventTypes.HostStopped, $"stop-{boot.Id}-{now.ToUnixTimeSeconds()}", now));

    /// <summary>
    /// What there is to say: a beat at each interval, and at once when the roster changed, with the last look before that: who went without a
    /// word was there then. While nothing gets through, beats that say the same are not piled up: the first and the last of them say it all.
    /// </summary>
    /// <param name="reading">Without sessions when not all are known: then the host is alive, and that is all.</param>
    /// <param name="isWaiting">Nothing gets through to the server now.</param>
    public IReadOnlyCollection<byte[]> Due(RosterReading reading, Moment now, bool isWaiting)
    {
        var roster = reading.Sessions?.Select(entryOf).ToList();
        var words = roster is null ? "" : JsonSerializer.Serialize(roster, NativeJson.Default.ListEventRosterEntry);
        var isChanged = words != lastRoster;
        var isTime = !(now.Ran - beatenAt < settings.Beat);
        if (lookedAt == reading.Seen.Ran && !isChanged)
            return [];

        var at = DateOf(reading, roster);
        lookedAt = reading.Seen.Ran;
        var beat = HostEvent(EventTypes.HostBeat, $"beat-{at.ToUnixTimeMilliseconds()}-{Hash(words)}", at);
        beat = beat with { Data = beat.Data with { LeaseSeconds = (int)settings.Lease.TotalSeconds, Roster = roster } };
        if (isChanged || isTime)
            (lastRoster, lastNamed, beatenAt, NewestAt) = (words, roster, now.Ran, at);
        if (!isChanged && (isWaiting || !isTime))
        {
            held = beat;
            return [];
        }

        IReadOnlyCollection<byte[]> due = isChanged && held is not null ? [Wire(held), Wire(beat)] : [Wire(beat)];
        held = null;
        return due;
    }

    /// <summary>
    /// A look takes a while, logind's answer longest. Who is named was on before it, who is missing was gone after it: a beat that names everybody it named
    /// before is of the instant before the look, and one that leaves somebody out is of the instant after it, as is whatever else is said of that look.
    /// </summary>
    private DateTimeOffset DateOf(RosterReading reading, List<EventRosterEntry>? roster)
    {
        var leavesOut = roster is not null && lastNamed?.All(named => roster.Exists(entry => IsSame(entry, named))) != true;
        if (leavesOut)
            datedAfter = reading.Seen.Ran;
        return datedAfter == reading.Seen.Ran ? reading.GoneAt : reading.Seen.At;
    }

    private static bool IsSame(EventRosterEntry one, EventRosterEntry other) =>
        one.OsSessionId == other.OsSessionId && (one.User ?? other.User) == (other.User ?? one.User);

    private LedgerEvent HostEvent(string type, string id, DateTimeOffset at) => new()
    {
        Id = id,
        Source = source,
        Type = type,
        Time = at,
        Data = new EventData { Host = new EventHost { Name = settings.HostName, BootId = boot.IdAt(at) } },
    };

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 4));

    private static byte[] Wire(LedgerEvent one) => JsonSerializer.SerializeToUtf8Bytes(one, NativeJson.Default.LedgerEvent);
}
