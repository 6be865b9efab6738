using System.Security.Cryptography;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>One batch on its way into the ledger, inside the writer's transaction.</summary>
internal sealed class EventAppender
{
    private readonly StoreConnection connection;
    private readonly TenantId tenant;
    private readonly DateTimeOffset receivedAt;
    private readonly TenantMemory memory;
    private readonly SqlNames names;
    private readonly BeatLog beats;
    private readonly HostCounts counts;
    private readonly KnownIdentities identities;
    private readonly FactNumbers facts;
    private readonly SessionChangeLog sessionChanges;
    private readonly Dictionary<long, long> newestWordUs = [];
    private readonly Dictionary<long, IBeatHistory> histories = [];
    private Dictionary<long, HostStory> stories = [];
    private readonly Dictionary<EventStream, StreamChange> changes = [];
    private readonly List<byte[]> leaves = [];
    private readonly List<int> conflicts = [];
    private int accepted, duplicates, logons, failures;
    private long sequence;

    /// <param name="limits">What is late and whose clock is off; what the server writes itself is counted by neither.</param>
    public EventAppender(StoreConnection connection, TenantId tenant, DateTimeOffset receivedAt, HealthLimits limits)
    {
        (this.connection, this.tenant, this.receivedAt) = (connection, tenant, receivedAt);
        memory = connection.MemoryOf(tenant);
        names = new SqlNames(connection, tenant, receivedAt, memory);
        beats = new BeatLog(connection, tenant, receivedAt, limits);
        counts = new HostCounts(connection, tenant, receivedAt, limits, memory);
        identities = new KnownIdentities(connection, tenant, memory, beats);
        facts = new FactNumbers(connection, tenant, memory);
        sessionChanges = new SessionChangeLog(connection, tenant, receivedAt, memory);
    }

    /// <param name="batch">In the order of the request.</param>
    /// <param name="parts">Of each event what is stored; null of a beat.</param>
    /// <param name="rejected">What came with the batch and is only counted.</param>
    public Receipt Append(IReadOnlyList<LedgerEvent> batch, IReadOnlyList<EventParts?> parts, IReadOnlyList<RejectedEvent> rejected)
    {
        var last = LastBatch();
        sequence = last.Sequence;
        if (connection.IsFar)
        {
            names.LookSources(batch.Select(e => e.Source));
            identities.Look([.. batch.Select(e => (names.SourceNo(e.Source), KnownIdentities.HashOf(e.Id)))]);
            names.LookHosts(batch.Where(e => !IsOurs(e)).Select(e => e.Host.Name));
        }

        for (var index = 0; index < batch.Count; index++)
            Add(batch[index], parts[index], index, last.No + 1);

        if (leaves.Count > 0)
            Seal(last);
        if (connection.IsFar)
        {
            NewStreams.Look(connection, tenant, memory, changes, last.Sequence);
            stories = HostStory.Look(connection, tenant, changes);
            facts.Look([.. batch.Where(e => e.Kind.IsSession())]);
        }

        names.WriteHosts();
        foreach (var host in names.Unsettled())
            beats.KeepNewest(host);
        foreach (var (host, atUs) in newestWordUs)
            beats.Unsettle(host, atUs);
        foreach (var (stream, change) in new HostReach(connection, tenant).Widen(changes, beats.Changes))
            Project(stream, change);
        sessionChanges.Prune();
        foreach (var refused in rejected)
            CountRejected(refused);
        return new Receipt(accepted, duplicates, conflicts)
        {
            ClockWarnings = [.. beats.ClockWarnings, .. counts.Write()],
            Late = counts.Late,
            Logons = logons,
            Failures = failures,
        };
    }

    /// <summary>The source is remembered by name, so that one whose every event is refused can be found; the host is not made for it.</summary>
    private void CountRejected(RejectedEvent refused)
    {
        var hostNo = refused.HostName is { } name ? names.TryHostNo(name) : null;
        var sourceNo = refused.Source is { } source ? names.SourceNo(source) : HostCounts.Unknown;
        counts.Rejected(hostNo ?? HostCounts.Unknown, sourceNo, refused.AheadAt);
    }

