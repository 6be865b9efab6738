using Rollcall.Core;
using Rollcall.Core.Hosts;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>
/// What a process that alone writes to a store remembers of it between transactions, to save reading it again. Nothing is only here; it is
/// forgotten whole when a transaction is rolled back.
/// </summary>
internal sealed class LedgerMemory
{
    private readonly Dictionary<TenantId, TenantMemory> tenants = [];

    public TenantMemory Of(TenantId tenant)
    {
        if (!tenants.TryGetValue(tenant, out var memory))
            tenants.Add(tenant, memory = new TenantMemory());
        return memory;
    }

    public void Forget() => tenants.Clear();
}

/// <summary>What is remembered of one tenant's ledger.</summary>
internal sealed class TenantMemory
{
    /// <summary>Names of a kind: a large fleet's hosts.</summary>
    private const int NamesMax = 16_384;

    /// <summary>Facts of a kind that sessions share: what is under way in a large fleet; some 10 MB.</summary>
    private const int FactsMax = 32_768;

    /// <summary>Streams, each with the events of its newest session or two: some 3 KB, so 50 MB; a stream of many reconnects has up to 64 events, some 100 KB.</summary>
    private const int StreamsMax = 16_384;

    public Remembered<string, long> Sources { get; } = new(NamesMax, StringComparer.Ordinal);

    /// <summary>Whether a beat of the source may be in the ledger, by its number.</summary>
    public Remembered<long, bool> BeatSources { get; } = new(NamesMax, EqualityComparer<long>.Default);

    /// <summary>By folded name.</summary>
    public Remembered<string, HostMemory> Hosts { get; } = new(NamesMax, StringComparer.Ordinal);

    /// <summary>By the numbers of host and source.</summary>
    public Remembered<(long HostNo, long SourceNo), HostSourceMemory> HostSources { get; } = new(NamesMax, EqualityComparer<(long, long)>.Default);

    public Remembered<string, GroupMemory> Groups { get; } = new(NamesMax, StringComparer.Ordinal);

    public Remembered<string, long> Users { get; } = new(FactsMax, StringComparer.Ordinal);

    /// <summary>Without their boots.</summary>
    public Remembered<HostFacts, long> Places { get; } = new(FactsMax, EqualityComparer<HostFacts>.Default);

    public Remembered<ClientFacts, long> Devices { get; } = new(FactsMax, EqualityComparer<ClientFacts>.Default);

    public Remembered<NatureTexts, long> Natures { get; } = new(FactsMax, EqualityComparer<NatureTexts>.Default);

    public Remembered<string, long> Boots { get; } = new(FactsMax, StringComparer.Ordinal);

    public Remembered<EventStream, StreamTail> Tails { get; } = new(StreamsMax, EqualityComparer<EventStream>.Default);

    /// <summary>The highest number of a source that was given; null until it was read.</summary>
    public long? LastSourceNo { get; set; }

    /// <summary>The highest number of a host that was given; null until it was read.</summary>
    public long? LastHostNo { get; set; }

    /// <summary>The highest number of each table of facts that was read.</summary>
    public Dictionary<string, long> LastFactNos { get; } = new(StringComparer.Ordinal);

    /// <summary>Null until it was read.</summary>
    public LastBatch? LastBatch { get; set; }

    /// <summary>Whether events were ever removed of which the identity is kept; null until it was read.</summary>
    public bool? HasIdentities { get; set; }

    private int storyVersions;

    /// <summary>The highest number that a session of the tenant ever had; null until it was read.</summary>
    public long? LastSessionNo { get; set; }

    /// <summary>Of the tenant's newest change of a session; null until it was read.</summary>
    public long? LastChangeNo { get; set; }

    /// <summary>One that no host has had.</summary>
    public int NextStoryVersion() => ++storyVersions;
}

/// <param name="Sequence">Of its last event.</param>
internal sealed record LastBatch(long No, long Sequence, byte[] Hash);

/// <summary>What the newest event told of a host.</summary>
internal sealed class HostMemory(long no)
{
    public long No => no;

    /// <summary>When that event happened, microseconds since 1970.</summary>
    public long FactsUs { get; set; }

    public string? Sid { get; set; }

    public string? Ip { get; set; }

    public string? GroupId { get; set; }

    /// <summary>Whether a beat of it ever came.</summary>
    public bool HasBeats { get; set; }

    /// <summary>Another one after each boot, shutdown or judgement of the host: what was read of them before is out of date.</summary>
    public int StoryVersion { get; set; }
}

/// <summary>What is known of a source of a host, by which events are late and its clock is read.</summary>
/// <param name="LiveSinceMs">Null while nothing came in time.</param>
/// <param name="Window">Null when there has been no delay to see.</param>
internal sealed record HostSourceMemory(long? LiveSinceMs, DelayWindow? Window);

/// <summary>A group's name as the newest event told it, and when that was.</summary>
internal sealed record GroupMemory(string? Name, long FactsUs);

/// <summary>Keeps what was used last: the older half goes when it is full.</summary>
internal sealed class Remembered<TKey, TValue>(int countMax, IEqualityComparer<TKey> comparer)
    where TKey : notnull
{
    private Dictionary<TKey, TValue> newer = new(comparer);
    private Dictionary<TKey, TValue> older = new(comparer);

    public bool TryGet(TKey key, out TValue value)
    {
        if (newer.TryGetValue(key, out value!))
            return true;
        if (!older.Remove(key, out value!))
            return false;

        Keep(key, value);
        return true;
    }

    public void Keep(TKey key, TValue value)
    {
        newer[key] = value;
        if (newer.Count >= countMax / 2)
            (older, newer) = (newer, new Dictionary<TKey, TValue>(comparer));
    }

    public void Drop(TKey key)
    {
        newer.Remove(key);
        older.Remove(key);
    }
}
