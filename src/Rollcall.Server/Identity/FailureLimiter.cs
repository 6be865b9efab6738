using System.Collections.Concurrent;
using System.Net;
using Rollcall.Core;
using Rollcall.Server.Configuration;
using Rollcall.Server.Listening;

namespace Rollcall.Server.Identity;

/// <summary>Counts failed sign-ins per account and address in a window of one minute, and refuses beyond the limit.</summary>
internal sealed class FailureLimiter(SignInOptions options, TrustedProxies proxies, TimeProvider clock) : IDisposable
{
    /// <summary>Pairs remembered at most; beyond it those of past minutes go, and then no new one is let in. Our choice: about 10 MB.</summary>
    private const int PairsMax = 50_000;

    /// <summary>Passwords checked at once: each costs a core a fifth of a second on purpose, and others want to be served too.</summary>
    private const int ChecksAtOnceMax = 4;

    private static readonly TimeSpan CheckWaitMax = TimeSpan.FromSeconds(10);

    private const int WindowSeconds = 60;

    private readonly SemaphoreSlim checks = new(ChecksAtOnceMax, ChecksAtOnceMax);
    private readonly ConcurrentDictionary<(string Account, string Address), (long Window, int Failures)> counts = new();

    /// <summary>Runs the check of a password; a failure is counted before the check, so that attempts side by side cannot slip through.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when the limit of this minute is used up, or too many checks wait.</exception>
    public async Task<bool> CheckAsync(string account, IPAddress? address, Func<bool> isRight, CancellationToken cancel)
    {
        var key = (NameKey.Of(account), address?.ToString() ?? string.Empty);
        CountFailure(key, address);
        var isWrong = false;
        try
        {
            isWrong = !await InTurnAsync(isRight, cancel);
        }
        finally
        {
            // Only a wrong password stays counted: not a right one, nor a check that never had its turn.
            if (!isWrong)
                counts.AddOrUpdate(key, _ => (0, 0), (_, count) => (count.Window, Math.Max(0, count.Failures - 1)));
        }

        return !isWrong;
    }

    private async Task<bool> InTurnAsync(Func<bool> isRight, CancellationToken cancel)
    {
        if (!await checks.WaitAsync(CheckWaitMax, cancel))
            throw FaultException.TooBusy("Too many sign-ins at once", retryAfterSeconds: 1);

        try
        {
            return isRight();
        }
        finally
        {
            checks.Release();
        }
    }

    private void CountFailure((string, string) key, IPAddress? address)
    {
        var (window, second) = Math.DivRem(clock.GetUtcNow().ToUnixTimeSeconds(), WindowSeconds);
        // A proxy on this machine that names no client stands for the world and does not lend it the limit of this machine.
        var isLoopback = address is not null && IPAddress.IsLoopback(address) && !proxies.Contains(address);
        var max = isLoopback ? options.LoopbackFailuresPerMinuteMax : options.FailuresPerMinuteMax;
        MakeRoom(window);
        // A full table turns new pairs away, never those it knows: whoever fills it must not lock the others out.
        if (counts.Count >= PairsMax && !counts.ContainsKey(key))
            throw FaultException.TooBusy("Too many failed sign-ins", WindowSeconds - (int)second);

        var count = counts.AddOrUpdate(key, _ => (window, 1), (_, old) => old.Window == window ? (window, Math.Min(old.Failures, max) + 1) : (window, 1));
        if (count.Failures > max)
            throw FaultException.TooBusy("Too many failed sign-ins", WindowSeconds - (int)second);
    }

    private void MakeRoom(long window)
    {
        if (counts.Count < PairsMax)
            return;

        foreach (var old in counts.Where(pair => pair.Value.Window != window))
            counts.TryRemove(old);
    }

    public void Dispose() => checks.Dispose();
}
