namespace Rollcall.Core.Events;

/// <summary>What a source says happened. The numbers are stored: never renumber.</summary>
public enum EventKind
{
    SessionInitializing = 1,
    SessionStarted = 2,
    SessionDisconnected = 3,
    SessionReconnected = 4,
    SessionEnded = 5,
    SessionFailed = 6,

    /// <summary>New facts about a session; no transition.</summary>
    SessionChanged = 7,

    /// <summary>Written by the server: an operator says that the session is over.</summary>
    SessionClosed = 8,

    /// <summary>Written by the server: an operator says when the session really began or ended.</summary>
    SessionCorrected = 9,

    HostStarted = 20,
    HostStopped = 21,
    HostBeat = 22,

    /// <summary>Written by the server: the host's lease ran out and nothing came.</summary>
    HostSilent = 23,

    SignInStarted = 40,
    SignInEnded = 41,
}

public static class EventKinds
{
    public static bool IsSession(this EventKind kind) => kind is >= EventKind.SessionInitializing and <= EventKind.SessionChanged;

    /// <summary>Whether an operator said it, of a session that other events made.</summary>
    public static bool IsOperatorWord(this EventKind kind) => kind is EventKind.SessionClosed or EventKind.SessionCorrected;

    public static bool IsHost(this EventKind kind) => kind is >= EventKind.HostStarted and <= EventKind.HostSilent;

    public static bool IsSignIn(this EventKind kind) => kind is EventKind.SignInStarted or EventKind.SignInEnded;

    /// <summary>Whether the kind begins a logon epoch (design 4).</summary>
    public static bool OpensEpoch(this EventKind kind) =>
        kind is EventKind.SessionInitializing or EventKind.SessionStarted or EventKind.SessionFailed;
}
