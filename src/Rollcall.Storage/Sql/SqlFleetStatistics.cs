using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Core.Statistics;
using Rollcall.Storage.Columns;

namespace Rollcall.Storage.Sql;

/// <summary>Reads numbers in one scan, has them computed in Core, and looks up the words for what came of it, all in one snapshot.</summary>
/// <param name="database">Whose.</param>
/// <param name="columns">Where numbers are read instead when they are held there; null: from rows alone.</param>
public sealed class SqlFleetStatistics(StoreDatabase database, SessionColumns? columns = null) : IFleetStatistics, IDisposable
{
    private const int RetryAfterSeconds = 5;

    /// <summary>How long a question waits for those before it. Our choice: longer than one scan of ten million sessions.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);

    /// <summary>One scan at a time: each may take some 300 MB. The others wait.</summary>
    private readonly SemaphoreSlim scanning = new(1, 1);

    public Task<Concurrency> CountOpenAsync(ConcurrencyQuery query, CancellationToken cancel) => ScanAsync(
        query.Tenant,
        (_, held) => ColumnSpans.Read(held, query, cancel),
        connection => new SqlSpanReader(connection, query).Read(cancel),
        (connection, read) =>
        {
            var (series, groups) = ConcurrencySweep.Run(read.Spans, read.Keys, query);
            return new Concurrency([.. series.Select(swept => Named(connection, query, read.Keys[swept.Group], swept))], groups);
        },
        cancel);

    public Task<FleetSummary> SummarizeAsync(SummaryQuery query, CancellationToken cancel) => ScanAsync(
        query.Tenant,
        (_, held) => ColumnSummary.Read(held, query, cancel),
        connection => SqlFleetSummary.Read(connection, query, cancel),
        (_, summary) => summary,
        cancel);

    public Task<Page<UserActivity>> FindActivityAsync(ActivityQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var after = cursor is null ? null : NameCursor.Parse(cursor);
        return ScanAsync(
            query.Tenant,
            (connection, held) => new SqlActivityReader(connection, query).Read(held, cancel),
            connection => new SqlActivityReader(connection, query).Read(cancel),
            (connection, reader) =>
            {
                var all = ActivityFold.Run(reader.Spans, reader.Users, query);
                var rest = after is null ? all : all.FindAll(row => string.CompareOrdinal(row.SortKey, after) > 0);
                var page = NameCursor.Cut(rest.GetRange(0, Math.Min(rest.Count, take + 1)), take, row => row.SortKey, count ? all.Count : null);
                return new Page<UserActivity>([.. page.Items.Select(row => reader.Named(connection, row))], page.Total, page.NextCursor);
            },
            cancel);
    }

    public void Dispose() => scanning.Dispose();

    private async Task<T> ScanAsync<TRead, T>(
        TenantId tenant, Func<StoreConnection, TenantColumns, TRead> look, Func<StoreConnection, TRead> read, Func<StoreConnection, TRead, T> answer, CancellationToken cancel)
    {
        if (!await scanning.WaitAsync(WaitMax, cancel).ConfigureAwait(false))
            throw FaultException.TooBusy("Other statistics are being computed", RetryAfterSeconds);

        try
        {
            return columns is null
                ? database.Read(connection => answer(connection, read(connection)))
                : columns.Ask(tenant, look, answer, connection => answer(connection, read(connection)));
        }
        finally
        {
            scanning.Release();
        }
    }

    private static ConcurrencySeries Named(StoreConnection connection, ConcurrencyQuery query, string? key, SweptSeries swept)
    {
        var peak = swept.PeakAtMs is { } atMs
            ? new ConcurrencyPeak(
                DateTimeOffset.FromUnixTimeMilliseconds(atMs), swept.PeakCount, [.. swept.PeakNumbers.Select(number => IdOf(connection, query.Tenant, number))])
            : null;
        return new ConcurrencySeries(key, key is null ? null : NameOf(connection, query, key), peak, swept.Buckets);
    }

    private static string IdOf(StoreConnection connection, TenantId tenant, long number) => connection.FirstRow(
        row => row.GetString(0), "SELECT id FROM session_rows WHERE tenant = $tenant AND no = $no", ("$tenant", tenant), ("$no", number))!;

    private static string? NameOf(StoreConnection connection, ConcurrencyQuery query, string key) => query.By switch
    {
        SpanGrouping.Host => connection.FirstRow(
            row => row.GetString(0), "SELECT name FROM hosts WHERE tenant = $tenant AND name_key = $key", ("$tenant", query.Tenant), ("$key", key)),
        SpanGrouping.HostGroup => connection.FirstRow(
            row => row.Text(0) ?? string.Empty, "SELECT name FROM host_groups WHERE tenant = $tenant AND id = $key", ("$tenant", query.Tenant), ("$key", key)) is { Length: > 0 } name ? name : null,
        SpanGrouping.User => NewestSpelling(connection, query.Tenant, key),
        _ => key,
    };

    /// <summary>The name as the source of the newest session spelled it.</summary>
    internal static string? NewestSpelling(StoreConnection connection, TenantId tenant, string userKey) => connection.FirstRow(
        row => row.GetString(0),
        """
        SELECT u.name FROM session_users u CROSS JOIN session_rows s INDEXED BY sessions_user ON s.tenant = $tenant AND s.user_no = u.no
        WHERE u.tenant = $tenant AND u.key = $key ORDER BY s.started_ms DESC LIMIT 1
        """,
        ("$tenant", tenant), ("$key", userKey));
}