    private void Add(LedgerEvent e, EventParts? parts, int index, long batchNo)
    {
        var sourceNo = names.SourceNo(e.Source);
        var idHash = KnownIdentities.HashOf(e.Id);
        var atUs = Instants.ToUnixMicroseconds(e.At);
        if (OutcomeOfKnown(e, sourceNo, idHash, atUs) is var (outcome, knownHostNo))
        {
            Count(outcome, index, knownHostNo, sourceNo);
            return;
        }

        // What the server writes is no sign of the host's life, nor does it know anything of it.
        var host = IsOurs(e) ? null : names.Host(e.Host, atUs);
        if (host is not null && names.IsMade(host.Host.No))
            counts.IsNew(host.Host.No, sourceNo);
        var stream = new EventStream(host?.Host.No ?? names.KnownHostNo(e.Host.Name), EventStream.KeyOf(e));
        if (e.Kind is EventKind.HostBeat)
        {
            Count(identities.TryBeat(sourceNo, idHash) is { } beat ? OutcomeOf(beat, atUs) : Take(e, host!, sourceNo, idHash), index, stream.HostNo, sourceNo);
            return;
        }

        Insert(e, parts!, batchNo, sourceNo, idHash, atUs, stream);
        leaves.Add(EventChain.Leaf(sequence, parts!.Clear, parts.Commitment));
        accepted++;
        logons += e.Kind is EventKind.SessionStarted ? 1 : 0;
        failures += e.Kind is EventKind.SessionFailed ? 1 : 0;
        if (!IsOurs(e))
            counts.Accepted(stream.HostNo, sourceNo, atUs);
        Change(stream, e.Word is { } word ? EpochAboutUs(word) ?? atUs : atUs, e.Host.BootId).Add(sequence, sourceNo, e, parts!);
        if (stream.Key == EventStream.HostKey)
            names.ChangeStory(e.Host);
        Unsettle(e, stream, host, atUs);
    }

    private static AppendOutcome OutcomeOf(KnownEvent beat, long atUs) => beat.AtUs == atUs ? AppendOutcome.Duplicate : AppendOutcome.Conflict;

    private AppendOutcome Take(LedgerEvent beat, HostTouch host, long sourceNo, byte[] idHash)
    {
        beats.Add(beat, host, sourceNo, idHash);
        identities.AddBeat(sourceNo, idHash, new KnownEvent(Instants.ToUnixMicroseconds(beat.At), host.Host.No));
        return AppendOutcome.Accepted;
    }

    /// <summary>Rosters newer than what happened on a host, or was said of it, must be compared with its sessions.</summary>
    private void Unsettle(LedgerEvent e, EventStream stream, HostTouch? host, long atUs)
    {
        if (e.Kind is EventKind.HostSilent)
            beats.KeepNewest(stream.HostNo);
        else if (e.Kind.IsOperatorWord())
            newestWordUs[stream.HostNo] = Math.Max(atUs, newestWordUs.GetValueOrDefault(stream.HostNo, atUs));
        else if (!stream.IsSignIn)
            host!.Happened(atUs);
    }

    private static bool IsOurs(LedgerEvent e) => e.Kind is EventKind.HostSilent || e.Kind.IsOperatorWord();

    /// <summary>Null when the ledger has no event of this identity. A beat and another event cannot be the same thing.</summary>
    private (AppendOutcome Outcome, long HostNo)? OutcomeOfKnown(LedgerEvent e, long sourceNo, byte[] idHash, long atUs)
    {
        var isBeat = e.Kind is EventKind.HostBeat;
        if (identities.TryEvent(sourceNo, idHash) is { } known)
            return (known.AtUs == atUs && !isBeat ? AppendOutcome.Duplicate : AppendOutcome.Conflict, known.HostNo);

        return !isBeat && identities.TryBeat(sourceNo, idHash) is { } beat ? (AppendOutcome.Conflict, beat.HostNo) : null;
    }

    private void Count(AppendOutcome outcome, int index, long hostNo, long sourceNo)
    {
        switch (outcome)
        {
            case AppendOutcome.Accepted:
                accepted++;
                break;
            case AppendOutcome.Duplicate:
                duplicates++;
                counts.Duplicate(hostNo, sourceNo);
                break;
            case AppendOutcome.Conflict:
                conflicts.Add(index);
                counts.Rejected(hostNo, sourceNo);
                break;
        }
    }

