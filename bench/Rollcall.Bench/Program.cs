using System.Globalization;
using Rollcall.Bench;
using Rollcall.Bench.Work;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

switch (args)
{
    case ["bars", .. var options]:
        return await BarsCommand.RunAsync(options, stop.Token);
    case ["rows", .. var options]:
        return await RowsCommand.RunAsync(options, stop.Token);
    case ["sheets", .. var options]:
        return await SheetsCommand.RunAsync(options, stop.Token);
    case ["console", .. var options]:
        return await ConsoleCommand.RunAsync(options, stop.Token);
    case ["ready-made", var file]:
        return await ReadyMade.RunAsync(file, stop.Token);
    case ["work", var kind, var rows, var pool, var path]:
        return await WriteWork.RunAsync(kind, long.Parse(rows, CultureInfo.InvariantCulture), pool, path, stop.Token);
    default:
        Console.Error.WriteLine("bench/run bars [--rows N] [--json] [--only NAME]... [--ledgers FOLDER] | rows COUNT [SEED] | sheets ROWS | console ROWS [--ledgers FOLDER]");
        return args is ["--help" or "-h"] ? 0 : 2;
}
