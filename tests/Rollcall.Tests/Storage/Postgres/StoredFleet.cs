using System.Globalization;
using Npgsql;
using Rollcall.Core;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Storage.Postgres;

/// <summary>
/// A fleet written straight into the tables of PostgreSQL: a tenant of 100 000 sessions in 100 days, and one of as many beside it. Session <c>n</c> is of user
/// <c>n mod 2000</c>, host and place <c>n mod 200</c>, device <c>n mod 3000</c> and nature <c>n mod 20</c>; the newest are open.
/// </summary>
internal static class StoredFleet
{
    public const int Sessions = 100_000, SignIns = 20_000, People = 2_000;

    private const int StepMs = 86_400, OpenFrom = Sessions - 500;

    /// <summary>When the first session begins, milliseconds since 1970.</summary>
    private const long BeganMs = 1_893_456_000_000;

    private const string Tables =
        $"""
        INSERT INTO hosts (tenant, no, name, name_key, ip, group_id, facts_us, first_seen_ms, last_seen_ms, event_us)
        SELECT @t, n, 'RDS-' || n, 'RDS-' || n, '10.0.0.' || n, 'group-' || n % 10, 0, 0, 0, 1 FROM generate_series(1, 200) n;
        INSERT INTO host_groups (tenant, id, name, facts_us) SELECT @t, 'group-' || n, 'Group ' || n, 0 FROM generate_series(0, 9) n;
        INSERT INTO sources (tenant, no, name) VALUES (@t, 1, 'agent://a');
        INSERT INTO host_sources (tenant, host_no, source_no, accepted, duplicate, late, backfilled, rejected) SELECT @t, n, 1, 500, 0, 0, 0, 0 FROM generate_series(1, 200) n;
        INSERT INTO session_users (tenant, no, digest, name, key, plain_key)
        SELECT @t, n, int8send(n), 'CORP\user' || n, 'CORP\USER' || n, 'USER' || n FROM generate_series(1, 2000) n;
        INSERT INTO session_places (tenant, no, digest, host_name, host_name_key, host_sid, host_ip, group_id, group_name)
        SELECT @t, n, int8send(n), 'RDS-' || n, 'RDS-' || n, 'S-1-' || n, '10.0.0.' || n, 'group-' || n % 10, 'Group ' || n % 10 FROM generate_series(1, 200) n;
        INSERT INTO session_devices (tenant, no, digest, name, ip, public_ip, type, type_key, version)
        SELECT @t, n, int8send(n), 'PC-' || n, '10.1.' || n / 250 || '.' || n % 250, '192.0.2.' || n % 250, 'SOFT', 'SOFT', '1.' || n % 7 FROM generate_series(1, 3000) n;
        INSERT INTO session_natures (tenant, no, digest, protocol, app_name, agent_version, failure_code, failure_reason)
        SELECT @t, n, int8send(n), 'RDP', 'App ' || n, '2.' || n, CASE WHEN n = 20 THEN '7' END, CASE WHEN n = 20 THEN 'no licence' END FROM generate_series(1, 20) n;
        INSERT INTO session_rows (tenant, no, id, anchor_seq, epoch_us, host_no, stream, user_no, place_no, device_no, nature_no, kind, state, started_ms, ended_ms, end_source,
            end_earliest_ms, end_latest_ms, changed_ms, connected_ms, disconnected_ms, revision)
        SELECT @t, n, md5(@t || n), n, 1000 * started, 1 + n % 200, 's:' || n, 1 + n % 2000, 1 + n % 200, 1 + n % 3000, 1 + n % 20, 1,
            CASE WHEN ended IS NULL THEN 2 WHEN n % 20 = 19 THEN 5 ELSE 4 END, started, ended, CASE WHEN ended IS NOT NULL THEN 1 END, ended, ended, started, 1000, 0, 1
        FROM (SELECT n, @began + n::bigint * @step AS started, CASE WHEN n < @open THEN @began + n::bigint * @step + 60000 * (1 + n % 480) END AS ended FROM generate_series(1, @sessions) n) made;
        INSERT INTO connection_rows (tenant, session_no, ordinal, id, host_no, user_no, place_no, device_no, nature_no, requested_ms, established_ms, ended_ms,
            is_reconnect, is_failed, network_rtt_ms, e2e_rtt_ms)
        SELECT tenant, no, 0, md5('c' || @t || no), host_no, user_no, place_no, device_no, nature_no, started_ms, started_ms + 1000, ended_ms, 0, CASE WHEN state = 5 THEN 1 ELSE 0 END, no % 50, no % 90
        FROM session_rows WHERE tenant = @t;
        INSERT INTO users (tenant, id, name, name_key, domain, description, description_key, activation, invited, enabled, locked, user_groups, password_never_expires,
            may_change_password, must_change_password, desktops, sharing, shared_desktops, subproject)
        SELECT @t, md5('u' || @t || n), 'user' || n, 'USER' || n, 'corp', 'Number ' || n, 'NUMBER ' || n, 1, 0, 1, 0, 'Staff', 0, 1, 0, 1, 0, 0, 'sub-' || n % 3 FROM generate_series(1, 2000) n;
        INSERT INTO sign_ins (tenant, id, operator_id, operator_name, operator_key, scope, console_type, host, browser_session_id, started_ms, last_seen_ms, idle_limit_ms, signed_out_ms, client_address)
        SELECT @t, md5('s' || @t || n)::uuid::text, 1 + n % 100, 'operator' || n % 100, 'OPERATOR' || n % 100, 1, 1, 'PC-' || n % 300, n, @began + n::bigint * @step, @began + n::bigint * @step, 1800000,
            CASE WHEN n % 10 > 0 THEN @began + n::bigint * @step + 60000 END, '10.2.0.' || n % 250
        FROM generate_series(1, @signIns) n;
        """;

    /// <summary>When session <paramref name="number"/> begins.</summary>
    public static DateTimeOffset At(int number) => DateTimeOffset.FromUnixTimeMilliseconds(BeganMs + ((long)number * StepMs));

    /// <param name="tenants">That the ledger has.</param>
    public static async Task FillAsync(NpgsqlConnection session, params TenantId[] tenants)
    {
        foreach (var tenant in tenants)
        {
            await using var fill = new NpgsqlCommand(
                Tables.Replace("@t", $"'{tenant.Value}'", StringComparison.Ordinal)
                    .Replace("@began", BeganMs.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                    .Replace("@step", StepMs.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                    .Replace("@open", OpenFrom.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                    .Replace("@sessions", Sessions.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                    .Replace("@signIns", SignIns.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
                session) { CommandTimeout = 120 };
            await fill.ExecuteNonQueryAsync();
        }

        // As autovacuum would, which the servers of the tests do without.
        await using var settle = new NpgsqlCommand("VACUUM ANALYZE", session) { CommandTimeout = 120 };
        await settle.ExecuteNonQueryAsync();
    }
}
