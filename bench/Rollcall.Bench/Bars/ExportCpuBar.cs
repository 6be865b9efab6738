using System.Globalization;
using System.Text.Json.Nodes;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Bars;

/// <summary>The server's CPU time for a whole export task, from the order to the finished file, over that of the writer with rows in memory.</summary>
internal sealed record ExportCpuBar() : Bar("export-cpu", "the writer alone on rows in memory", Sense.AtMost, 2.2, 1.3)
{
    private const int Rounds = 3;

    /// <summary>29 columns, as the writer's rows have.</summary>
    private static readonly string[] _columns =
    [
        "id", "user", "kind", "state", "host", "host_sid", "host_ip", "host_group_id", "host_group_name", "os_session_id", "protocol", "app_name",
        "client_name", "client_ip", "client_public_ip", "client_mac", "client_type", "client_version", "requested_at", "start_time", "end_time",
        "end_time_source", "end_time_earliest", "duration_ms", "connected_ms", "failure_reason", "last_change_at", "agent_version", "revision",
    ];

    public override async Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel)
    {
        await using var ledger = await FilledLedger.OpenAsync(run, cancel);
        await ledger.Server.ListsInMemory.WaitAsync(cancel); // or its reading would be taken for an export's
        var ours = new List<double>();
        var alone = new List<double>();
        // The first is not measured: the runtime compiles what an export runs through once in a server's life, and the writer's rounds say little of that.
        await OrderAsync(run, ledger, cancel);
        for (var round = 0; round < Rounds; round++)
        {
            var before = ledger.Server.Cpu;
            await OrderAsync(run, ledger, cancel);
            ours.Add((ledger.Server.Cpu - before).TotalSeconds);
            alone.Add((await XlsxPair.OnceAsync(run, run.Rows, cancel)).CpuSeconds);
        }

        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"export {string.Join(' ', ours)}; alone {string.Join(' ', alone)} CPU s"));
        return Figure.Quotient(alone.Order().ElementAt(Rounds / 2), ours.Order().ElementAt(Rounds / 2), "CPU s");
    }

    private static async Task OrderAsync(BenchRun run, FilledLedger ledger, CancellationToken cancel)
    {
        var columns = new JsonArray([.. _columns.Select(column => JsonValue.Create(column))]);
        var task = await ledger.Client.ExportAsync(new JsonObject { ["what"] = "sessions", ["format"] = "xlsx", ["columns"] = columns }, cancel);
        if (task.GetProperty("rows").GetInt64() != run.Rows)
            throw new InvalidOperationException($"the export has {task.GetProperty("rows")} rows of {run.Rows}");
    }
}
