using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>The whole of a query as conditions on the table. Means what <see cref="SessionMatch"/> means.</summary>
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
        .And($"user_no IN ({UsersWhere("key = $user")})", "$user", KeyOf(query.User))
        .And(AnyFormCondition(query.UserInAnyForm), "$userAny", KeyOf(query.UserInAnyForm))
        .And($"user_no IN ({UsersWhere("instr(d.key, $userPart) > 0")})", "$userPart", KeyOf(query.UserContains))
        .And("instr(folded(client_name), $clientPart) > 0", "$clientPart", FoldedText.Of(query.ClientContains))
        .And("instr(folded(app_name), $appPart) > 0", "$appPart", FoldedText.Of(query.AppContains))
        .And($"{SqlAddresses.Function}(client_ip, $clientIpIn)", "$clientIpIn", query.ClientIpIn?.ToString())
        .And($"{SqlAddresses.Function}(client_public_ip, $publicIpIn)", "$publicIpIn", query.PublicIpIn?.ToString());

    private static SqlFilter AndFacts(SqlFilter filter, SessionQuery query) => filter
        .And("host_no = (SELECT h.no FROM hosts h WHERE h.tenant = $tenant AND h.name_key = $host)", "$host", KeyOf(query.HostName))
        .And("group_id = $group", "$group", query.HostGroupId)
        .And("host_ip = $hostIp", "$hostIp", query.HostIp)
        .And("client_public_ip = $publicIp", "$publicIp", query.PublicIp)
        .And("kind = $kind", "$kind", (int?)query.Kind)
        .And("folded(protocol) = $protocol", "$protocol", FoldedText.Of(query.Protocol))
        .And("failure_code = $failureCode", "$failureCode", query.FailureCode)
        .And("end_source = $endSource", "$endSource", (int?)query.EndSource)
        .AndAnyOf("state", [.. query.States.Select(state => (int)state)])
        .And(query.Created is true, $"state <> {(int)SessionState.Failed}")
        .And(query.Created is false, $"state = {(int)SessionState.Failed}");

    /// <summary>The few spellings of a name, or all names with a part: each is looked at once, however many sessions have it.</summary>
    private static string UsersWhere(string condition) => $"SELECT d.no FROM session_users d WHERE d.tenant = $tenant AND {condition}";

    /// <summary>A plain name finds the person under every domain; a qualified one finds only itself.</summary>
    private static string AnyFormCondition(string? user) =>
        user is not null && NameKey.Of(user) == NameKey.OfPlain(user) ? $"user_no IN ({UsersWhere("plain_key = $userAny")})" : $"user_no IN ({UsersWhere("key = $userAny")})";

    private static string? KeyOf(string? name) => name is null ? null : NameKey.Of(name);
}
