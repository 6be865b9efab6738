using System.Collections.Concurrent;
using Rollcall.Cli.Sample;
using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Hosts;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Core.Users;
using Rollcall.Storage;
using Rollcall.Storage.Sql;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>A store with sessions of every sort in two tenants, all from one seed.</summary>
internal sealed class RandomLedger : IAsyncDisposable
{
    private const int LogonsEach = 160;

    private static readonly string?[] Addresses =
        [null, "10.9.1.4", "10.9.200.4", "192.0.2.7", "::ffff:10.9.1.4", "2001:db8::7", "2001:DB8:0:1::7", "fe80::1%3", "10.9.1", "10.9.1.4:3389", "010.9.1.4", "LT-2211"];

    /// <summary>PostgreSQL is filled once a seed for all tests, which only read: it takes seconds. It goes with its server.</summary>
    private static readonly ConcurrentDictionary<(StoreEngine Engine, int Seed), Lazy<Task<RandomLedger>>> Kept = new();

    private readonly TestStore store;
    private readonly bool isKept;

    private RandomLedger(TestStore store, bool isKept) => (this.store, this.isKept) = (store, isKept);

    public static TenantId Other { get; } = TenantId.Parse("00000000000000000000000000000002");

    public static DateTimeOffset Now { get; } = Nine.AddHours(30);

    /// <summary>Names with and without domains, in several spellings, two of which the directory knows.</summary>
    public static IReadOnlyList<string> Users { get; } = ["anna", @"CORP\anna", "Anna@corp.example", "bob", @"corp\Bob", "李雷", "ünal", "Ünal", "a_b%c!d"];

    public StoreDatabase Database => store.Database;

    /// <summary>Of the first tenant, all of them.</summary>
    public IReadOnlyList<Session> Sessions { get; private set; } = [];

    public IReadOnlyList<Connection> Connections { get; private set; } = [];

    public static Task<RandomLedger> FillAsync(StoreEngine engine, int seed)
    {
        if (engine is StoreEngine.Sqlite)
            return FillAsync(engine, seed, isKept: false);

        PostgresServer.Require(engine);
        return Kept.GetOrAdd((engine, seed), _ => new Lazy<Task<RandomLedger>>(() => Task.Run(() => FillAsync(engine, seed, isKept: true)))).Value;
    }

    private static async Task<RandomLedger> FillAsync(StoreEngine engine, int seed, bool isKept)
    {
        var ledger = new RandomLedger(await TestStore.OpenAsync(engine), isKept);
        var random = new SplitMix64((ulong)seed);
        var log = new SqlEventLog(ledger.Database, new FakeClock(Now));
        var identities = new SqlIdentityStore(ledger.Database);
        foreach (var tenant in (TenantId[])[TenantOne, Other])
        {
            await identities.AddTenantAsync(new Tenant(tenant, tenant.Value, Nine), default);
            await log.AppendAsync(tenant, Logons(random, LogonsEach), default);
        }

        await new SqlUserDirectory(ledger.Database).PutAsync(TenantOne, [Person("Anna"), Person("bob"), Person("nobody")], default);
        var sessions = await new SqlSessionLedger(ledger.Database).FindAsync(new SessionQuery(TenantOne), PageWindow.Everything, default);
        ledger.Sessions = [.. sessions.Items];
        ledger.Connections = await new SqlConnectionLog(ledger.Database).ScanAsync(new ConnectionQuery(TenantOne), default).ToListAsync();
        Assert.True(ledger.Sessions.Count > 100 && ledger.Connections.Count > ledger.Sessions.Count, "there is something to ask about");
        Assert.True(ledger.Sessions.Select(session => session.State).Distinct().Count() == 5, "there are sessions in every state");
        Assert.True(ledger.Sessions.Select(session => session.End?.Source).Distinct().Count() >= 4, "ends are known in several ways");
        return ledger;
    }

    public async ValueTask DisposeAsync()
    {
        if (!isKept)
            await store.DisposeAsync();
    }

