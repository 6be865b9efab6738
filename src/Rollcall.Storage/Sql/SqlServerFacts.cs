using Rollcall.Core.Identity;

namespace Rollcall.Storage.Sql;

/// <summary>Facts of all servers, in a table of their own.</summary>
public sealed class SqlServerFacts(StoreDatabase database) : IServerFacts
{
    public Task<byte[]?> TryGetAsync(string name, CancellationToken cancel) => Task.FromResult(database.Read(connection => TryGet(connection, name)));

    public Task<byte[]> AddAsync(string name, byte[] value, CancellationToken cancel) => database.WriteRowsAsync(
        connection =>
        {
            connection.Execute(
                "INSERT INTO server_facts (name, value) VALUES ($name, $value) ON CONFLICT (name) DO NOTHING", ("$name", name), ("$value", value));
            return TryGet(connection, name)!;
        },
        cancel);

    public Task ReplaceAsync(string name, byte[] value, CancellationToken cancel) => database.WriteRowsAsync(
        connection => connection.Execute("UPDATE server_facts SET value = $value WHERE name = $name", ("$name", name), ("$value", value)), cancel);

    private static byte[]? TryGet(StoreConnection connection, string name) =>
        connection.FirstRow(row => row.GetBytes(0), "SELECT value FROM server_facts WHERE name = $name", ("$name", name));
}
