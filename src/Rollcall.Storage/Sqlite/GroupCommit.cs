using System.Collections.Concurrent;
using Rollcall.Core;

namespace Rollcall.Storage.Sqlite;

/// <summary>
/// Lets the writers that wait share one transaction, and so one sync of the disk. Whoever finds nobody at work does the work of all who wait;
/// each has a savepoint of its own, so that one that fails spoils nothing of the others.
/// </summary>
/// <param name="writer">The one connection that writes.</param>
/// <param name="growth">Counts the commits that lengthen a feed.</param>
/// <param name="forget">Called when anything was rolled back: what was remembered of it is not true.</param>
/// <param name="tellGrown">Called after each commit with whose feeds grew by it, when the writers have been told.</param>
internal sealed class GroupCommit(SqliteConnection writer, FeedGrowth growth, Action forget, Action<IReadOnlyList<TenantId>> tellGrown)
{
    /// <summary>Writers that may wait for their turn; one more is refused. Our choice: some seconds of work at 10 ms a transaction.</summary>
    private const int WaitingMax = 512;

    /// <summary>Writers that share a transaction: beyond it one more saves little and the first waits long.</summary>
    private const int GroupMax = 64;

    private const int RetryAfterSeconds = 1;

    /// <summary>How long a patient writer waits for company when nobody else writes. Our choice: no agent notices.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    private readonly ConcurrentQueue<Turn> waiting = new();
    private int waitingCount, isWorking, isPatienceRunning;

    /// <summary>Runs <paramref name="work"/> in a transaction that is on disk when this returns.</summary>
    /// <param name="isPatient">Whether it may wait a moment so that others share its commit.</param>
    /// <param name="cancel">Honoured until the work begins.</param>
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when too many wait already.</exception>
    public async Task<T> RunAsync<T>(Func<StoreConnection, T> work, bool isPatient, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        if (Interlocked.Increment(ref waitingCount) > WaitingMax)
        {
            Interlocked.Decrement(ref waitingCount);
            throw FaultException.TooBusy("Too many writes wait for the ledger", RetryAfterSeconds);
        }

        var turn = new Turn<T>(work, cancel);
        waiting.Enqueue(turn);
        if (isPatient)
            LeadLater();
        else
            Lead();
        return await turn.Result.ConfigureAwait(false);
    }

    /// <summary>Waits for who is at work; nobody works after it.</summary>
    public async Task StopAsync()
    {
        while (Interlocked.Exchange(ref isWorking, 1) != 0)
            await Task.Yield();
    }

    private void LeadLater()
    {
        if (Interlocked.Exchange(ref isPatienceRunning, 1) == 0)
            _ = Task.Delay(Patience, TimeProvider.System).ContinueWith(
                _ =>
                {
                    Volatile.Write(ref isPatienceRunning, 0);
                    Lead();
                },
                CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>Works for all who wait, unless somebody does; who came meanwhile is left to another thread, so that nobody works for others for ever.</summary>
    private void Lead()
    {
        if (Interlocked.Exchange(ref isWorking, 1) != 0)
            return;

        try
        {
            RunGroup();
        }
        finally
        {
            // With a fence: whoever came before this must be seen by the look at the queue that follows.
            Interlocked.Exchange(ref isWorking, 0);
        }

        if (!waiting.IsEmpty)
            ThreadPool.UnsafeQueueUserWorkItem(group => group.Lead(), this, preferLocal: false);
    }

    private void RunGroup()
    {
        var group = new List<Turn>();
        while (group.Count < GroupMax && waiting.TryDequeue(out var turn))
        {
            Interlocked.Decrement(ref waitingCount);
            if (turn.Begin())
                group.Add(turn);
        }

        if (group.Count == 0)
            return;

        var broken = Work(group);
        var grown = writer.TakeGrown();
        broken ??= Commit(grown);
        foreach (var turn in group)
            turn.End(broken);
        if (broken is null)
            tellGrown(grown);
    }

    /// <summary>Null when all was done that did not fail by itself; else why none of it was.</summary>
    private Exception? Work(List<Turn> group) => Try(() =>
    {
        // By statements rather than by a transaction object: statements stay prepared.
        writer.Execute("BEGIN IMMEDIATE");
        foreach (var turn in group)
            Run(turn, isAlone: group.Count == 1);
    });

    /// <summary>Null when it is on disk.</summary>
    private Exception? Commit(IReadOnlyList<TenantId> grown)
    {
        growth.Begin(grown);
        var broken = Try(() => writer.Execute("COMMIT"));
        growth.End(grown);
        return broken;
    }

    private Exception? Try(Action step)
    {
        try
        {
            step();
            return null;
        }
#pragma warning disable CA1031 // Whatever broke the transaction is what every writer in it is told.
        catch (Exception broken)
#pragma warning restore CA1031
        {
            forget();
            RollBack();
            return broken;
        }
    }

    private void Run(Turn turn, bool isAlone)
    {
        if (isAlone)
        {
            turn.Run(writer);
            return;
        }

        writer.Execute("SAVEPOINT turn");
        try
        {
            turn.Run(writer);
        }
        catch (Exception failure) when (writer.IsInTransaction)
        {
            forget();
            writer.Execute("ROLLBACK TO turn");
            turn.Fail(failure);
        }

        writer.Execute("RELEASE turn");
    }

    /// <summary>SQLite ends the transaction by itself on some errors (a full disk); then there is nothing left to roll back.</summary>
    private void RollBack()
    {
        try
        {
            if (writer.IsInTransaction)
                writer.Execute("ROLLBACK");
        }
        catch (StoreException)
        {
            // What broke the transaction is told; the next BEGIN fails in what is left of it, and is rolled back in turn.
        }
    }

    private abstract class Turn
    {
        private Exception? failure;

        /// <summary>False when the writer has gone meanwhile.</summary>
        public abstract bool Begin();

        public abstract void Run(StoreConnection connection);

        /// <summary>Of this writer alone; the others' work stands.</summary>
        public void Fail(Exception why) => failure = why;

        /// <param name="broken">Why the whole transaction came to nothing; null when it did not.</param>
        public void End(Exception? broken) => Tell(failure ?? broken);

        protected abstract void Tell(Exception? why);
    }

    private sealed class Turn<T> : Turn
    {
        private readonly Func<StoreConnection, T> work;
        private readonly TaskCompletionSource<T> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenRegistration registration;
        private int hasBegun;
        private T? result;

        public Turn(Func<StoreConnection, T> work, CancellationToken cancel)
        {
            this.work = work;
            registration = cancel.UnsafeRegister(
                static (turn, token) =>
                {
                    if (Interlocked.Exchange(ref ((Turn<T>)turn!).hasBegun, 1) == 0)
                        ((Turn<T>)turn).told.SetCanceled(token);
                },
                this);
        }

        public Task<T> Result => told.Task;

        public override bool Begin()
        {
            var isFirst = Interlocked.Exchange(ref hasBegun, 1) == 0;
            registration.Unregister();
            return isFirst;
        }

        public override void Run(StoreConnection connection) => result = work(connection);

        protected override void Tell(Exception? why)
        {
            if (why is null)
                told.SetResult(result!);
            else
                told.SetException(why);
        }
    }
}
