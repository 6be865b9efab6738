using System.Net.Http.Headers;

namespace Rollcall.Cli.Native;

/// <summary>Waits for a busy server, as long as it asks and never for ever.</summary>
internal sealed class BusyWait(TimeProvider time)
{
    /// <summary>Tries of one request. With the longest wait between them: about four minutes.</summary>
    private const int AttemptsMax = 8;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    /// <summary>False when there were tries enough.</summary>
    public async Task<bool> TryWaitAsync(int attempt, RetryConditionHeaderValue? asked, CancellationToken cancel)
    {
        if (attempt >= AttemptsMax)
            return false;

        await Task.Delay(DelayOf(attempt, asked), time, cancel);
        return true;
    }

    /// <summary>What the server asked for; without a word from it one second, doubled with every try.</summary>
    internal TimeSpan DelayOf(int attempt, RetryConditionHeaderValue? asked)
    {
        var wanted = asked?.Delta
            ?? (asked?.Date is { } date ? date - time.GetUtcNow() : TimeSpan.FromSeconds(Math.Pow(2, attempt - 1)));
        return wanted < TimeSpan.Zero ? TimeSpan.Zero : wanted > WaitMax ? WaitMax : wanted;
    }
}
