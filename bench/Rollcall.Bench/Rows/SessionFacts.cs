namespace Rollcall.Bench.Rows;

/// <summary>One made-up session, in numbers. Everything textual follows from them, see <see cref="SessionText"/>.</summary>
/// <param name="Ordinal">From 0, in order of start.</param>
/// <param name="Tenant">0 to <see cref="SessionRows.Tenants"/> less 1; 0 holds half of all rows.</param>
/// <param name="User">0 to <see cref="SessionRows.Users"/> less 1.</param>
/// <param name="Host">0 to <see cref="SessionRows.Hosts"/> less 1.</param>
/// <param name="IdHigh">With <paramref name="IdLow"/> the session's id: 128 bits without any order.</param>
internal readonly record struct SessionFacts(
    long Ordinal, int Tenant, int User, int Host, int OsSession, DateTimeOffset StartedAt, int DurationSeconds, ulong IdHigh, ulong IdLow);

/// <summary>The rows that performance.md measures with: 20 tenants, the largest with half of all rows, 200 000 users, 5 000 hosts, 50 days.</summary>
/// <remarks>Row and seed decide everything: any row can be made without those before it, and any number of them in constant memory.</remarks>
internal static class SessionRows
{
    public const int Tenants = 20, Users = 200_000, Hosts = 5_000;

    /// <summary>The most rows that one run makes: our choice, ten times the record run.</summary>
    public const long CountMax = 100_000_000;

    /// <summary>What all published figures are measured with.</summary>
    public const ulong SeedDefault = 20;

    private const int Days = 50;

    // Past, so that no ledger takes them for events from the future.
    private static readonly DateTimeOffset _begin = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>So many rows of all tenants, in order of start.</summary>
    public static IEnumerable<SessionFacts> InOrder(ulong seed, long count)
    {
        for (long ordinal = 0; ordinal < count; ordinal++)
            yield return At(seed, ordinal, count);
    }

    /// <summary>The largest tenant's rows as an export writes them: newest first.</summary>
    public static IEnumerable<SessionFacts> LargestTenantNewestFirst(ulong seed, long count)
    {
        for (var ordinal = count - 1; ordinal >= 0; ordinal--)
        {
            if (At(seed, ordinal, count) is { Tenant: 0 } facts)
                yield return facts;
        }
    }

    /// <param name="count">Of all rows in the run: they are spread over the same days, however many there are.</param>
    public static SessionFacts At(ulong seed, long ordinal, long count)
    {
        var a = Mix(seed ^ ((ulong)ordinal * 0x9E3779B97F4A7C15));
        var b = Mix(a + 1);
        var tenant = (a & 1) == 0 ? 0 : 1 + (int)((a >> 1) % (Tenants - 1));
        var user = (int)((a >> 8) % Users);
        var host = (int)((b >> 8) % Hosts);
        var startMs = (long)((double)ordinal / count * Days * 86_400_000);
        return new SessionFacts(
            ordinal, tenant, user, host, 2 + (int)(b % 97), _begin.AddMilliseconds(startMs), 30 + (int)((b >> 32) % 36_000), Mix(b + 1), Mix(b + 2));
    }

    // SplitMix64's finalizer (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014).
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
