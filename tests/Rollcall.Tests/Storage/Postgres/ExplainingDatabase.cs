using System.Text.Json;
using Rollcall.Core;
using Rollcall.Storage;

namespace Rollcall.Tests.Storage.Postgres;

/// <summary>A PostgreSQL store that asks for the plan of every statement of its readers, with the very parameters, before it sends it.</summary>
internal sealed class ExplainingDatabase(StoreDatabase inner) : StoreDatabase
{
    private readonly List<Plan> plans = [];

    public override int SessionChangesKept { get; set; }

    /// <summary>Of the statements since it was last asked.</summary>
    public IReadOnlyList<Plan> TakePlans()
    {
        Plan[] taken = [.. plans];
        plans.Clear();
        return taken;
    }

    internal override Snapshot BorrowReader()
    {
        var snapshot = inner.BorrowReader();
        return new Snapshot(new ExplainingConnection(snapshot.Connection, plans), _ => snapshot.Dispose());
    }

    public override Task<bool> CanWriteAsync(CancellationToken cancel) => inner.CanWriteAsync(cancel);

    internal override Task<T> WriteAsync<T>(TenantId? tenant, Func<StoreConnection, T> work, CancellationToken cancel) => inner.WriteAsync(tenant, work, cancel);

    /// <summary>The store stays whose it is.</summary>
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class ExplainingConnection(StoreConnection inner, List<Plan> plans) : StoreConnection
    {
        public override int Execute(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) => inner.Execute(sql, parameters);

        public override StoreRows Open(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            Explain(sql, parameters);
            return inner.Open(sql, parameters);
        }

        public override StoreRows OpenStream(string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            Explain(sql, parameters);
            return inner.OpenStream(sql, parameters);
        }

        private void Explain(string sql, ReadOnlySpan<(string Name, object? Value)> parameters)
        {
            using var rows = inner.Open($"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters);
            Assert.True(rows.Read());
            plans.Add(new Plan(sql, JsonDocument.Parse(rows.GetString(0)).RootElement[0].GetProperty("Plan")));
        }
    }
}

/// <summary>How PostgreSQL carried a statement out.</summary>
internal sealed record Plan(string Sql, JsonElement Root)
{
    /// <summary>Pages that it looked at, in memory or not.</summary>
    public long Buffers => Root.GetProperty("Shared Hit Blocks").GetInt64() + Root.GetProperty("Shared Read Blocks").GetInt64();

    /// <summary>Tables that were read from one end to the other.</summary>
    public IEnumerable<string> WalkedTables => Nodes(Root)
        .Where(node => node.GetProperty("Node Type").GetString() == "Seq Scan")
        .Select(node => node.GetProperty("Relation Name").GetString()!);

    public override string ToString() => $"{Sql}\n{string.Join('\n', Lines(Root, 0))}";

    private static IEnumerable<JsonElement> Nodes(JsonElement node) =>
        node.TryGetProperty("Plans", out var below) ? below.EnumerateArray().SelectMany(Nodes).Prepend(node) : [node];

    private static IEnumerable<string> Lines(JsonElement node, int depth)
    {
        var pages = node.GetProperty("Shared Hit Blocks").GetInt64() + node.GetProperty("Shared Read Blocks").GetInt64();
        var name = string.Join(' ', new[] { "Node Type", "Index Name", "Relation Name", "Subplan Name" }.Select(part => node.TryGetProperty(part, out var text) ? text.GetString() : null).Where(text => text is not null));
        var below = node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray().SelectMany(plan => Lines(plan, depth + 1)) : [];
        return below.Prepend($"{new string(' ', 2 * depth)}{name}: {pages} pages, {node.GetProperty("Actual Rows")} of {node.GetProperty("Plan Rows")} rows, {node.GetProperty("Actual Loops")} times");
    }
}
