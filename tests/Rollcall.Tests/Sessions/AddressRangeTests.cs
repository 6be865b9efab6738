using Rollcall.Core;

namespace Rollcall.Tests.Sessions;

/// <summary>Addresses and ranges as people and sources write them.</summary>
public sealed class AddressRangeTests
{
    [Theory]
    [InlineData("10.9.1.4", "10.9.1.4 ::ffff:10.9.1.4 ::FFFF:0a09:0104")]
    [InlineData("10.9.0.0/16", "10.9.1.4 ::ffff:10.9.1.4 ::FFFF:0a09:0104 10.9.255.255")]
    [InlineData("::ffff:10.9.0.0/112", "10.9.1.4 ::ffff:10.9.1.4 ::FFFF:0a09:0104 10.9.255.255")]
    [InlineData("0.0.0.0/0", "10.9.1.4 ::ffff:10.9.1.4 ::FFFF:0a09:0104 10.9.255.255 10.10.0.0")]
    [InlineData("10.9.1.4/31", "10.9.1.4 ::ffff:10.9.1.4 ::FFFF:0a09:0104")]
    [InlineData("2001:db8::/32", "2001:db8::7 2001:DB8:0:1::7")]
    [InlineData("2001:db8::/64", "2001:db8::7")]
    [InlineData("fe80::/10", "fe80::1%3 fe80::1")]
    [InlineData("::fffe:0:0/95", "")]
    [InlineData("::/0", "2001:db8::7 2001:DB8:0:1::7 fe80::1%3 fe80::1 2001:db9::")]
    public void A_range_holds_what_begins_alike_and_nothing_that_is_no_address(string range, string held)
    {
        string[] texts =
        [
            "10.9.1.4", "::ffff:10.9.1.4", "::FFFF:0a09:0104", "10.9.255.255", "10.10.0.0", "2001:db8::7", "2001:DB8:0:1::7", "fe80::1%3", "fe80::1", "2001:db9::", "10.9.1", "10.9.260",
            "168362244", "0x0a090104", "010.9.1.4", "10.9.1.4:3389", "[2001:db8::7]", "[2001:db8::7]:3389", " 10.9.1.4", "LT-2211", "",
        ];

        var parsed = AddressRange.TryParse(range)!;
        var again = AddressRange.TryParse(parsed.ToString())!;

        Assert.Equal(held, string.Join(' ', texts.Where(text => parsed.Contains(text))));
        Assert.False(parsed.Contains((string?)null));
        Assert.Equal(held, string.Join(' ', texts.Where(text => again.Contains(text))));
    }

    [Theory]
    [InlineData("10.9.1.4/16"), InlineData("10.9.0.0/33"), InlineData("10.9.0.0/"), InlineData("10.9.0.0/-1"), InlineData("10.9.0.0/+8"), InlineData("10.9/16"), InlineData("10.9.0.0/16/8")]
    [InlineData("2001:db8::1/32"), InlineData("::/129"), InlineData("::ffff:10.9.0.0/16"), InlineData("10.0.0.0/255.0.0.0"), InlineData("/8"), InlineData("[::1]/128"), InlineData("any")]
    public void What_is_no_range_is_none(string text) => Assert.Null(AddressRange.TryParse(text));
}
