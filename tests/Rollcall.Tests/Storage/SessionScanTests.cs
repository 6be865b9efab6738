using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Core.Tabular;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>A scan says of each session what the session itself says.</summary>
public abstract class SessionScanTests(StoreEngine engine)
{
    [Fact]
    public async Task A_scan_says_of_every_session_what_the_ledger_says_of_it()
    {
        await using var ledger = await RandomLedger.FillAsync(engine, 5);
        await using var opened = await new SessionLedgerContract(new SqlSessionLedger(ledger.Database)).OpenAsync(new SessionQuery(TenantOne), default);
        var known = ledger.Sessions.ToDictionary(session => session.Id, StringComparer.Ordinal);
        var seen = new HashSet<SessionFact>();
        var read = 0;

        await foreach (var scanned in opened.Rows)
        {
            var session = known[scanned.Text(SessionFact.Id).Text];
            Assert.Equal(TextsOf(session), TextFacts.Select(fact => scanned.Text(fact)));
            Assert.Equal(TextsOf(session).Select(cell => cell.Kind is TableKind.Empty ? string.Empty : cell.Text), TextFacts.Select(fact => scanned.StringOf(fact) ?? string.Empty));
            Assert.Equal(
                (session.Tenant, session.Kind, session.State, session.StartedAt, session.End?.At, session.End?.Source, session.ChangedAt, session.ConnectedMs, session.DisconnectedMs, session.Revision),
                (scanned.Tenant, scanned.Kind, scanned.State, scanned.StartedAt, scanned.EndedAt, scanned.EndSource, scanned.ChangedAt, scanned.ConnectedMs, scanned.DisconnectedMs, scanned.Revision));
            DateTimeOffset?[] instants = [session.RequestedAt, session.StartedAt, session.End?.At, session.End?.Earliest, session.End?.Latest, session.ChangedAt];
            Assert.Equal(instants.Select(TableCell.Of), InstantFacts.Select(scanned.Instant));
            seen.UnionWith(TextFacts.Where(fact => scanned.Text(fact).Kind is TableKind.Text));
            read++;
        }

        Assert.Equal(known.Count, read);
        Assert.Equal(TextFacts.ToHashSet(), seen);
    }

    private static SessionFact[] InstantFacts { get; } =
        [SessionFact.RequestedAt, SessionFact.StartedAt, SessionFact.EndedAt, SessionFact.EndEarliest, SessionFact.EndLatest, SessionFact.ChangedAt];

    private static SessionFact[] TextFacts { get; } =
    [
        SessionFact.Id, SessionFact.User, SessionFact.HostName, SessionFact.HostSid, SessionFact.HostIp, SessionFact.GroupId, SessionFact.GroupName, SessionFact.PrimaryGroupId,
        SessionFact.SecondaryGroupId, SessionFact.OsSessionId, SessionFact.Protocol, SessionFact.AppName, SessionFact.ClientName, SessionFact.ClientIp, SessionFact.ClientPublicIp,
        SessionFact.ClientMac, SessionFact.ClientSourceIp, SessionFact.ClientType, SessionFact.ClientVersion, SessionFact.EndReason, SessionFact.FailureCode, SessionFact.FailureReason,
        SessionFact.AgentVersion, SessionFact.SessionStamp,
    ];

    /// <summary>In the order of <see cref="TextFacts"/>.</summary>
    private static IEnumerable<TableCell> TextsOf(Session session)
    {
        var (host, client) = (session.Host, session.Client);
        string?[] texts =
        [
            session.Id, session.User, host.Name, host.Sid, host.Ip, host.GroupId, host.GroupName, host.PrimaryGroupId, host.SecondaryGroupId, session.OsSessionId, session.Protocol,
            session.AppName, client?.Name, client?.Ip, client?.PublicIp, client?.Mac, client?.SourceIp, client?.Type, client?.Version, session.End?.Reason, session.Failure?.Code,
            session.Failure?.Reason, session.AgentVersion, session.SessionStamp,
        ];
        return texts.Select(TableCell.Of);
    }
}

public sealed class SqliteSessionScanTests() : SessionScanTests(StoreEngine.Sqlite);

public sealed class Postgres15SessionScanTests() : SessionScanTests(StoreEngine.Postgres15);

public sealed class Postgres18SessionScanTests() : SessionScanTests(StoreEngine.Postgres18);
