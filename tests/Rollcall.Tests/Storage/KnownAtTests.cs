using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage;

/// <summary>What was known at an instant is what the ledger answered at that instant, whatever arrived since.</summary>
public abstract class KnownAtTests(StoreEngine engine)
{
    [Fact]
    public void The_answer_as_of_then_is_the_answer_that_was_given_then() => CheckHistories(histories: 60);

    [Fact, Trait("Category", "Long")]
    public void Thousands_of_answers_as_of_then_are_the_answers_that_were_given_then() => CheckHistories(histories: 400);

    protected void CheckThinning()
    {
        using var store = new BlockingStore(engine, Nine);
        var logon = Of(EventKind.SessionStarted, 1);
        var answers = new List<KnownAnswer>();
        for (var halfMinute = 0; halfMinute < 1500; halfMinute++)
        {
            var minute = halfMinute / 2.0;
            store.AppendAt(Nine.AddMinutes(minute), [Beat(minute, [Line("3")], boot: "b1")]);
            if (EventAt(halfMinute, logon) is { } e)
                store.AppendAt(Nine.AddMinutes(minute).AddSeconds(1), [e]);
            if (halfMinute % 10 == 0 || EventAt(halfMinute, logon) is not null)
                answers.Add(KnownAnswer.Of(store));
        }

        Assert.True(store.CountBeats() < 500, "the beats were thinned");
        Assert.All(answers, answer => answer.Check(store, KnownAnswer.Whole));
    }

    [Fact]
    public void A_filter_means_the_same_of_what_is_known_and_of_what_is()
    {
        var property = Prop.ForAll(RandomHistories.Arrivals().ToArbitrary(), Queries().ToArbitrary(), (arrivals, query) =>
        {
            using var store = new BlockingStore(engine);
            foreach (var batch in arrivals)
                store.Append(batch);
            return Ids(store.Find(query)) == Ids(store.Known(query, store.Now));
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(engine.Rounds(100)), property);
    }

    private void CheckHistories(int histories)
    {
        var property = Prop.ForAll(RandomHistories.Arrivals().ToArbitrary(), arrivals =>
        {
            using var store = new BlockingStore(engine);
            var answers = new List<KnownAnswer> { KnownAnswer.Of(store) };
            foreach (var batch in arrivals)
            {
                store.AppendAt(store.Now.AddSeconds(1), batch);
                answers.Add(KnownAnswer.Of(store));
                if (batch.Length % 2 == 0)
                    store.JudgeSilence();
                answers.Add(KnownAnswer.Of(store));
            }

            foreach (var answer in answers)
                answer.Check(store, KnownAnswer.Whole);
        });

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(engine.Rounds(histories)), property);
    }

    private static LedgerEvent? EventAt(int halfMinute, LedgerEvent logon) => halfMinute switch
    {
        2 => logon,
        300 => Of(EventKind.SessionDisconnected, 150.01),
        600 => Of(EventKind.SessionReconnected, 299, source: "import://late"),
        700 => Word(EventKind.SessionClosed, 350.02, logon),
        900 => Of(EventKind.SessionReconnected, 450.01),
        1200 => Of(EventKind.HostStarted, 400),
        _ => null,
    };

    private static Gen<SessionQuery> Queries()
    {
        var instant = Gen.Frequency(
            (2, Gen.Constant<DateTimeOffset?>(null)), (3, Gen.Choose(-2, 16).Select(minute => (DateTimeOffset?)Nine.AddMinutes(minute))), (1, Gen.Choose(-2, 16).Select(minute => (DateTimeOffset?)Nine.AddMinutes(minute).AddTicks(1))));
        var range = from one in instant from other in instant select one > other ? new TimeRange(other, one) : new TimeRange(one, other);
        return from overlapping in range
               from started in Gen.Frequency((2, Gen.Constant(TimeRange.Always)), (1, range))
               from ended in Gen.Frequency((3, Gen.Constant(TimeRange.Always)), (1, range))
               from before in Gen.Frequency((3, Gen.Constant<DateTimeOffset?>(null)), (1, instant))
               from user in Gen.Elements(null, null, "anna", "ANNA", @"corp\anna", "bob")
               from host in Gen.Elements(null, "rds-07", "rds-08")
               from states in Gen.SubListOf(SessionState.Active, SessionState.Ended, SessionState.Failed)
               from created in Gen.Elements<bool?>(null, null, true, false)
               select new SessionQuery(TenantOne)
               {
                   Overlapping = overlapping, Started = started, Ended = ended, EndedOrOpenBefore = before, UserInAnyForm = user, HostName = host, States = [.. states], Created = created,
               };
    }

    private static string Ids(IEnumerable<Session> sessions) => string.Join(' ', sessions.Select(session => session.Id).Order(StringComparer.Ordinal));
}

public sealed class SqliteKnownAtTests() : KnownAtTests(StoreEngine.Sqlite)
{
    /// <summary>The 1500 batches and 150 answers would take PostgreSQL half a minute; what thins is one statement, whose facts of storage run there.</summary>
    [Fact]
    public void Thinning_the_beats_takes_nothing_from_what_was_known() => CheckThinning();
}

public sealed class Postgres15KnownAtTests() : KnownAtTests(StoreEngine.Postgres15);

public sealed class Postgres18KnownAtTests() : KnownAtTests(StoreEngine.Postgres18);
