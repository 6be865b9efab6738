using System.Security.Cryptography;
using System.Text;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;

namespace Rollcall.Storage.Sql;

/// <summary>One batch on its way into the ledger, inside the writer's transaction.</summary>
/// <param name="limits">What is late and whose clock is off; what the server writes itself is counted by neither.</param>
internal sealed class EventAppender(StoreConnection connection, TenantId tenant, DateTimeOffset receivedAt, HealthLimits limits)
{
    private const int IdHashBytes = 16;

    private readonly SqlNames names = new(connection, tenant, receivedAt);
    private readonly BeatLog beats = new(connection, tenant, receivedAt, limits);
    private readonly HostCounts counts = new(connection, tenant, receivedAt, limits);
    private readonly Dictionary<long, long> newestEventUs = [];
    private readonly HashSet<long> heard = [];
    private readonly Dictionary<long, SqlBeatHistory> histories = [];
    private readonly Dictionary<EventStream, StreamChange> changes = [];
    private readonly List<byte[]> leaves = [];
    private readonly List<int> conflicts = [];
    private int accepted, duplicates;
    private long sequence;

    /// <param name="batch">In the order of the request.</param>
    /// <param name="parts">Of each event what is stored; null of a beat.</param>
    /// <param name="rejected">What came with the batch and is only counted.</param>
    public Receipt Append(IReadOnlyList<LedgerEvent> batch, IReadOnlyList<EventParts?> parts, IReadOnlyList<RejectedEvent> rejected)
    {
        var last = LastBatch();
        sequence = last.Sequence;
        for (var index = 0; index < batch.Count; index++)
            Add(batch[index], parts[index], index, last.No + 1);

        if (leaves.Count > 0)
            Seal(last);
        foreach (var (host, atUs) in newestEventUs)
            beats.Unsettle(host, atUs);
        foreach (var host in heard)
            beats.Heard(host);
        foreach (var (stream, change) in new HostReach(connection, tenant).Widen(changes, beats.Changes))
            Project(stream, change);
        foreach (var refused in rejected)
            CountRejected(refused);
        return new Receipt(accepted, duplicates, conflicts) { ClockWarnings = [.. beats.ClockWarnings, .. counts.Write()] };
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
        var idHash = IdHash(e.Id);
        var atUs = Instants.ToUnixMicroseconds(e.At);
        if (OutcomeOfKnown(e, sourceNo, idHash, atUs) is var (outcome, knownHostNo))
        {
            Count(outcome, index, knownHostNo, sourceNo);
            return;
        }

        // What the server writes is no sign of the host's life, nor does it know anything of it.
        var hostNo = IsOurs(e) ? names.KnownHostNo(e.Host.Name) : names.HostNo(e.Host, atUs);
        var stream = new EventStream(hostNo, EventStream.KeyOf(e));
        if (e.Kind is EventKind.HostBeat)
        {
            Count(beats.Add(e, stream.HostNo, sourceNo, idHash), index, stream.HostNo, sourceNo);
            return;
        }

        Insert(e, parts!, batchNo, sourceNo, idHash, atUs, stream);
        leaves.Add(Leaf(parts!));
        accepted++;
        if (!IsOurs(e))
            counts.Accepted(hostNo, sourceNo, atUs);
        Change(stream, e.Word is { } word ? EpochAboutUs(word) ?? atUs : atUs, e.Host.BootId);
        if (e.Kind is EventKind.HostSilent)
            beats.KeepNewest(hostNo);
        if (stream.IsSignIn || e.Kind is EventKind.HostSilent)
            return;

        newestEventUs[hostNo] = Math.Max(atUs, newestEventUs.GetValueOrDefault(hostNo, atUs));
        if (!e.Kind.IsOperatorWord())
            heard.Add(hostNo);
    }

    private static bool IsOurs(LedgerEvent e) => e.Kind is EventKind.HostSilent || e.Kind.IsOperatorWord();

