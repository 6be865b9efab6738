using System.Collections.Concurrent;
using System.Threading.Channels;
using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Columns;

/// <summary>
/// Sessions in memory, a column for each thing that lists are filtered by, so that an exact count or a page far down reads no rows. They follow
/// the store by its feed of changes: a question is answered from the columns only when they stand exactly where its snapshot does (ADR 0010).
/// </summary>
/// <param name="database">Whose sessions.</param>
/// <param name="bytesMax">What all columns together may take; a tenant that would take more is left to SQL.</param>
public sealed class SessionColumns(StoreDatabase database, long bytesMax) : ISessionMemory, IDisposable
{
    /// <summary>Snapshots to try while writers are faster than a reader.</summary>
    private const int SnapshotsMax = 5;

    /// <summary>How often columns follow the store while nobody asks. Our choice: what one question has left to read stays small.</summary>
    private static readonly TimeSpan FollowEvery = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<TenantId, HeldColumns> tenants = new();
    private readonly Channel<TenantId> asked = Channel.CreateUnbounded<TenantId>(new UnboundedChannelOptions { SingleReader = true });

    public long Bytes => tenants.Values.Sum(held => held.Bytes);

    /// <summary>Whether a tenant's questions are answered from columns.</summary>
    public bool Holds(TenantId tenant) => tenants.TryGetValue(tenant, out var held) && held.IsReady;

