using Rollcall.Core;
using Rollcall.Core.SignIns;

namespace Rollcall.Storage.Sql;

/// <summary>Holds sign-ins; a token is known by its hash alone.</summary>
public sealed class SqlSignInLog(StoreDatabase database) : ISignInLog
{
    public Task<SignIn> BeginAsync(SignIn signIn, ReadOnlyMemory<byte> tokenHash, CancellationToken cancel) => database.WriteAsync(
        signIn.Tenant,
        connection =>
        {
            var numbered = signIn with { BrowserSessionId = NextBrowserSessionId(connection, signIn.Tenant) };
            SignInRow.Insert(connection, numbered, tokenHash.ToArray(), stream: null);
            return numbered;
        },
        cancel);

    public Task<SignIn?> TryGetByTokenAsync(ReadOnlyMemory<byte> tokenHash, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => connection.FirstRow(
            SignInRow.Read, $"SELECT {SignInRow.Columns} FROM sign_ins WHERE token_hash = $hash", ("$hash", tokenHash.ToArray()))));

    public Task TouchAsync(TenantId tenant, IReadOnlyCollection<(Guid Id, DateTimeOffset SeenAt)> seen, CancellationToken cancel) =>
        database.WriteAsync(
            tenant,
            connection =>
            {
                foreach (var (id, seenAt) in seen)
                {
                    connection.Execute(
                        "UPDATE sign_ins SET last_seen_ms = MAX(last_seen_ms, $seen) WHERE tenant = $tenant AND id = $id",
                        ("$tenant", tenant), ("$id", id.ToString("D")), ("$seen", seenAt.ToUnixTimeMilliseconds()));
                }
            },
            cancel);

    public Task SignOutAsync(TenantId tenant, Guid id, DateTimeOffset at, CancellationToken cancel) =>
        database.WriteAsync(
            tenant,
            connection => connection.Execute(
                """
                UPDATE sign_ins SET signed_out_ms = $at, last_seen_ms = MAX(last_seen_ms, $at)
                WHERE tenant = $tenant AND id = $id AND signed_out_ms IS NULL
                """,
                ("$tenant", tenant), ("$id", id.ToString("D")), ("$at", at.ToUnixTimeMilliseconds())),
            cancel);

    public Task EndAsync(IReadOnlyCollection<SignIn> signIns, DateTimeOffset at, CancellationToken cancel) => database.WriteAsync(
        connection =>
        {
            foreach (var signIn in signIns)
            {
                connection.Execute(
                    """
                    UPDATE sign_ins
                    SET signed_out_ms = MIN($at, COALESCE(MAX(last_seen_ms, $seen) + idle_limit_ms, $at), COALESCE(expires_ms, $at)),
                        last_seen_ms = MAX(last_seen_ms, $seen)
                    WHERE tenant = $tenant AND id = $id AND signed_out_ms IS NULL AND token_hash IS NOT NULL
                    """,
                    ("$tenant", signIn.Tenant), ("$id", signIn.Id.ToString("D")), ("$at", at.ToUnixTimeMilliseconds()),
                    ("$seen", signIn.LastSeenAt.ToUnixTimeMilliseconds()));
            }
        },
        cancel);

    public Task<bool> RenewAsync(
        SignIn signIn, ReadOnlyMemory<byte> oldHash, ReadOnlyMemory<byte> newHash, DateTimeOffset at, CancellationToken cancel) =>
        database.WriteAsync(
            signIn.Tenant,
            connection => connection.Execute(
                """
                UPDATE sign_ins SET token_hash = $new, last_seen_ms = MAX(last_seen_ms, $at)
                WHERE tenant = $tenant AND id = $id AND token_hash = $old AND signed_out_ms IS NULL
                  AND NOT EXISTS (SELECT 1 FROM operators o WHERE o.tenant = $tenant AND o.id = sign_ins.operator_id AND o.removed_ms IS NOT NULL)
                """,
                ("$tenant", signIn.Tenant), ("$id", signIn.Id.ToString("D")), ("$old", oldHash.ToArray()), ("$new", newHash.ToArray()),
                ("$at", at.ToUnixTimeMilliseconds())) > 0,
            cancel);

    public Task<IReadOnlyList<SignIn>> FindByIdsAsync(TenantId tenant, IReadOnlyCollection<Guid> ids, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<SignIn>>(database.Read(connection => ids
            .Select(id => connection.FirstRow(
                SignInRow.Read,
                $"SELECT {SignInRow.Columns} FROM sign_ins WHERE tenant = $tenant AND id = $id",
                ("$tenant", tenant), ("$id", id.ToString("D"))))
            .OfType<SignIn>()
            .ToList()));

    public Task<IReadOnlyList<SignIn>> FindAsync(
        TenantId tenant, long operatorId, string operatorName, int take, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<SignIn>>(database.Read(connection => connection.Rows(
            SignInRow.Read,
            $"""
            SELECT {SignInRow.Columns} FROM sign_ins
            WHERE tenant = $tenant AND (operator_id = $id OR (operator_id IS NULL AND operator_key = $operator))
            ORDER BY started_ms DESC, id LIMIT $take
            """,
            ("$tenant", tenant), ("$id", operatorId), ("$operator", NameKey.Of(operatorName)), ("$take", take))));

    public Task<RowStream<SignIn>> OpenAsync(SignInQuery query, CancellationToken cancel) => Task.FromResult(database.OpenRows(
        connection => connection.Number($"SELECT COUNT(*) FROM sign_ins {FilterOf(query).Where}", FilterOf(query).Parameters) ?? 0,
        connection => RowsAsync(connection, query, cancel)));

    private static IAsyncEnumerable<SignIn> RowsAsync(StoreConnection connection, SignInQuery query, CancellationToken cancel)
    {
        var filter = FilterOf(query);
        return connection.StreamAsync(
            SignInRow.Read, $"SELECT {SignInRow.Columns} FROM sign_ins {filter.Where} ORDER BY started_ms DESC, id", filter.Parameters, cancel);
    }

    public Task<Page<SignIn>> FindAsync(SignInQuery query, string? cursor, int take, bool count, CancellationToken cancel)
    {
        var after = cursor is null ? null : TimeCursor.Parse(cursor);
        return Task.FromResult(database.Read(connection =>
        {
            var filter = FilterOf(query);
            var total = count ? connection.Number($"SELECT COUNT(*) FROM sign_ins {filter.Where}", filter.Parameters) : null;
            filter.And("(started_ms < $msAfter OR (started_ms = $msAfter AND id > $idAfter))", "$msAfter", after?.Ms).With("$idAfter", after?.Id).With("$take", take + 1);
            var rows = connection.Rows(
                SignInRow.Read, $"SELECT {SignInRow.Columns} FROM sign_ins {filter.Where} ORDER BY started_ms DESC, id LIMIT $take", filter.Parameters);
            return TimeCursor.Cut(rows, take, signIn => new TimeCursor(signIn.StartedAt.ToUnixTimeMilliseconds(), signIn.Id.ToString("D")), total);
        }));
    }

    private static SqlFilter FilterOf(SignInQuery query) => new SqlFilter(query.Tenant)
        .And("started_ms >= $startedFrom", "$startedFrom", SqlFilter.MsUp(query.Started.From))
        .And("started_ms < $startedTo", "$startedTo", SqlFilter.MsUp(query.Started.To))
        .And("operator_key = $operator", "$operator", query.OperatorName is { } name ? NameKey.Of(name) : null)
        .And("folded(host) = $host", "$host", FoldedText.Of(query.Host))
        .And($"{SqlAddresses.Function}(client_address, $addressIn)", "$addressIn", query.ClientAddressIn?.ToString())
        .And(
            """
            signed_out_ms IS NULL AND COALESCE(last_seen_ms + idle_limit_ms > $lastingAt, TRUE) AND COALESCE(expires_ms > $lastingAt, TRUE)
            """,
            "$lastingAt", query.LastingAt?.ToUnixTimeMilliseconds());

    /// <summary>Rises from 1; those that other consoles report have their own numbers.</summary>
    private static long NextBrowserSessionId(StoreConnection connection, TenantId tenant) => connection.Number(
        "SELECT COALESCE(MAX(browser_session_id), 0) + 1 FROM sign_ins INDEXED BY sign_ins_browser WHERE tenant = $tenant AND token_hash IS NOT NULL",
        ("$tenant", tenant))!.Value;
}