    /// <summary>So many logons with what came after them.</summary>
    public static List<LedgerEvent> Logons(SplitMix64 random, int count) => [.. Enumerable.Range(0, count).SelectMany(number => LogonOf(random, number))];

    private static User Person(string name) => new() { Tenant = TenantOne, Id = $"id of {name}", Name = name };

    /// <summary>One logon with what may come after it, in whole and in broken minutes; some numbers are used again, so that logons supersede each other.</summary>
    private static IEnumerable<LedgerEvent> LogonOf(SplitMix64 random, int number)
    {
        var minute = random.Between(-300, 1600) + (random.Between(0, 2) * 0.25);
        var about = OneLogon(random, number);
        if (random.Between(0, 3) == 0)
        {
            yield return about(EventKind.SessionInitializing, minute - random.Between(0, 19));
            if (random.Between(0, 4) == 0)
                yield break;
        }

        if (random.Between(0, 7) == 0)
        {
            yield return about(EventKind.SessionFailed, minute) with { Failure = new Failure(random.Pick<string?>([null, "7", "7", "4711"]), "no licence") };
            yield break;
        }

        yield return about(EventKind.SessionStarted, minute);
        for (var attach = random.Between(0, 3); attach > 0; attach--)
        {
            yield return about(EventKind.SessionDisconnected, minute += random.Between(0, 89));
            if (random.Between(0, 5) == 0)
                yield break;
            yield return about(EventKind.SessionReconnected, minute += random.Between(0, 89));
        }

        if (random.Between(0, 3) > 0)
            yield return about(EventKind.SessionEnded, minute + random.Between(0, 199));
        else if (random.Between(0, 2) == 0)
            yield return about(EventKind.HostStopped, minute + random.Between(1, 99)) with { OsSessionId = null, User = null, Client = null };
    }

    private static Func<EventKind, double, LedgerEvent> OneLogon(SplitMix64 random, int number)
    {
        var (user, host, group) = (random.Pick(Users), random.Between(1, 6), random.Pick<string?>([null, "g1", "g2", "G2"]));
        var (protocol, app, kind) = (random.Pick<string?>([null, "RDP", "rdp", "ICA"]), random.Pick<string?>([null, "Excel", "EXCEL beta", "微信"]), random.Pick<SessionKind?>([null, SessionKind.Desktop, SessionKind.Application]));
        var client = random.Between(0, 5) == 0 ? null : new ClientFacts
        {
            Name = random.Pick<string?>([null, "LT-2211", "lt-7", "ÜNAL-PC", "50%_off!"]), Ip = random.Pick(Addresses), PublicIp = random.Pick(Addresses),
            Mac = number % 3 == 0 ? null : $"02:00:00:00:00:{number % 60}", SourceIp = number % 4 == 0 ? null : $"198.51.100.{number}", Type = number % 5 == 0 ? null : $"Type {number % 7}", Version = $"8.{number}",
        };
        var told = 0;
        return (what, minute) => Of(what, minute, id: $"{number}-{told++}", os: $"{number % 60}", user: user) with
        {
            Host = new HostFacts
            {
                Name = $"RDS-{host}", Sid = $"S-1-5-21-{host}", Ip = $"10.1.0.{host}", GroupId = group, GroupName = group is null ? null : $"Group {group}",
                PrimaryGroupId = group is null ? null : $"primary {group}", SecondaryGroupId = host % 2 == 0 ? null : $"second {host}",
            },
            Protocol = protocol,
            AppName = app,
            SessionKind = kind,
            Client = client,
            AgentVersion = number % 3 == 1 ? null : $"1.{number}",
            SessionStamp = (number % 3) switch { 0 => $"stamp 印 {number}", 1 => $"S-1-5-21-{host}-{user}-HDP-{number % 60}", _ => null },
            Reason = what is EventKind.SessionEnded && number % 2 == 0 ? $"reason {number}" : null,
        };
    }
}
