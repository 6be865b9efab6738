using Rollcall.Core;
using Rollcall.Core.SignIns;

namespace Rollcall.Storage.Sql;

/// <summary>Sign-ins as rows of the table.</summary>
internal static class SignInRow
{
    /// <summary>In the order <see cref="Read"/> expects.</summary>
    public const string Columns =
        """
        tenant, id, operator_name, scope, console_type, host, browser_session_id, started_ms, last_seen_ms, idle_limit_ms, expires_ms, signed_out_ms,
        scope_tenant, operator_id, device_id, client_address
        """;

    public static SignIn Read(StoreRows row) => new()
    {
        Tenant = row.Tenant(0),
        Id = Guid.Parse(row.GetString(1)),
        OperatorName = row.GetString(2),
        Scope = (SignInScope)row.GetInt32(3),
        ConsoleType = row.GetInt32(4),
        Host = row.GetString(5),
        BrowserSessionId = row.GetInt64(6),
        StartedAt = row.Instant(7),
        LastSeenAt = row.Instant(8),
        IdleLimit = row.Long(9) is { } idleMs ? TimeSpan.FromMilliseconds(idleMs) : null,
        ExpiresAt = row.InstantOrNull(10),
        SignedOutAt = row.InstantOrNull(11),
        ScopeTenant = row.Text(12) is { } scoped ? TenantId.Parse(scoped) : null,
        OperatorId = row.Long(13),
        DeviceId = row.Text(14),
        ClientAddress = row.Text(15),
    };

    public static void Insert(StoreConnection connection, SignIn signIn, byte[]? tokenHash, string? stream) => connection.Execute(
        $"""
        INSERT INTO sign_ins ({Columns}, operator_key, token_hash, stream)
        VALUES ($tenant, $id, $operator, $scope, $consoleType, $host, $browserSession, $started, $lastSeen, $idle, $expires, $signedOut,
                $scopeTenant, $operatorId, $device, $address, $operatorKey, $tokenHash, $stream)
        """,
        ("$tenant", signIn.Tenant), ("$id", signIn.Id.ToString("D")), ("$operator", signIn.OperatorName), ("$scope", (int)signIn.Scope),
        ("$consoleType", signIn.ConsoleType), ("$host", signIn.Host), ("$browserSession", signIn.BrowserSessionId),
        ("$started", signIn.StartedAt.ToUnixTimeMilliseconds()), ("$lastSeen", signIn.LastSeenAt.ToUnixTimeMilliseconds()),
        ("$idle", (long?)signIn.IdleLimit?.TotalMilliseconds), ("$expires", signIn.ExpiresAt?.ToUnixTimeMilliseconds()),
        ("$signedOut", signIn.SignedOutAt?.ToUnixTimeMilliseconds()), ("$operatorKey", NameKey.Of(signIn.OperatorName)),
        ("$scopeTenant", signIn.ScopeTenant?.Value), ("$operatorId", signIn.OperatorId), ("$device", signIn.DeviceId), ("$address", signIn.ClientAddress), ("$tokenHash", tokenHash), ("$stream", stream));
}
