using System.Collections.Concurrent;
using System.Net;
using Rollcall.Core;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Identity;

/// <summary>Counts failed sign-ins per account and address in a window of one minute, and refuses beyond the limit.</summary>
internal sealed class FailureLimiter(SignInOptions options, TimeProvider clock)
{
    /// <summary>Pairs remembered at most; beyond it the map begins anew. Our choice: about 10 MB, more than one minute of honest mistakes.</summary>
    private const int PairsMax = 50_000;

    private const int WindowSeconds = 60;

    private readonly ConcurrentDictionary<(string Account, string Address), (long Window, int Failures)> counts = new();

    /// <exception cref="FaultException"><see cref="FaultCode.TooBusy"/> when the limit of this minute is used up.</exception>
    public void Check(string account, IPAddress? address)
    {
        var (window, second) = Math.DivRem(clock.GetUtcNow().ToUnixTimeSeconds(), WindowSeconds);
        var isLoopback = address is not null && IPAddress.IsLoopback(address);
        var max = isLoopback ? options.LoopbackFailuresPerMinuteMax : options.FailuresPerMinuteMax;
        if (counts.TryGetValue(KeyOf(account, address), out var count) && count.Window == window && count.Failures >= max)
            throw FaultException.TooBusy("Too many failed sign-ins", WindowSeconds - (int)second);
    }

    public void CountFailure(string account, IPAddress? address)
    {
        if (counts.Count > PairsMax)
            counts.Clear();
        var window = clock.GetUtcNow().ToUnixTimeSeconds() / WindowSeconds;
        counts.AddOrUpdate(
            KeyOf(account, address),
            _ => (window, 1),
            (_, old) => old.Window == window ? (window, old.Failures + 1) : (window, 1));
    }

    private static (string, string) KeyOf(string account, IPAddress? address) => (NameKey.Of(account), address?.ToString() ?? string.Empty);
}
