using Rollcall.Cli.Events;

namespace Rollcall.Cli.Sample;

/// <summary>Why a logon fails in the sample fleet: a closed set.</summary>
internal static class SampleFailures
{
    public static IReadOnlyList<EventFailure> All { get; } =
    [
        new() { Code = "AUTH_FAILED", Reason = "The user name or the password is wrong" },
        new() { Code = "ACCOUNT_LOCKED", Reason = "The account is locked after too many wrong passwords" },
        new() { Code = "NO_CAPACITY", Reason = "The host has no room for another session" },
        new() { Code = "HOST_UNREACHABLE", Reason = "The host did not answer within 30 seconds" },
        new() { Code = "PROFILE_IN_USE", Reason = "The user's profile is still in use on another host" },
        new() { Code = "LICENSE_EXHAUSTED", Reason = "No licence was free" },
    ];
}
