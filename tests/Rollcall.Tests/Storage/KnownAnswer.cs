using Rollcall.Core.Connections;
using Rollcall.Core.Sessions;

namespace Rollcall.Tests.Storage;

/// <summary>What the ledger said at an instant, to be compared with what it says later of that instant.</summary>
internal sealed record KnownAnswer(DateTimeOffset At, IReadOnlyList<(Session Session, IReadOnlyList<Connection> Connections)> Sessions)
{
    public static KnownAnswer Of(BlockingStore store) => new(store.Now, [.. store.Sessions().Select(store.Detail)]);

    /// <summary>Everything, ids and revisions included.</summary>
    public static Session Whole(Session session) => session;

    /// <summary>
    /// In histories that no host tells, sessions are joined and parted again: what was parted has another id since, by which the older answer
    /// calls it, and its readings are counted from there on.
    /// </summary>
    public static Session WithoutIds(Session session) => session with { Id = string.Empty, Revision = 0 };

    public void Check(BlockingStore store, Func<Session, Session> compared)
    {
        Assert.Equal(
            Text(Sessions.Select(one => compared(one.Session with { Revision = 0 }))), Text(store.Known(At).Select(compared)));
        foreach (var (session, connections) in Sessions)
        {
            var account = store.Account(session.Id, At) ?? throw new InvalidOperationException($"{session.Id} was known at {At:O}");
            Assert.Equal($"{compared(session)}", $"{compared(account.Detail.Session)}");
            Assert.Equal(connections.Select(RandomHistories.Describe), account.Detail.Connections.Select(RandomHistories.Describe));
        }
    }

    private static string Text(IEnumerable<Session> sessions) =>
        string.Join('\n', sessions.Select(session => $"{session}").Order(StringComparer.Ordinal));
}
