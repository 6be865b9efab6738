using System.Runtime.CompilerServices;
using Rollcall.Core;
using Rollcall.Core.Connections;

namespace Rollcall.Storage.Sqlite;

/// <summary>Reads the connections that were derived from the events.</summary>
public sealed class SqliteConnectionLog(SqliteDatabase database) : IConnectionLog
{
    public async IAsyncEnumerable<Connection> ScanAsync(ConnectionQuery query, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        using var reader = database.BorrowReader();
        var filter = FilterOf(query);
        using var command = reader.Connection.Statement(
            $"""
            SELECT {ConnectionRow.Columns} FROM connections c JOIN sessions s ON s.tenant = c.tenant AND s.no = c.session_no
            {filter.Where} ORDER BY c.requested_ms DESC, c.session_no DESC, c.ordinal DESC
            """,
            filter.Parameters);
        using var rows = command.ExecuteReader();
        while (rows.Read())
        {
            cancel.ThrowIfCancellationRequested();
            yield return ConnectionRow.Read(rows, query.Tenant);
        }
    }

    public Task<long> CountAsync(ConnectionQuery query, CancellationToken cancel)
    {
        var filter = FilterOf(query);
        return Task.FromResult(database.Read(connection =>
            connection.Number($"SELECT COUNT(*) FROM connections c {filter.Where}", filter.Parameters) ?? 0));
    }

    private static SqliteFilter FilterOf(ConnectionQuery query) => new SqliteFilter(query.Tenant, "c.")
        .And("c.requested_ms >= $from", "$from", SqliteFilter.MsUp(query.Requested.From))
        .And("c.requested_ms < $to", "$to", SqliteFilter.MsUp(query.Requested.To))
        .And("c.user_key = $user", "$user", KeyOf(query.User))
        .And("c.host_name_key = $host", "$host", KeyOf(query.HostName))
        .And("c.client_type_key = $type", "$type", KeyOf(query.ClientType));

    private static string? KeyOf(string? name) => name is null ? null : NameKey.Of(name);
}
