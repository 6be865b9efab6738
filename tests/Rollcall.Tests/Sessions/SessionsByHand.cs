using Rollcall.Core;
using Rollcall.Core.Sessions;

namespace Rollcall.Tests.Sessions;

/// <summary>What a filter asks for, one sentence each, written apart from the product: in instants and texts, not in milliseconds and keys.</summary>
internal static class SessionsByHand
{
    public static IEnumerable<Session> Find(IEnumerable<Session> all, SessionQuery query)
    {
        var matching = all.Where(session => Matches(query, session));
        return query.Sort switch
        {
            SessionSort.NewestStart => matching.OrderByDescending(session => session.StartedAt),
            SessionSort.OldestStart => matching.OrderBy(session => session.StartedAt),
            SessionSort.NewestEnd => matching.OrderByDescending(session => EndBy(session, query.SortedAt) ?? DateTimeOffset.MaxValue),
            SessionSort.Shortest => matching.OrderBy(session => Length(session, query.SortedAt)),
            _ => matching.OrderByDescending(session => Length(session, query.SortedAt)),
        };
    }

    /// <summary>What the order compares: of equal ones nothing is said but that they come in one order.</summary>
    public static object KeyOf(SessionQuery query, Session session) => query.Sort switch
    {
        SessionSort.NewestStart or SessionSort.OldestStart => session.StartedAt,
        SessionSort.NewestEnd => EndBy(session, query.SortedAt) ?? DateTimeOffset.MaxValue,
        _ => Length(session, query.SortedAt),
    };

    private static bool Matches(SessionQuery query, Session session) =>
        (query.ActiveAt is not { } at || (session.State is not SessionState.Failed && session.StartedAt <= at && (session.End is null || session.End.At > at)))
        && (query.OpenSinceBefore is not { } before || (session.State is SessionState.Initializing or SessionState.Active or SessionState.Disconnected && session.StartedAt < before))
        && (query.Overlapping.From is not { } from || session.End is null || session.End.At > from || session.StartedAt >= from)
        && (query.Overlapping.To is not { } to || session.StartedAt < to)
        && IsIn(query.Started, session.StartedAt)
        && (query.Ended == TimeRange.Always || (session.End is { } end && IsIn(query.Ended, end.At)))
        && Has(session.User, query.UserContains) && Has(session.Client?.Name, query.ClientContains) && Has(session.AppName, query.AppContains)
        && Same(session.Host.Name, query.HostName) && Same(session.Protocol, query.Protocol)
        && (query.UserInAnyForm is not { } user || Same(session.User, user) || (IsPlain(user) && Same(Plain(session.User), user)))
        && (query.HostGroupId is null || session.Host.GroupId == query.HostGroupId)
        && (query.Kind is null || session.Kind == query.Kind)
        && (query.States.Count == 0 || query.States.Contains(session.State))
        && (query.FailureCode is null || session.Failure?.Code == query.FailureCode)
        && (query.EndSource is null || session.End?.Source == query.EndSource)
        && (query.ClientIpIn is null || query.ClientIpIn.Contains(session.Client?.Ip)) && (query.PublicIpIn is null || query.PublicIpIn.Contains(session.Client?.PublicIp));

    private static bool IsIn(TimeRange range, DateTimeOffset at) => !(at < range.From) && !(at >= range.To);

    private static bool Same(string? one, string? asked) => asked is null || string.Equals(one, asked, StringComparison.OrdinalIgnoreCase);

    private static bool Has(string? text, string? part) => part is null || text?.Contains(part, StringComparison.OrdinalIgnoreCase) is true;

    private static bool IsPlain(string user) => !user.Contains('\\', StringComparison.Ordinal) && !user.Contains('@', StringComparison.Ordinal);

    private static string Plain(string user) => user.Split('\\')[^1].Split('@')[0];

    private static DateTimeOffset? EndBy(Session session, DateTimeOffset by) => session.End?.At <= by ? session.End.At : null;

    private static TimeSpan Length(Session session, DateTimeOffset by)
    {
        var length = (EndBy(session, by) ?? by) - session.StartedAt;
        return length < TimeSpan.Zero ? TimeSpan.Zero : length;
    }
}
