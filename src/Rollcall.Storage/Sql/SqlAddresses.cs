using System.Text;
using Rollcall.Core;

namespace Rollcall.Storage.Sql;

/// <summary><c>within(address, range)</c> in SQL, 1 or 0: what <see cref="AddressRange.Contains(string?)"/> says. Addresses are kept as sources sent them.</summary>
internal sealed class SqlAddresses
{
    public const string Function = "within";

    private byte[] asked = [];
    private AddressRange? range;

    /// <summary>Remembers the range it parsed last: a statement asks of one range again and again. Used by one connection.</summary>
    public bool IsWithin(ReadOnlySpan<byte> address, ReadOnlySpan<byte> of)
    {
        if (!of.SequenceEqual(asked))
            (asked, range) = (of.ToArray(), AddressRange.TryParse(Encoding.UTF8.GetString(of)));
        return range?.Contains(Encoding.UTF8.GetString(address)) is true;
    }
}
