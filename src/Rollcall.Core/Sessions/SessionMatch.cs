namespace Rollcall.Core.Sessions;

/// <summary>
/// Whether a session that was worked out, and so has no row, is what a query asks for. Means what the stores' statements mean; a filter added
/// to one is added to the other.
/// </summary>
public static class SessionMatch
{
    public static bool Matches(this SessionQuery query, Session session) =>
        session.Tenant == query.Tenant && IsThen(query, session) && IsTheirs(query, session) && IsThere(query, session) && IsSo(query, session);

    private static bool IsThen(SessionQuery query, Session session)
    {
        var startedMs = session.StartedAt.ToUnixTimeMilliseconds();
        var endedMs = session.End?.At.ToUnixTimeMilliseconds();
        return IsIn(query.Started, startedMs)
            && (query.Ended == TimeRange.Always || (endedMs is { } ended && IsIn(query.Ended, ended)))
            && IsBefore(endedMs ?? startedMs, query.EndedOrOpenBefore)
            && IsOpenThen(query, session, startedMs, endedMs)
            && IsBefore(startedMs, query.Overlapping.To)
            && (Up(query.Overlapping.From) is not { } fromMs || endedMs is null || endedMs > fromMs || startedMs >= fromMs);
    }

    private static bool IsOpenThen(SessionQuery query, Session session, long startedMs, long? endedMs)
    {
        var atMs = query.ActiveAt?.ToUnixTimeMilliseconds();
        return (atMs is null || (session.State is not SessionState.Failed && startedMs <= atMs && !(endedMs <= atMs)))
            && (query.OpenSinceBefore is null || (endedMs is null && IsBefore(startedMs, query.OpenSinceBefore)));
    }

    private static bool IsTheirs(SessionQuery query, Session session) =>
        (query.User is not { } exact || NameKey.Of(session.User) == NameKey.Of(exact))
        && Has(session.User, query.UserContains)
        && Has(session.Client?.Name, query.ClientContains)
        && Has(session.AppName, query.AppContains)
        && (query.UserInAnyForm is not { } any || IsInAnyForm(session.User, any));

    /// <summary>A plain name finds the person under every domain; a qualified one finds only itself.</summary>
    private static bool IsInAnyForm(string user, string asked) =>
        NameKey.Of(asked) == NameKey.OfPlain(asked) ? NameKey.OfPlain(user) == NameKey.Of(asked) : NameKey.Of(user) == NameKey.Of(asked);

    private static bool IsThere(SessionQuery query, Session session) =>
        (query.HostName is not { } host || NameKey.Of(session.Host.Name) == NameKey.Of(host))
        && (query.HostGroupId is null || session.Host.GroupId == query.HostGroupId)
        && (query.HostIp is null || session.Host.Ip == query.HostIp)
        && (query.PublicIp is null || session.Client?.PublicIp == query.PublicIp)
        && (query.ClientIpIn is not { } clients || clients.Contains(session.Client?.Ip))
        && (query.PublicIpIn is not { } egress || egress.Contains(session.Client?.PublicIp));

    private static bool IsSo(SessionQuery query, Session session) =>
        (query.States.Count == 0 || query.States.Contains(session.State))
        && (query.Created is not { } created || created == session.State is not SessionState.Failed)
        && (query.Kind is not { } kind || session.Kind == kind)
        && (query.Protocol is not { } protocol || (session.Protocol is { } spoken && NameKey.Of(spoken) == NameKey.Of(protocol)))
        && (query.FailureCode is null || session.Failure?.Code == query.FailureCode)
        && (query.EndSource is not { } source || session.End?.Source == source);

    private static bool Has(string? text, string? part) =>
        part is null || (text is not null && NameKey.Of(text).Contains(NameKey.Of(part), StringComparison.Ordinal));

    private static bool IsIn(TimeRange range, long ms) => (Up(range.From) is not { } fromMs || ms >= fromMs) && IsBefore(ms, range.To);

    private static bool IsBefore(long ms, DateTimeOffset? bound) => Up(bound) is not { } boundMs || ms < boundMs;

    private static long? Up(DateTimeOffset? at) => at is { } instant ? Instants.ToUnixMillisecondsUp(instant) : null;
}
