namespace Rollcall.Cli.Imports;

/// <summary>Instants as the ledger keeps them.</summary>
internal static class Instants
{
    /// <summary>UTC, cut to the milliseconds the native wire carries: what is compared here must be what is sent.</summary>
    public static DateTimeOffset ToMilliseconds(this DateTimeOffset at) =>
        new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMillisecond), TimeSpan.Zero);
}
