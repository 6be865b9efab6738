using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Core.Users;
using Rollcall.Server.Streams;

namespace Rollcall.Server.Dialects.Native;

/// <summary>Reads changes and puts them into this API's words, once for all readers of a tenant that stand at one place.</summary>
internal sealed class SessionTelling(ISessionFeed feed, IUserDirectory directory, TimeProvider clock)
{
    /// <summary>Changes read at once.</summary>
    public const int ReadMax = 64;

    /// <summary>What follows the position, at most <see cref="ReadMax"/> changes; null when the feed does not hold it.</summary>
    public Task<IReadOnlyList<ToldChange>?> ReadAsync(SessionWatch.Seat seat, FeedPosition after, CancellationToken cancel) =>
        // Who hangs up leaves the reading to the others.
        seat.Company.ReadOnceAsync(after, () => ReadAsync(seat.Tenant, after)).WaitAsync(cancel);

    private async Task<IReadOnlyList<ToldChange>?> ReadAsync(TenantId tenant, FeedPosition after)
    {
        if (await feed.TryReadAsync(tenant, after, ReadMax, CancellationToken.None) is not { } changes)
            return null;
        if (changes.Count == 0)
            return [];

        var ids = await UserIds.FindAsync(directory, tenant, [.. changes.Select(change => change.Session).OfType<Session>()], CancellationToken.None);
        return [.. changes.Select(change => Tell(change, ids))];
    }

    private ToldChange Tell(SessionChange change, UserIds ids) => change switch
    {
        { Session: { } session } => new ToldChange(
            change.Position, session, "session",
            JsonSerializer.SerializeToUtf8Bytes(SessionJson.From(session, ids.Of(session), clock.GetUtcNow()), NativeJson.Wire.SessionJson)),
        { GoneId: { } gone, JoinedId: { } joined } => new ToldChange(
            change.Position, Session: null, "joined", JsonSerializer.SerializeToUtf8Bytes(new JoinedJson(gone, joined), NativeJson.Wire.JoinedJson)),
        { GoneId: { } gone } => new ToldChange(
            change.Position, Session: null, "removed", JsonSerializer.SerializeToUtf8Bytes(new RemovedJson(gone), NativeJson.Wire.RemovedJson)),
        _ => new ToldChange(change.Position, Session: null, Event: null, []),
    };
}

/// <summary>A session that turned out to be part of another one.</summary>
internal sealed record JoinedJson(string Id, string JoinedId);

/// <summary>A session that retention took away.</summary>
internal sealed record RemovedJson(string Id);

/// <summary>Why a stream does not go on where it was asked to: <c>not_kept</c>.</summary>
internal sealed record ResetJson(string Reason);
