using Rollcall.Cli.Agent;
using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Agent.Rosters;
using Rollcall.Cli.Agent.Sources;
using Rollcall.Cli.Imports;

namespace Rollcall.Tests.Agent;

/// <summary>Instants on a clock that nobody sets, for tests to which that makes no difference.</summary>
internal static class Moments
{
    public static Moment Of(DateTimeOffset at) => new(at, at - DateTimeOffset.UnixEpoch);

    public static IReadOnlyList<ImportedEvent> Poll(this ISource source, DateTimeOffset now) => source.Poll(Of(now));

    public static List<(ReadOnlyMemory<byte> Bytes, Spot Spot)> Read(this FollowedFile file, DateTimeOffset now) => file.Read(Of(now));

    public static IReadOnlyCollection<byte[]> Due(this Beats beats, DateTimeOffset at, IReadOnlyList<LiveSession>? sessions, DateTimeOffset now, bool isWaiting) =>
        beats.Due(at, sessions, Of(now), isWaiting);

    /// <summary>By a look that took no time.</summary>
    public static IReadOnlyCollection<byte[]> Due(this Beats beats, DateTimeOffset at, IReadOnlyList<LiveSession>? sessions, Moment now, bool isWaiting) =>
        beats.Due(new RosterReading(Of(at), at, sessions, null), now, isWaiting);

    public static LiveSnapshot Look(this LiveSessions live, DateTimeOffset now) => live.Look(Of(now));

    public static (DateTimeOffset At, IReadOnlyList<LiveSession>? Sessions, string? Unknown) AsOf(this RosterWatch watch, DateTimeOffset now)
    {
        var reading = watch.AsOf(Of(now));
        return (reading.Seen.At, reading.Sessions, reading.Unknown);
    }

    /// <summary>Asks logind and takes what its answer shows.</summary>
    public static IReadOnlyList<ImportedEvent> Ask(this LogindSource source, DateTimeOffset now)
    {
        source.Look();
        return source.Poll(Of(now));
    }
}
