using Rollcall.Core;
using Rollcall.Core.Identity;

namespace Rollcall.Storage.Sql;

/// <summary>Tenants, operators, API tokens and access keys.</summary>
public sealed class SqlIdentityStore(StoreDatabase database) : IIdentityStore
{
    private const string OperatorColumns = "id, tenant, name, roles, is_server_administrator, password_hash, created_ms, removed_ms";
    private const string TokenColumns = "tenant, id, name, roles, created_ms, expires_ms";
    private const string KeyColumns = "tenant, access_key, operator_id, sealed_secret, created_ms";

    public Task<bool> BootstrapAsync(
        Tenant tenant, Operator first, AccessKey key, ApiToken token, ReadOnlyMemory<byte> tokenHash, CancellationToken cancel) =>
        database.WriteAsync(
            connection =>
            {
                if (connection.Number("SELECT 1 FROM tenants LIMIT 1") is not null)
                    return false;

                Insert(connection, tenant);
                var stored = Insert(connection, first);
                Insert(connection, key with { OperatorId = stored.Id });
                Insert(connection, token, tokenHash);
                return true;
            },
            cancel);

    public Task<bool> HasTenantsAsync(CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => connection.Number("SELECT 1 FROM tenants LIMIT 1") is not null));

    public Task AddTenantAsync(Tenant tenant, CancellationToken cancel) =>
        database.WriteAsync(connection => Unique(() => Insert(connection, tenant), "a tenant of this name exists"), cancel);

    public Task<Tenant?> TryGetTenantAsync(TenantId tenant, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
        connection.FirstRow(ReadTenant, "SELECT id, name, created_ms FROM tenants WHERE id = $id", ("$id", tenant.Value))));

    public Task<Page<Tenant>> FindTenantsAsync(string? after, int take, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
        NameCursor.Cut(
            connection.Rows(
                ReadTenant,
                "SELECT id, name, created_ms FROM tenants WHERE id > $after ORDER BY id LIMIT $take",
                ("$after", after is null ? string.Empty : NameCursor.Parse(after)), ("$take", take + 1)),
            take,
            tenant => tenant.Id.Value,
            connection.Number("SELECT COUNT(*) FROM tenants"))));

    public Task<Operator> AddOperatorAsync(Operator operatorWithoutId, CancellationToken cancel) => database.WriteAsync(
        connection => Unique(() => Insert(connection, operatorWithoutId), "an operator of this name exists"), cancel);

    public Task<Operator?> TryGetOperatorByNameAsync(string name, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
        connection.FirstRow(ReadOperator, $"SELECT {OperatorColumns} FROM operators WHERE name_key = $key AND removed_ms IS NULL", ("$key", NameKey.Of(name)))));

    public Task<Operator?> TryGetOperatorAsync(long id, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
        connection.FirstRow(ReadOperator, $"SELECT {OperatorColumns} FROM operators WHERE id = $id", ("$id", id))));

    public Task<Page<Operator>> FindOperatorsAsync(TenantId tenant, string? after, int take, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => NameCursor.Cut(
            connection.Rows(
                ReadOperator,
                $"SELECT {OperatorColumns} FROM operators WHERE tenant = $tenant AND removed_ms IS NULL AND name_key > $after ORDER BY name_key LIMIT $take",
                Paged(tenant, after, take)),
            take,
            found => NameKey.Of(found.Name),
            connection.Number("SELECT COUNT(*) FROM operators WHERE tenant = $tenant AND removed_ms IS NULL", ("$tenant", tenant)))));

    public Task<bool> DeleteOperatorAsync(TenantId tenant, long id, DateTimeOffset at, CancellationToken cancel) => database.WriteAsync(
        tenant,
        connection =>
        {
            connection.Execute("DELETE FROM access_keys WHERE tenant = $tenant AND operator_id = $id", ("$tenant", tenant), ("$id", id));
            connection.Execute(
                """
                UPDATE sign_ins SET signed_out_ms = $at
                WHERE tenant = $tenant AND operator_id = $id AND signed_out_ms IS NULL AND (expires_ms IS NULL OR expires_ms > $at)
                  AND (idle_limit_ms IS NULL OR last_seen_ms + idle_limit_ms > $at)
                """,
                ("$tenant", tenant), ("$id", id), ("$at", at.ToUnixTimeMilliseconds()));
            return connection.Execute(
                """
                UPDATE operators SET removed_ms = $at, password_hash = NULL, name_key = name_key || $nul || id
                WHERE tenant = $tenant AND id = $id AND removed_ms IS NULL
                """,
                ("$tenant", tenant), ("$id", id), ("$at", at.ToUnixTimeMilliseconds()), ("$nul", "\0")) > 0;
        },
        cancel);

    public Task AddApiTokenAsync(ApiToken token, ReadOnlyMemory<byte> tokenHash, CancellationToken cancel) =>
        database.WriteAsync(token.Tenant, connection => Insert(connection, token, tokenHash), cancel);

    public Task<ApiToken?> TryGetApiTokenAsync(ReadOnlyMemory<byte> tokenHash, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
        connection.FirstRow(ReadToken, $"SELECT {TokenColumns} FROM api_tokens WHERE token_hash = $hash", ("$hash", tokenHash.ToArray()))));

    public Task<ApiToken?> TryGetApiTokenAsync(TenantId tenant, string id, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
        connection.FirstRow(ReadToken, $"SELECT {TokenColumns} FROM api_tokens WHERE tenant = $tenant AND id = $id", ("$tenant", tenant), ("$id", id))));

    public Task<Page<ApiToken>> FindApiTokensAsync(TenantId tenant, string? after, int take, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => NameCursor.Cut(
            connection.Rows(
                ReadToken,
                $"SELECT {TokenColumns} FROM api_tokens WHERE tenant = $tenant AND id > $after ORDER BY id LIMIT $take",
                Paged(tenant, after, take)),
            take,
            token => token.Id,
            connection.Number("SELECT COUNT(*) FROM api_tokens WHERE tenant = $tenant", ("$tenant", tenant)))));

    public Task<bool> DeleteApiTokenAsync(TenantId tenant, string id, CancellationToken cancel) => database.WriteAsync(
        tenant,
        connection => connection.Execute("DELETE FROM api_tokens WHERE tenant = $tenant AND id = $id", ("$tenant", tenant), ("$id", id)) > 0,
        cancel);

    public Task AddAccessKeyAsync(AccessKey key, CancellationToken cancel) =>
        database.WriteAsync(key.Tenant, connection => Insert(connection, key), cancel);

    public Task<AccessKey?> TryGetAccessKeyAsync(string key, CancellationToken cancel) => Task.FromResult(database.Read(connection =>
        connection.FirstRow(ReadKey, $"SELECT {KeyColumns} FROM access_keys WHERE access_key = $key", ("$key", key))));

    public Task<Page<AccessKey>> FindAccessKeysAsync(TenantId tenant, string? after, int take, CancellationToken cancel) =>
        Task.FromResult(database.Read(connection => NameCursor.Cut(
            connection.Rows(
                ReadKey,
                $"SELECT {KeyColumns} FROM access_keys WHERE tenant = $tenant AND access_key > $after ORDER BY access_key LIMIT $take",
                Paged(tenant, after, take)),
            take,
            key => key.Key,
            connection.Number("SELECT COUNT(*) FROM access_keys WHERE tenant = $tenant", ("$tenant", tenant)))));

    public Task<bool> DeleteAccessKeyAsync(TenantId tenant, string key, CancellationToken cancel) => database.WriteAsync(
        tenant,
        connection => connection.Execute(
            "DELETE FROM access_keys WHERE tenant = $tenant AND access_key = $key", ("$tenant", tenant), ("$key", key)) > 0,
        cancel);

    private static (string, object?)[] Paged(TenantId tenant, string? after, int take) =>
        [("$tenant", tenant), ("$after", after is null ? string.Empty : NameCursor.Parse(after)), ("$take", take + 1)];

    private static T Unique<T>(Func<T> insert, string conflict)
    {
        try
        {
            return insert();
        }
        catch (StoreException broken) when (broken.IsTaken)
        {
            throw FaultException.Conflict(conflict, "name");
        }
    }

    private static bool Insert(StoreConnection connection, Tenant tenant) => connection.Execute(
        "INSERT INTO tenants (id, name, name_key, created_ms) VALUES ($id, $name, $key, $created)",
        ("$id", tenant.Id.Value), ("$name", tenant.Name), ("$key", NameKey.Of(tenant.Name)),
        ("$created", tenant.CreatedAt.ToUnixTimeMilliseconds())) > 0;

    /// <summary>Operators are never taken out and whoever adds one writes alone: no id is given twice, and the first operator's is 1.</summary>
    private static Operator Insert(StoreConnection connection, Operator added)
    {
        var id = connection.Number(
            """
            INSERT INTO operators (id, tenant, name, name_key, roles, is_server_administrator, password_hash, created_ms)
            SELECT COALESCE(MAX(id), 0) + 1, $tenant, $name, $key, $roles, $first, $password, $created FROM operators
            RETURNING id
            """,
            ("$tenant", added.Tenant), ("$name", added.Name), ("$key", NameKey.Of(added.Name)), ("$roles", RolesText(added.Roles)),
            ("$first", added.IsServerAdministrator), ("$password", added.PasswordHash), ("$created", added.CreatedAt.ToUnixTimeMilliseconds()));
        return added with { Id = id!.Value };
    }

    private static void Insert(StoreConnection connection, AccessKey key) => connection.Execute(
        "INSERT INTO access_keys (tenant, access_key, operator_id, sealed_secret, created_ms) VALUES ($tenant, $key, $operator, $secret, $created)",
        ("$tenant", key.Tenant), ("$key", key.Key), ("$operator", key.OperatorId), ("$secret", key.SealedSecret.ToArray()),
        ("$created", key.CreatedAt.ToUnixTimeMilliseconds()));

    private static void Insert(StoreConnection connection, ApiToken token, ReadOnlyMemory<byte> hash) => connection.Execute(
        """
        INSERT INTO api_tokens (tenant, id, name, roles, token_hash, created_ms, expires_ms)
        VALUES ($tenant, $id, $name, $roles, $hash, $created, $expires)
        """,
        ("$tenant", token.Tenant), ("$id", token.Id), ("$name", token.Name), ("$roles", RolesText(token.Roles)), ("$hash", hash.ToArray()),
        ("$created", token.CreatedAt.ToUnixTimeMilliseconds()), ("$expires", token.ExpiresAt?.ToUnixTimeMilliseconds()));

    private static Tenant ReadTenant(StoreRows row) => new(TenantId.Parse(row.GetString(0)), row.GetString(1), row.Instant(2));

    private static Operator ReadOperator(StoreRows row) => new()
    {
        Id = row.GetInt64(0),
        Tenant = row.Tenant(1),
        Name = row.GetString(2),
        Roles = ParseRoles(row.GetString(3)),
        IsServerAdministrator = row.GetBoolean(4),
        PasswordHash = row.Text(5),
        CreatedAt = row.Instant(6),
        IsRemoved = !row.IsDBNull(7),
    };

    private static ApiToken ReadToken(StoreRows row) => new(
        row.Tenant(0), row.GetString(1), row.GetString(2), ParseRoles(row.GetString(3)), row.Instant(4), row.InstantOrNull(5));

    private static AccessKey ReadKey(StoreRows row) => new(
        row.Tenant(0), row.GetString(1), row.GetInt64(2), row.Bytes(3)!, row.Instant(4));

    private static string RolesText(IReadOnlyList<Role> roles) => string.Join(' ', roles.Select(Roles.NameOf));

    private static IReadOnlyList<Role> ParseRoles(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => Roles.TryParse(name, out var role)
            ? role
            : throw new InvalidDataException($"unknown role in the store: {name}"))];
}
