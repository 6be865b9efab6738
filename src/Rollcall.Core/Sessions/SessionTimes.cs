namespace Rollcall.Core.Sessions;

/// <summary>What the lengths and the order of sessions are worked out from.</summary>
public interface ISessionTimes
{
    SessionState State { get; }

    /// <summary>The logon; until it came, or when it never came, the request, the failure or the first sign of life.</summary>
    DateTimeOffset StartedAt { get; }

    /// <summary>Null while open.</summary>
    DateTimeOffset? EndedAt { get; }

    /// <summary>When <see cref="State"/> was entered.</summary>
    DateTimeOffset ChangedAt { get; }

    /// <summary>Milliseconds with a client attached, up to <see cref="ChangedAt"/>.</summary>
    long ConnectedMs { get; }

    /// <summary>Milliseconds without a client, up to <see cref="ChangedAt"/>.</summary>
    long DisconnectedMs { get; }
}

/// <summary>How long sessions last, for all that know their times.</summary>
public static class SessionTimes
{
    /// <summary>Milliseconds from start to end, or to <paramref name="now"/>; never negative.</summary>
    public static long DurationMsAt(this ISessionTimes session, DateTimeOffset now) => Math.Max(0, (long)((session.EndedAt ?? now) - session.StartedAt).TotalMilliseconds);

    /// <summary>Milliseconds with a client attached, counted to the end or to <paramref name="now"/>.</summary>
    public static long ConnectedMsAt(this ISessionTimes session, DateTimeOffset now) =>
        session.ConnectedMs + (session.State is SessionState.Active ? session.SinceChangeMs(now) : 0);

    /// <summary>Milliseconds without a client, counted to the end or to <paramref name="now"/>.</summary>
    public static long DisconnectedMsAt(this ISessionTimes session, DateTimeOffset now) =>
        session.DisconnectedMs + (session.State is SessionState.Disconnected ? session.SinceChangeMs(now) : 0);

    /// <summary>Milliseconds in the present state, counted to the end or to <paramref name="now"/>; never negative.</summary>
    public static long SinceChangeMs(this ISessionTimes session, DateTimeOffset now) => Math.Max(0, (long)((session.EndedAt ?? now) - session.ChangedAt).TotalMilliseconds);
}
