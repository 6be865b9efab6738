using Rollcall.Core.Sessions;

namespace Rollcall.Storage.Sql;

/// <summary>The orders of sessions in SQL: what <see cref="SessionSorts.SortKeyOf"/> says, with <c>$sorted</c> for the instant by which they are sorted.</summary>
internal static class SessionOrdering
{
    private const string EndedMs = "CASE WHEN ended_ms <= $sorted THEN ended_ms END";

    public static string OrderBy(SessionQuery query) => $"ORDER BY {Key(query.Sort)} {Direction(query.Sort)}, no {Direction(query.Sort)}";

    /// <summary>What comes after the row with <c>$keyAfter</c> and <c>$noAfter</c>.</summary>
    public static string After(SessionQuery query) => $"({Key(query.Sort)}, no) {(query.Sort.IsDescending() ? '<' : '>')} ($keyAfter, $noAfter)";

    private static string Key(SessionSort sort) => sort switch
    {
        SessionSort.NewestStart or SessionSort.OldestStart => "started_ms",
        SessionSort.NewestEnd => $"COALESCE({EndedMs}, {SessionSorts.OpenEndMs})",
        SessionSort.Shortest or SessionSort.Longest => $"MAX(0, COALESCE({EndedMs}, $sorted) - started_ms)",
        _ => throw new ArgumentOutOfRangeException(nameof(sort), sort, "not an order"),
    };

    private static string Direction(SessionSort sort) => sort.IsDescending() ? "DESC" : "ASC";
}
