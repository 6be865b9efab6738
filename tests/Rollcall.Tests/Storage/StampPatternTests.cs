using Rollcall.Storage.Sql;

namespace Rollcall.Tests.Storage;

public sealed class StampPatternTests
{
    [Theory]
    [InlineData("S-1-5-21-9-42-ann@x.example-HDP-7", "ann@x.example", "S-1-5-21-9-42", "7", "{sid}-{user}-HDP-{session}")]
    [InlineData("ann-HDP", "ann", null, "7", "{user}-HDP")]
    public void A_stamp_made_of_what_the_ledger_has_is_told_by_its_pattern(string stamp, string user, string? sid, string session, string pattern) =>
        Assert.Equal(pattern, StampPattern.TryOf(stamp, user, sid, session));

    [Theory]
    [InlineData("ann-4711", "ann", null)] // another number for each session
    [InlineData("0f3c", "ann", null)]
    [InlineData("{user}-ann", "ann", null)] // would be read as a part's name
    [InlineData("ann", "", null)]
    [InlineData("", "ann", null)]
    [InlineData(null, "ann", null)]
    [InlineData("u-HDP-se", "u", "se")] // the SID within a part's name
    [InlineData("us-er-7", "us", "er}")]
    public void Any_other_stamp_stands_as_it_is(string? stamp, string user, string? sid) => Assert.Null(StampPattern.TryOf(stamp, user, sid, "7"));
}
