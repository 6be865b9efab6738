using Rollcall.Core;
using Rollcall.Core.Backups;

namespace Rollcall.Storage.Sql;

/// <summary>Looks at a whole ledger on one snapshot.</summary>
/// <param name="connection">On that snapshot.</param>
/// <param name="schema">Number of the newest migration that the ledger has.</param>
/// <param name="openSeal">What a checkpoint's seal holds; null when the server's key did not make it. Null: the key is not there.</param>
/// <param name="checkStructure">What the engine itself finds wrong.</param>
/// <param name="close">Gives the connection back.</param>
internal sealed class SqlLedgerInspection(
    StoreConnection connection, long schema, Func<byte[], byte[]?>? openSeal,
    Func<Action<LedgerProgress>, CancellationToken, IEnumerable<string>> checkStructure, Action close) : ILedgerInspection
{
    /// <summary>Events between two words about how far it is.</summary>
    private const int EventsPerWord = 10_000;

    public long Schema => schema;

    public long SealsUnchecked { get; private set; }

    public IReadOnlyList<TenantTotals> Totals(CancellationToken cancel)
    {
        try
        {
            return Count(cancel);
        }
        catch (StoreException cause)
        {
            throw new LedgerException($"The ledger cannot be counted: {cause.Message}", cause);
        }
    }

    public IEnumerable<string> Check(Action<LedgerProgress> tell, CancellationToken cancel)
    {
        foreach (var wrong in Readable(checkStructure(tell, cancel)))
            yield return wrong;

        foreach (var wrong in Readable(connection.Rows(row => row.GetString(0), "SELECT id FROM tenants ORDER BY id").Where(id => !TenantId.TryParse(id, out _))))
            yield return $"a tenant has the id {wrong}, which is none";
        var count = new Counted();
        foreach (var wrong in Readable(CheckTenants(count, tell, cancel)))
            yield return wrong;
        foreach (var wrong in Readable(Ownerless(count.Events, count.Batches)))
            yield return wrong;
    }

    public void Dispose() => close();

    private List<TenantTotals> Count(CancellationToken cancel)
    {
        var totals = new List<TenantTotals>();
        foreach (var (tenant, name) in Tenants())
        {
            cancel.ThrowIfCancellationRequested();
            totals.Add(new TenantTotals(
                tenant, name, Count("events", tenant), Count("event_batches", tenant), ChainHead(tenant), Count("session_rows", tenant), Count("connection_rows", tenant),
                Count("sign_ins", tenant), Count("users", tenant)));
        }

        return totals;
    }

    /// <summary>What the engine cannot read is wrong as well, and ends that part of the check only.</summary>
    private static IEnumerable<string> Readable(IEnumerable<string> found)
    {
        using var each = found.GetEnumerator();
        while (true)
        {
            string wrong;
            var isUnreadable = false;
            try
            {
                if (!each.MoveNext())
                    yield break;

                wrong = each.Current;
            }
            catch (StoreException cause)
            {
                (wrong, isUnreadable) = ($"cannot be read on: {cause.Message}", true);
            }

            yield return wrong;
            if (isUnreadable)
                yield break;
        }
    }

    private IEnumerable<string> CheckTenants(Counted count, Action<LedgerProgress> tell, CancellationToken cancel)
    {
        foreach (var (tenant, name) in Tenants())
        {
            var check = new ChainCheck(connection, tenant);
            var checkpoints = new Checkpoints(connection, tenant);
            var found = Readable(Watched(check, tenant, name, tell, cancel)).Concat(Readable(checkpoints.Faults(openSeal))).Concat(Readable(Strays(tenant)));
            foreach (var wrong in found)
                yield return $"tenant {name} ({tenant}): {wrong}";
            SealsUnchecked += checkpoints.SealsUnchecked;
            count.Events += check.Events;
            count.Batches += check.Batches;
        }
    }

    private IEnumerable<string> Watched(ChainCheck check, TenantId tenant, string name, Action<LedgerProgress> tell, CancellationToken cancel)
    {
        var all = Count("events", tenant);
        foreach (var wrong in check.Run(() =>
                 {
                     cancel.ThrowIfCancellationRequested();
                     if (check.Events % EventsPerWord == 0)
                         tell(new LedgerProgress($"events of tenant {name}", check.Events, all));
                 }))
            yield return wrong;
        tell(new LedgerProgress($"events of tenant {name}", check.Events, all));
    }

    /// <summary>Rows of the projection whose event or session is not there.</summary>
    private IEnumerable<string> Strays(TenantId tenant)
    {
        if (connection.Number(
                """
                SELECT COUNT(*) FROM session_events m WHERE m.tenant = $tenant
                  AND NOT EXISTS (SELECT 1 FROM events e WHERE e.tenant = $tenant AND e.seq = m.seq)
                """,
                ("$tenant", tenant)) is > 0 and var events)
            yield return $"{events} events of sessions are missing";
        if (connection.Number(
                """
                SELECT COUNT(*) FROM connection_rows c WHERE c.tenant = $tenant
                  AND NOT EXISTS (SELECT 1 FROM session_rows s WHERE s.tenant = $tenant AND s.no = c.session_no)
                """,
                ("$tenant", tenant)) is > 0 and var connections)
            yield return $"{connections} connections have no session";
    }

    /// <summary>A tenant that is missing takes its rows out of every check: nobody asks for them.</summary>
    private IEnumerable<string> Ownerless(long events, long batches)
    {
        if (connection.Number("SELECT COUNT(*) FROM events") is { } allEvents && allEvents != events)
            yield return $"{allEvents - events} events belong to no tenant of the ledger";
        if (connection.Number("SELECT COUNT(*) FROM event_batches") is { } allBatches && allBatches != batches)
            yield return $"{allBatches - batches} batches belong to no tenant of the ledger";
    }

    private List<(TenantId Id, string Name)> Tenants() => connection.Rows(row => (Id: row.GetString(0), Name: row.GetString(1)), "SELECT id, name FROM tenants ORDER BY id")
        .Where(tenant => TenantId.TryParse(tenant.Id, out _))
        .Select(tenant => (TenantId.Parse(tenant.Id), tenant.Name))
        .ToList();

    private long Count(string table, TenantId tenant) => connection.Number($"SELECT COUNT(*) FROM {table} WHERE tenant = $tenant", ("$tenant", tenant)) ?? 0;

    private string ChainHead(TenantId tenant) => Convert.ToHexStringLower(connection.FirstRow(
        row => row.GetBytes(0), "SELECT hash FROM event_batches WHERE tenant = $tenant ORDER BY no DESC LIMIT 1", ("$tenant", tenant)) ?? []);

    private sealed class Counted
    {
        public long Events { get; set; }

        public long Batches { get; set; }
    }
}
