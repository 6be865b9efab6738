using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>The whole of a query as conditions on packed rows. Means what <see cref="SessionMatch"/> means.</summary>
internal static class SessionFilter
{
    public static SqlFilter Of(SessionQuery query) => AndFacts(AndPeople(AndTimes(new SqlFilter(query.Tenant), query), query), query);

    private static SqlFilter AndTimes(SqlFilter filter, SessionQuery query) => filter
        .And("started_ms >= $startedFrom", "$startedFrom", SqlFilter.MsUp(query.Started.From))
        .And("started_ms < $startedTo", "$startedTo", SqlFilter.MsUp(query.Started.To))
        .And("ended_ms >= $endedFrom", "$endedFrom", SqlFilter.MsUp(query.Ended.From))
        .And("ended_ms < $endedTo", "$endedTo", SqlFilter.MsUp(query.Ended.To))
        .And("COALESCE(ended_ms, started_ms) < $endedOrOpenTo", "$endedOrOpenTo", SqlFilter.MsUp(query.EndedOrOpenBefore))
        .And("(ended_ms IS NULL OR ended_ms > $overlapFrom OR started_ms >= $overlapFrom)", "$overlapFrom", SqlFilter.MsUp(query.Overlapping.From))
        .And("started_ms < $overlapTo", "$overlapTo", SqlFilter.MsUp(query.Overlapping.To))
        .And(
            $"started_ms <= $activeAt AND (ended_ms IS NULL OR ended_ms > $activeAt) AND state <> {(int)SessionState.Failed}",
            "$activeAt", query.ActiveAt?.ToUnixTimeMilliseconds())
        .And("ended_ms IS NULL AND started_ms < $openBefore", "$openBefore", SqlFilter.MsUp(query.OpenSinceBefore));

    private static SqlFilter AndPeople(SqlFilter filter, SessionQuery query) => filter
        .And(User("d.key = $user"), "$user", KeyOf(query.User))
        .And(AnyFormCondition(query.UserInAnyForm), "$userAny", KeyOf(query.UserInAnyForm))
        .And(User("instr(d.key, $userPart) > 0"), "$userPart", KeyOf(query.UserContains))
        .And(Device("instr(folded(d.name), $clientPart) > 0"), "$clientPart", FoldedText.Of(query.ClientContains))
        .And(Nature("instr(folded(d.app_name), $appPart) > 0"), "$appPart", FoldedText.Of(query.AppContains))
        .And(Device($"{SqlAddresses.Function}(d.ip, $clientIpIn)"), "$clientIpIn", query.ClientIpIn?.ToString())
        .And(Device($"{SqlAddresses.Function}(d.public_ip, $publicIpIn)"), "$publicIpIn", query.PublicIpIn?.ToString());

    private static SqlFilter AndFacts(SqlFilter filter, SessionQuery query) => filter
        .And(HostCondition("host_no"), "$host", KeyOf(query.HostName))
        .And(Place("d.group_id = $group"), "$group", query.HostGroupId)
        .And(Place("d.host_ip = $hostIp"), "$hostIp", query.HostIp)
        .And(Device("d.public_ip = $publicIp"), "$publicIp", query.PublicIp)
        .And("kind = $kind", "$kind", (int?)query.Kind)
        .And(Nature("folded(d.protocol) = $protocol"), "$protocol", FoldedText.Of(query.Protocol))
        .And(Nature("d.failure_code = $failureCode"), "$failureCode", query.FailureCode)
        .And("end_source = $endSource", "$endSource", (int?)query.EndSource)
        .AndAnyOf("state", [.. query.States.Select(state => (int)state)])
        // Nothing new, but by these very words the embedded engine knows the index of sessions that are not over.
        .And(query.States.Count > 0 && query.States.All(state => state is SessionState.Initializing or SessionState.Active or SessionState.Disconnected), "state IN (1, 2, 3)")
        .And(query.Created is true, $"state <> {(int)SessionState.Failed}")
        .And(query.Created is false, $"state = {(int)SessionState.Failed}");

    /// <summary>By an index on the users of rows, where that is less work.</summary>
    internal static string User(string condition, string column = "user_no") => $"{column} IN ({Found("session_users", condition)}) {OnlyIf($"session_users d WHERE d.tenant = $tenant AND {condition}")}";

    private static string Place(string condition) => OfFact("place_no", "session_places", condition);

    private static string Device(string condition) => OfFact("device_no", "session_devices", condition);

    private static string Nature(string condition) => OfFact("nature_no", "session_natures", condition);

    /// <param name="column">The number of a row's host, which is asked for as <c>$host</c>.</param>
    internal static string HostCondition(string column) =>
        $"{column} = (SELECT h.no FROM hosts h WHERE h.tenant = $tenant AND h.name_key = $host) {OnlyIf("hosts h WHERE h.tenant = $tenant AND h.name_key = $host")}";

    /// <summary>
    /// Each distinct fact is looked at once, however many sessions have it, and rows are chosen by its number alone. PostgreSQL looks it up in a table of the numbers while
    /// it walks the rows in their order: as a join, it might ask every pair of a row and a fact.
    /// </summary>
    /// <param name="condition">On the fact <c>d</c>.</param>
    internal static string OfFact(string column, string table, string condition) =>
        $"/*pg (*/ {column} IN ({Found(table, condition)}) /*pg ) IS TRUE*/ {OnlyIf($"{table} d WHERE d.tenant = $tenant AND {condition}")}";

    /// <summary>No row is looked at when there is no such fact: PostgreSQL asks that once, first.</summary>
    internal static string OnlyIf(string rows) => $"/*pg AND EXISTS (SELECT 1 FROM {rows}) */";

    /// <param name="condition">One that calls functions is worked out first: PostgreSQL might ask it of every pair of a row and a fact.</param>
    private static string Found(string table, string condition) => condition.Contains('(', StringComparison.Ordinal)
        ? $"WITH found AS MATERIALIZED (SELECT d.no FROM {table} d WHERE d.tenant = $tenant AND {condition}) SELECT no FROM found"
        : $"SELECT d.no FROM {table} d WHERE d.tenant = $tenant AND {condition}";

    /// <summary>A plain name finds the person under every domain; a qualified one finds only itself.</summary>
    private static string AnyFormCondition(string? user) =>
        user is not null && NameKey.Of(user) == NameKey.OfPlain(user) ? User("d.plain_key = $userAny") : User("d.key = $userAny");

    private static string? KeyOf(string? name) => name is null ? null : NameKey.Of(name);
}