    /// <summary>Null when the ledger has no event of this identity. A beat and another event cannot be the same thing.</summary>
    private (AppendOutcome Outcome, long HostNo)? OutcomeOfKnown(LedgerEvent e, long sourceNo, byte[] idHash, long atUs)
    {
        var isBeat = e.Kind is EventKind.HostBeat;
        if (TryKnown(sourceNo, idHash) is { } known)
            return (known.AtUs == atUs && !isBeat ? AppendOutcome.Duplicate : AppendOutcome.Conflict, known.HostNo);

        return !isBeat && beats.TryKnown(sourceNo, idHash) is { } beat ? (AppendOutcome.Conflict, beat.HostNo) : null;
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

    private void Change(EventStream stream, long atUs, string? boot)
    {
        if (!changes.TryGetValue(stream, out var change))
            changes.Add(stream, change = new StreamChange(atUs));
        change.Widen(atUs, boot);
    }

    /// <summary>When the epoch begins that an operator's word is about; null when the ledger has no such event.</summary>
    private long? EpochAboutUs(OperatorWord word) => connection.Number(
        """
        SELECT s.epoch_us FROM events e INDEXED BY events_identity
        CROSS JOIN session_events m ON m.tenant = $tenant AND m.seq = e.seq
        CROSS JOIN sessions s ON s.tenant = $tenant AND s.no = m.session_no
        WHERE e.tenant = $tenant AND e.source_no = $source AND e.id_hash = $id
        """,
        ("$tenant", tenant.Value), ("$source", names.SourceNo(word.AboutSource)), ("$id", IdHash(word.AboutId)));

    private static byte[] IdHash(string id) => SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, IdHashBytes).ToArray();

    private KnownEvent? TryKnown(long sourceNo, byte[] idHash) => connection.FirstRow(
        row => new KnownEvent(row.GetInt64(0), row.GetInt64(1)),
        """
        SELECT at_us, host_no FROM events INDEXED BY events_identity
        WHERE tenant = $tenant AND source_no = $source AND id_hash = $id
        """,
        ("$tenant", tenant.Value), ("$source", sourceNo), ("$id", idHash));

    private void Insert(LedgerEvent e, EventParts parts, long batchNo, long sourceNo, byte[] idHash, long atUs, EventStream stream) =>
        connection.Execute(
            """
            INSERT INTO events (tenant, seq, batch, source_no, id_hash, kind, at_us, host_no, stream, clear, personal, salt, commitment)
            VALUES ($tenant, $seq, $batch, $source, $id, $kind, $at, $host, $stream, $clear, $personal, $salt, $commitment)
            """,
            ("$tenant", tenant.Value), ("$seq", ++sequence), ("$batch", batchNo), ("$source", sourceNo), ("$id", idHash),
            ("$kind", (int)e.Kind), ("$at", atUs), ("$host", stream.HostNo), ("$stream", stream.Key),
            ("$clear", parts.Clear), ("$personal", parts.Personal), ("$salt", parts.Salt), ("$commitment", parts.Commitment));

    private byte[] Leaf(EventParts parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(BitConverter.GetBytes(sequence));
        hash.AppendData(SHA256.HashData(parts.Clear));
        hash.AppendData(parts.Commitment);
        return hash.GetHashAndReset();
    }

    private (long No, long Sequence, byte[] Hash) LastBatch()
    {
        var rows = connection.Rows(
            reader => (reader.GetInt64(0), reader.GetInt64(1), reader.Bytes(2)!),
            "SELECT no, last_seq, hash FROM event_batches WHERE tenant = $tenant ORDER BY no DESC LIMIT 1",
            ("$tenant", tenant.Value));
        return rows is [var last] ? last : (0, 0, new byte[SHA256.HashSizeInBytes]);
    }

    /// <summary>Chains the batch to the one before: hash of (previous hash, tenant, number, arrival, leaves).</summary>
    private void Seal((long No, long Sequence, byte[] Hash) last)
    {
        var receivedMs = receivedAt.ToUnixTimeMilliseconds();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(last.Hash);
        hash.AppendData(Encoding.ASCII.GetBytes(tenant.Value));
        hash.AppendData(BitConverter.GetBytes(last.No + 1));
        hash.AppendData(BitConverter.GetBytes(receivedMs));
        foreach (var leaf in leaves)
            hash.AppendData(leaf);
        connection.Execute(
            """
            INSERT INTO event_batches (tenant, no, first_seq, last_seq, received_ms, previous_hash, hash)
            VALUES ($tenant, $no, $first, $last, $received, $previous, $hash)
            """,
            ("$tenant", tenant.Value), ("$no", last.No + 1), ("$first", last.Sequence + 1), ("$last", sequence),
            ("$received", receivedMs), ("$previous", last.Hash), ("$hash", hash.GetHashAndReset()));
    }

    /// <summary>One for all sessions of a host: each roster is read once a batch.</summary>
    private SqlBeatHistory HistoryOf(long hostNo)
    {
        if (!histories.TryGetValue(hostNo, out var history))
            histories.Add(hostNo, history = new SqlBeatHistory(connection, tenant, hostNo));
        return history;
    }

    private void Project(EventStream stream, StreamChange change)
    {
        if (stream.IsSession)
            new SessionProjection(connection, tenant, stream, HistoryOf(stream.HostNo), receivedAt).Update(change);
        if (stream.IsSignIn)
            new SignInProjection(connection, tenant, stream).Update();
    }
}
