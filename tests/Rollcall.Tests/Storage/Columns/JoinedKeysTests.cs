using Rollcall.Storage.Columns;

namespace Rollcall.Tests.Storage.Columns;

public sealed class JoinedKeysTests
{
    private static readonly string?[] Keys = ["ALICE", null, "BOB", "", "\uFFFFBOB", "CAR\uFFFFOL", "CAROL\uFFFF", "BOBBY"];

    [Theory]
    [InlineData("BOB"), InlineData("L"), InlineData("ALICE"), InlineData("OL"), InlineData("\uFFFF"), InlineData("\uFFFFBOB"), InlineData("R\uFFFFO"), InlineData("L\uFFFF"), InlineData("nobody")]
    public void What_is_found_has_every_key_with_the_part_or_of_the_text(string text)
    {
        var joined = new JoinedKeys();
        foreach (var key in Keys)
            joined.Add(key);

        Assert.Subset(joined.Containing(text).ToHashSet(), Places(key => key?.Contains(text, StringComparison.Ordinal) is true));
        Assert.Subset(joined.Equal(text).ToHashSet(), Places(key => key == text));
    }

    [Fact]
    public void Where_no_key_is_none_is_found_not_even_by_the_bound() => Assert.Empty(new JoinedKeys().Containing("\uFFFF"));

    private static HashSet<int> Places(Func<string?, bool> condition) => [.. Enumerable.Range(0, Keys.Length).Where(place => condition(Keys[place]))];
}
