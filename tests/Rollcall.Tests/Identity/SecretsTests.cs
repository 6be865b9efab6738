using Rollcall.Server.Identity;

namespace Rollcall.Tests.Identity;

/// <summary>What the server gives out to be kept secret.</summary>
public sealed class SecretsTests
{
    /// <summary>A sixty-fourth of random ones would.</summary>
    [Fact]
    public void No_token_begins_like_an_option_of_a_command_line() =>
        Assert.DoesNotContain(Enumerable.Range(0, 2_000).Select(_ => Secrets.NewToken()), token => token.StartsWith('-'));
}
