using System.Net;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary><c>rollcalld migrate</c>: what it does, says and answers to the shell.</summary>
public sealed class MigrateCommandTests
{
    [Theory, InlineData(StoreEngine.Postgres15), InlineData(StoreEngine.Postgres18)]
    public async Task Without_the_extension_spreading_changes_nothing_and_says_what_to_install(StoreEngine engine)
    {
        var database = await PostgresServers.GetAsync(engine);
        Assert.SkipWhen(HasCitus(engine), "Citus is installed here: CitusClusterTests goes on from there.");
        var name = await database.TakeDatabaseAsync();

        var (code, said) = await RunAsync(database.AddressOf(name), "migrate", "--citus");

        Assert.Equal(3, code);
        Assert.Contains($"install the package postgresql-{(engine is StoreEngine.Postgres15 ? 15 : 18)}-citus", said, StringComparison.Ordinal);
        Assert.Contains("CREATE EXTENSION citus", said, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", WebUtility.UrlDecode(said), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_postgres_ledger_is_brought_up_to_date()
    {
        var database = await PostgresServers.GetAsync(StoreEngine.Postgres15);
        var name = await database.TakeDatabaseAsync();

        var (code, said) = await RunAsync(database.AddressOf(name), "migrate");

        Assert.Equal((0, "The schema is up to date."), (code, said.Trim()));
        await using var session = await database.ConnectAsync(name);
        await using var ask = new Npgsql.NpgsqlCommand("SELECT version FROM rollcall_schema", session);
        Assert.True((long)(await ask.ExecuteScalarAsync())! > 0);
        await database.GiveBackAsync(name);
    }

    [Fact]
    public async Task An_embedded_ledger_is_brought_up_to_date_and_cannot_be_spread()
    {
        var (made, first) = await RunAsync("sqlite", "migrate");
        Assert.Equal(0, made);
        Assert.Contains("an empty one was made", first, StringComparison.Ordinal);

        var (code, said) = await RunAsync("sqlite", "migrate", "--citus");

        Assert.Equal(2, code);
        Assert.Contains("set ROLLCALL_STORE=postgres://", said, StringComparison.Ordinal);
    }

    internal static bool HasCitus(StoreEngine engine) => engine is StoreEngine.Postgres15 && File.Exists("/usr/share/postgresql/15/extension/citus.control");

    private static Task<(int Code, string Said)> RunAsync(string store, params string[] arguments) =>
        ListeningProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["ROLLCALL_STORE"] = store }, arguments);
}