    private StreamChange Change(EventStream stream, long atUs, string? boot)
    {
        if (!changes.TryGetValue(stream, out var change))
            changes.Add(stream, change = new StreamChange(atUs));
        change.Widen(atUs, boot);
        return change;
    }

    /// <summary>When the epoch begins that an operator's word is about; null when the ledger has no such event.</summary>
    private long? EpochAboutUs(OperatorWord word) => connection.Number(
        """
        SELECT s.epoch_us FROM events e INDEXED BY events_identity
        CROSS JOIN session_events m ON m.tenant = $tenant AND m.seq = e.seq
        CROSS JOIN session_rows s ON s.tenant = $tenant AND s.no = m.session_no
        WHERE e.tenant = $tenant AND e.source_no = $source AND e.id_hash = $id
        """,
        ("$tenant", tenant), ("$source", names.SourceNo(word.AboutSource)), ("$id", KnownIdentities.HashOf(word.AboutId)));

    private void Insert(LedgerEvent e, EventParts parts, long batchNo, long sourceNo, byte[] idHash, long atUs, EventStream stream)
    {
        identities.Add(sourceNo, idHash, new KnownEvent(atUs, stream.HostNo));
        connection.Add(
            """
            INSERT INTO events (tenant, seq, batch, source_no, id_hash, kind, at_us, host_no, stream, clear, personal, salt, commitment)
            VALUES ($tenant, $seq, $batch, $source, $id, $kind, $at, $host, $stream, $clear, $personal, $salt, $commitment)
            """,
            ("$tenant", tenant), ("$seq", ++sequence), ("$batch", batchNo), ("$source", sourceNo), ("$id", idHash),
            ("$kind", (int)e.Kind), ("$at", atUs), ("$host", stream.HostNo), ("$stream", stream.Key),
            ("$clear", parts.Clear), ("$personal", parts.Personal), ("$salt", parts.Salt), ("$commitment", parts.Commitment));
    }

    private LastBatch LastBatch() => memory.LastBatch ??= connection.FirstRow(
        row => new LastBatch(row.GetInt64(0), row.GetInt64(1), row.Bytes(2)!),
        "SELECT no, last_seq, hash FROM event_batches WHERE tenant = $tenant ORDER BY no DESC LIMIT 1",
        ("$tenant", tenant)) ?? new LastBatch(0, 0, new byte[SHA256.HashSizeInBytes]);

    private void Seal(LastBatch last)
    {
        var receivedMs = receivedAt.ToUnixTimeMilliseconds();
        var sealedBatch = new LastBatch(last.No + 1, sequence, EventChain.Seal(last.Hash, tenant, last.No + 1, receivedMs, leaves));
        connection.Queue(
            """
            INSERT INTO event_batches (tenant, no, first_seq, last_seq, received_ms, previous_hash, hash)
            VALUES ($tenant, $no, $first, $last, $received, $previous, $hash)
            """,
            ("$tenant", tenant), ("$no", last.No + 1), ("$first", last.Sequence + 1), ("$last", sequence),
            ("$received", receivedMs), ("$previous", last.Hash), ("$hash", sealedBatch.Hash));
        memory.LastBatch = sealedBatch;
    }

    /// <summary>One for all sessions of a host: each roster is read once a batch.</summary>
    private IBeatHistory HistoryOf(long hostNo)
    {
        if (!histories.TryGetValue(hostNo, out var history))
            histories.Add(hostNo, history = names.Touched(hostNo) is { Host.HasBeats: false } ? NoBeats.Instance : new SqlBeatHistory(connection, tenant, hostNo));
        return history;
    }

    private HostStory StoryOf(long hostNo)
    {
        if (!stories.TryGetValue(hostNo, out var story))
            stories.Add(hostNo, story = new HostStory(connection, tenant, hostNo));
        return story;
    }

    private void Project(EventStream stream, StreamChange change)
    {
        if (stream.IsSession)
        {
            new SessionProjection(connection, tenant, stream, HistoryOf(stream.HostNo), sessionChanges, receivedAt, memory, names.Touched(stream.HostNo)?.Host.StoryVersion)
            {
                Story = StoryOf(stream.HostNo),
                Facts = facts,
            }.Update(change);
        }

        if (stream.IsSignIn)
            new SignInProjection(connection, tenant, stream).Update();
    }
}
