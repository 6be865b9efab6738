using Rollcall.Core;

namespace Rollcall.Storage.Sqlite;

/// <summary>The numbers that stand for tenants in every key of the file: 32 digits in each row of each index would be most of it.</summary>
/// <param name="connection">Asked for what is not known yet.</param>
internal sealed class TenantNumbers(SqliteConnection connection)
{
    /// <summary>No tenant has it: what is asked of a tenant that is not there finds nothing.</summary>
    private const long Nobody = 0;

    private readonly Dictionary<TenantId, long> numbers = [];
    private readonly Dictionary<long, TenantId> tenants = [];

    public long NumberOf(TenantId tenant)
    {
        if (numbers.TryGetValue(tenant, out var known))
            return known;
        if (connection.Number("SELECT no FROM tenants WHERE id = $id", ("$id", tenant.Value)) is not { } number)
            return Nobody;

        Keep(tenant, number);
        return number;
    }

    /// <param name="number">As a row has it.</param>
    public TenantId Of(long number)
    {
        if (tenants.TryGetValue(number, out var known))
            return known;

        using var rows = connection.Open("SELECT id FROM tenants WHERE no = $no", ("$no", number));
        if (!rows.Read())
            throw new InvalidDataException($"the ledger has a row of tenant {number}, whom it does not have");

        var tenant = TenantId.Parse(rows.GetString(0));
        Keep(tenant, number);
        return tenant;
    }

    /// <summary>A tenant whose making was rolled back leaves its number to the next.</summary>
    public void Forget()
    {
        numbers.Clear();
        tenants.Clear();
    }

    private void Keep(TenantId tenant, long number)
    {
        numbers[tenant] = number;
        tenants[number] = tenant;
    }
}
