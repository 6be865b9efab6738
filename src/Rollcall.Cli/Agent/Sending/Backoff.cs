using System.Security.Cryptography;

namespace Rollcall.Cli.Agent.Sending;

/// <summary>How long to wait after a failure: longer with each, and never all agents at once.</summary>
internal sealed class Backoff
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1), WaitMax = TimeSpan.FromSeconds(60);

    /// <summary>The longest a server may ask to be left alone: one that names a day by mistake is asked again within minutes.</summary>
    private static readonly TimeSpan AskedMax = TimeSpan.FromMinutes(10);

    private int failures;

    public void Reset() => failures = 0;

    /// <summary>The wait after one more failure: full jitter, anywhere from nothing to twice the last bound; what the server asked for at least.</summary>
    /// <param name="asked">By Retry-After; null when it did not say.</param>
    public TimeSpan Next(TimeSpan? asked)
    {
        var bound = BoundOf(++failures);
        var wait = TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32((int)bound.TotalMilliseconds + 1));
        return asked is { } least && least > wait ? Shorter(least, AskedMax) + (wait / 10) : wait;
    }

    /// <summary>The longest wait after so many failures in a row.</summary>
    internal static TimeSpan BoundOf(int failures) => Shorter(First * Math.Pow(2, Math.Min(failures - 1, 10)), WaitMax);

    /// <summary>The wait after a refusal that will not pass by itself: somebody has to do something first.</summary>
    public static TimeSpan Slow() => TimeSpan.FromSeconds(30 + RandomNumberGenerator.GetInt32(31));

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
