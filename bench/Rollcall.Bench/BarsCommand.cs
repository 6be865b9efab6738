using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Bench.Bars;
using Rollcall.Bench.Fleet;
using Rollcall.Bench.Rows;
using Rollcall.Bench.Runs;

namespace Rollcall.Bench;

/// <summary><c>bars</c>: measures every bar, or those named, and prints them.</summary>
internal static class BarsCommand
{
    private const long RowsMin = 1000, RowsDefault = 1_000_000;

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancel)
    {
        if (!TryParse(arguments, out var rows, out var json, out var only, out var fleet, out var ledgers))
        {
            await Console.Error.WriteLineAsync($"bars [--rows {RowsMin} to {SessionRows.CountMax}] [--json] [--only NAME]... [--hosts {FleetScale.HostsMin} to {FleetScale.HostsMax}] [--lease-seconds 1 to {FleetScale.SilentLeaseSecondsMax}] [--ledgers FOLDER]; names: {string.Join(' ', AllBars.List.Select(bar => bar.Name))}");
            return 2;
        }

        using var workshop = new Workshop();
        var run = new BenchRun(rows, SessionRows.SeedDefault, fleet, workshop, ledgers);
        var isEachHeld = true;
        foreach (var bar in AllBars.List.Where(bar => only.Count == 0 || only.Contains(bar.Name)))
        {
            var figure = await bar.MeasureAsync(run, cancel);
            isEachHeld &= figure is null || bar.Holds(figure);
            Console.WriteLine(json ? JsonOf(bar, bar.RowsOf(run), figure) : LineOf(bar, figure));
        }

        return isEachHeld ? 0 : 1;
    }

    private static bool TryParse(IReadOnlyList<string> arguments, out long rows, out bool json, out HashSet<string> only, out FleetScale fleet, out string? ledgers)
    {
        (rows, json, only, fleet, ledgers) = (RowsDefault, false, new HashSet<string>(StringComparer.Ordinal), FleetScale.Full, null);
        for (var i = 0; i < arguments.Count; i++)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : string.Empty;
            switch (arguments[i])
            {
                case "--json":
                    json = true;
                    break;
                case "--rows" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out rows) && rows is >= RowsMin and <= SessionRows.CountMax:
                    i++;
                    break;
                case "--only" when AllBars.List.Any(bar => bar.Name == value):
                    only.Add(value);
                    i++;
                    break;
                case "--hosts" when TryWhole(value, FleetScale.HostsMin, FleetScale.HostsMax, out var hosts):
                    fleet = fleet with { Hosts = hosts };
                    i++;
                    break;
                case "--lease-seconds" when TryWhole(value, 1, FleetScale.SilentLeaseSecondsMax, out var seconds):
                    fleet = fleet with { SilentLeaseSeconds = seconds };
                    i++;
                    break;
                case "--ledgers" when value.Length > 0:
                    ledgers = value;
                    i++;
                    break;
                default:
                    return false;
            }
        }

        return true;
    }

    private static bool TryWhole(string text, int min, int max, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= min && number <= max;

    private static string LineOf(Bar bar, Figure? figure)
    {
        var sign = bar.Sense == Sense.AtMost ? "≤" : "≥";
        var bounds = $"minimum {sign} {bar.Minimum}, goal {sign} {bar.Goal}; beside {bar.Yardstick}";
        if (figure is null)
            return $"{bar.Name,-14} not yet; {bounds}";

        var verdict = bar.ReachesGoal(figure) ? "goal reached" : bar.Holds(figure) ? "holds" : "MISSED";
        var yardstick = figure.YardstickValue is { } value ? $" ({figure.Value:0.###} to {value:0.###} {figure.Unit})"
            : figure.Value == figure.Ratio ? $" {figure.Unit}" : $" ({figure.Value:0.###} {figure.Unit})";
        return $"{bar.Name,-14} {figure.Ratio,8:0.000}{yardstick} {verdict}; {bounds}";
    }

    private static string JsonOf(Bar bar, long rows, Figure? figure) => JsonSerializer.Serialize(
        new BarJson(bar.Name, rows, bar.Yardstick, figure?.YardstickValue, figure?.Value, figure?.Unit, figure?.Ratio, bar.Minimum, bar.Goal, figure is null ? null : bar.Holds(figure)),
        BarJsonContext.Default.BarJson);
}

internal sealed record BarJson(
    [property: JsonPropertyName("bar")] string Bar,
    [property: JsonPropertyName("rows")] long Rows,
    [property: JsonPropertyName("yardstick")] string Yardstick,
    [property: JsonPropertyName("yardstick_value")] double? YardstickValue,
    [property: JsonPropertyName("value")] double? Value,
    [property: JsonPropertyName("unit")] string? Unit,
    [property: JsonPropertyName("ratio")] double? Ratio,
    [property: JsonPropertyName("minimum")] double Minimum,
    [property: JsonPropertyName("goal")] double Goal,
    [property: JsonPropertyName("holds")] bool? Holds);

[JsonSerializable(typeof(BarJson))]
internal sealed partial class BarJsonContext : JsonSerializerContext;
