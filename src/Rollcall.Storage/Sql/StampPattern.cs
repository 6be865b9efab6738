namespace Rollcall.Storage.Sql;

/// <summary>
/// Sources make a session's stamp of what the ledger has of it anyway: the host's SID, the user and the session's number at the host. What such stamps
/// have in common is stored once; the view <c>sessions</c> puts them together again.
/// </summary>
internal static class StampPattern
{
    private const string Sid = "{sid}", User = "{user}", SessionNumber = "{session}";

    /// <summary>The stamp with names for its parts; null when that would not be the same for many sessions, or not give the stamp again.</summary>
    public static string? TryOf(string? stamp, string user, string? sid, string osSessionId)
    {
        if (string.IsNullOrEmpty(stamp) || user.Length == 0 || stamp.Contains('{', StringComparison.Ordinal))
            return null;

        var pattern = stamp.Replace(user, User, StringComparison.Ordinal);
        if (!string.IsNullOrEmpty(sid))
            pattern = pattern.Replace(sid, Sid, StringComparison.Ordinal);
        if (pattern.EndsWith("-" + osSessionId, StringComparison.Ordinal))
            pattern = pattern[..^osSessionId.Length] + SessionNumber;
        var isShared = pattern.Contains(User, StringComparison.Ordinal) && !pattern.Any(char.IsDigit);
        return isShared && Stamp(pattern, user, sid, osSessionId) == stamp ? pattern : null;
    }

    /// <summary>As the view does it: the user's name comes last, so that nothing is looked for in it.</summary>
    public static string Stamp(string pattern, string user, string? sid, string osSessionId) => pattern
        .Replace(Sid, sid ?? string.Empty, StringComparison.Ordinal)
        .Replace(SessionNumber, osSessionId, StringComparison.Ordinal)
        .Replace(User, user, StringComparison.Ordinal);
}
