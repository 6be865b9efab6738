using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>What the server says of the store it was told to use.</summary>
public sealed class StoreSettingTests
{
    [Theory]
    [InlineData("postgres://anna:hunter2@127.0.0.1:1/ledger", "The ledger at postgres://anna@127.0.0.1:1/ledger cannot be opened: nobody answers there")]
    [InlineData("postgres://anna:hunter2@127.0.0.1:1/", "the database must be named")]
    [InlineData("mysql://anna:hunter2@127.0.0.1/ledger", "must be sqlite or postgres://user:password@host:port/database")]
    public async Task A_store_that_cannot_be_used_stops_the_start_with_one_sentence_without_the_password(string store, string sentence)
    {
        var (code, said) = await ListeningProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLLCALL_STORE"] = store });

        Assert.Equal(2, code);
        Assert.Contains(sentence, Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("postgres://anna:hun%40ter2@db.example/ledger", "Store = postgres://anna:***@db.example/ledger")]
    [InlineData("postgres://anna:hun@t:er2@db.example/ledger", "Store = postgres://anna:***@db.example/ledger")]
    [InlineData("sqlite", "Store = sqlite")]
    public async Task The_settings_are_shown_without_the_password_of_the_store(string store, string line)
    {
        var (code, said) = await ListeningProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal), "config", "--store", store);

        Assert.Equal(0, code);
        Assert.Contains(line, said, StringComparison.Ordinal);
        Assert.DoesNotContain("er2", said, StringComparison.Ordinal);
    }
}