    public async Task KeepAsync(TimeProvider clock, Action<TenantId, SessionMemoryOutcome> tell, CancellationToken cancel)
    {
        using var listener = database.OnFeedsGrew(Ask);
        foreach (var tenant in database.Read(connection => connection.Rows(row => TenantId.Parse(row.GetString(0)), "SELECT id FROM tenants")))
            Ask(tenant);
        while (await asked.Reader.WaitToReadAsync(cancel).ConfigureAwait(false))
        {
            while (asked.Reader.TryRead(out var tenant))
                Keep(tenant, tenants[tenant], tell, cancel);
            await Task.Delay(FollowEvery, clock, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Reads one tenant's sessions now.</summary>
    public SessionMemoryOutcome Build(TenantId tenant, CancellationToken cancel) => Build(tenant, tenants.GetOrAdd(tenant, _ => new HeldColumns()), cancel);

    public void Dispose()
    {
        foreach (var held in tenants.Values)
            held.Dispose();
    }

    /// <summary>Answers a question from the columns, or plainly when they do not hold the tenant, in one snapshot.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="look">Finds in the columns what is asked for; nobody writes to them meanwhile.</param>
    /// <param name="read">Makes the answer of it.</param>
    /// <param name="readPlainly">Answers without columns.</param>
    internal T Ask<TFound, T>(
        TenantId tenant, Func<StoreConnection, TenantColumns, TFound> look, Func<StoreConnection, TFound, T> read, Func<StoreConnection, T> readPlainly)
    {
        for (var tried = 1; ; tried++)
        {
            var growth = database.Growth.Of(tenant);
            using var reader = database.BorrowReader();
            var snapshot = reader.Connection;
            var answer = TryLook(snapshot, tenant, growth, held => look(snapshot, held), out var found);
            if (answer is ColumnsAnswer.Found)
                return read(snapshot, found!);
            if (answer is ColumnsAnswer.NotHeld || tried == SnapshotsMax)
                return readPlainly(snapshot);
        }
    }

    /// <summary>The same for what is often found in memory whole: then the store is not asked at all.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="look">Finds in the columns what is asked for.</param>
    /// <param name="ready">The answer, when what was found is all of it; null when rows must be read.</param>
    /// <param name="read">Reads them.</param>
    /// <param name="readPlainly">Answers without columns.</param>
    internal T Ask<TFound, T>(
        TenantId tenant, Func<TenantColumns, TFound> look, Func<TFound, T?> ready, Func<StoreConnection, TFound, T> read, Func<StoreConnection, T> readPlainly)
        where T : class
    {
        if (TryLookNow(tenant, look, out var found, out var at))
        {
            if (ready(found!) is { } answer)
                return answer;

            using var reader = database.BorrowReader();
            if (ColumnReader.EndOf(reader.Connection, tenant) == at)
                return read(reader.Connection, found!);
        }

        return Ask(tenant, (_, columns) => look(columns), read, readPlainly);
    }

    /// <summary>Counts in the columns, without asking the store where they lack nothing.</summary>
    internal long Count(TenantId tenant, Func<TenantColumns, long> look, Func<StoreConnection, long> readPlainly) =>
        TryLookNow(tenant, look, out var count, out _)
            ? count
            : Ask(tenant, (_, columns) => look(columns), (_, found) => found, readPlainly);

    /// <summary>Looks without the store. Where other processes write too, nobody can say that nothing is lacking.</summary>
    private bool TryLookNow<T>(TenantId tenant, Func<TenantColumns, T> look, out T? found, out FeedPosition at)
    {
        (found, at) = (default, default);
        return !database.IsShared && tenants.TryGetValue(tenant, out var held) && held.TryLookNow(database.Growth.Of(tenant), look, out found, out at);
    }

    /// <summary>Keeps rows of a page for who asks for it again.</summary>
    /// <param name="snapshot">In which they were read.</param>
    internal void Remember(StoreConnection snapshot, TenantId tenant, IReadOnlyList<long> numbers, IReadOnlyList<Session> sessions)
    {
        if (tenants.TryGetValue(tenant, out var held))
            held.Remember(ColumnReader.EndOf(snapshot, tenant), numbers, sessions);
    }

    /// <summary>Looks into the columns as they are in a snapshot.</summary>
    /// <param name="snapshot">Of this store.</param>
    /// <param name="tenant">Whose.</param>
    /// <param name="growth">Of the tenant's feed before the snapshot was taken; 0 when that is not known.</param>
    /// <param name="look">Nobody writes to the columns while it runs.</param>
    /// <param name="found">What it found.</param>
    internal ColumnsAnswer TryLook<T>(StoreConnection snapshot, TenantId tenant, long growth, Func<TenantColumns, T> look, out T? found)
    {
        var held = tenants.GetOrAdd(tenant, _ => new HeldColumns());
        var answer = held.TryLook(snapshot, tenant, new FeedEnd(ColumnReader.EndOf(snapshot, tenant), growth), look, out found);
        if (answer is ColumnsAnswer.NotHeld && !held.IsGivenUp)
            Ask(tenant);
        return answer;
    }

    private void Ask(TenantId tenant)
    {
        if (tenants.GetOrAdd(tenant, _ => new HeldColumns()).TryAsk())
            asked.Writer.TryWrite(tenant);
    }

    private void Keep(TenantId tenant, HeldColumns held, Action<TenantId, SessionMemoryOutcome> tell, CancellationToken cancel)
    {
        held.Taken();
        if (held.IsReady)
            Follow(tenant, held, tell);
        else if (!held.IsGivenUp)
            tell(tenant, Build(tenant, held, cancel));
    }

    private void Follow(TenantId tenant, HeldColumns held, Action<TenantId, SessionMemoryOutcome> tell)
    {
        var growth = database.Growth.Of(tenant);
        database.Read(snapshot => held.Follow(snapshot, tenant, new FeedEnd(ColumnReader.EndOf(snapshot, tenant), growth)));
        if (!held.IsReady)
            Ask(tenant); // the feed has lost what they lacked
        else if (Bytes > bytesMax)
            MakeRoom(tell);
    }

    /// <summary>The largest goes, whoever grew. It is read anew, without the facts that no session has any more, and given up when it is too large even so.</summary>
    private void MakeRoom(Action<TenantId, SessionMemoryOutcome> tell)
    {
        var (tenant, held) = tenants.MaxBy(one => one.Value.Bytes);
        held.Drop();
        if (Build(tenant, held, CancellationToken.None) is SessionMemoryOutcome.TooLarge)
            tell(tenant, SessionMemoryOutcome.TooLarge);
    }

    private SessionMemoryOutcome Build(TenantId tenant, HeldColumns held, CancellationToken cancel)
    {
        var growth = database.Growth.Of(tenant);
        using var reader = database.BorrowReader();
        var end = new FeedEnd(ColumnReader.EndOf(reader.Connection, tenant), growth);
        if (ColumnReader.TryRead(reader.Connection, tenant, bytesMax - Bytes, cancel) is not { } columns)
        {
            held.GiveUp();
            return SessionMemoryOutcome.TooLarge;
        }

        held.Take(columns, end);
        return SessionMemoryOutcome.Ready;
    }
}

/// <summary>What a look into columns came to.</summary>
internal enum ColumnsAnswer
{
    /// <summary>It was answered, exactly as the snapshot has it.</summary>
    Found,

    /// <summary>The columns know of later changes already: a newer snapshot finds them.</summary>
    Ahead,

    /// <summary>There are no columns of the tenant, not yet or not at all.</summary>
    NotHeld,
}
