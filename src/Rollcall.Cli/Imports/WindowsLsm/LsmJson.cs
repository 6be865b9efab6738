using System.Text.Json;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>Streams the JSON objects of an export: one a line, one array, or one object over many lines.</summary>
internal static class LsmJson
{
    public static IEnumerable<(JsonElement Json, Spot Spot)> Read(LogFile file, Tally tally) =>
        IsOneValue(file) ? ReadWhole(file, tally) : ReadLines(file, tally);

    /// <summary>An array, or an object whose first line is not complete by itself.</summary>
    private static bool IsOneValue(LogFile file)
    {
        var first = LineReader.Read(file, new Tally()).Select(l => l.Text.Trim()).FirstOrDefault(t => t.Length > 0);
        return first is not null && (first.StartsWith('[') || (first.StartsWith('{') && TryParse(first) is null));
    }

    private static IEnumerable<(JsonElement Json, Spot Spot)> ReadLines(LogFile file, Tally tally)
    {
        foreach (var line in LineReader.Read(file, tally))
        {
            if (TryParse(line.Text) is { } json)
                yield return (json, line.Spot);
            else
                tally.Skip("not JSON", line.Spot);
        }
    }

    private static IEnumerable<(JsonElement Json, Spot Spot)> ReadWhole(LogFile file, Tally tally)
    {
        using var stream = file.OpenText();
        var isArray = LineReader.Read(file, new Tally()).First().Text.TrimStart().StartsWith('[');
        using var values = JsonSerializer
            .DeserializeAsyncEnumerable(stream, NativeJson.Default.JsonElement, topLevelValues: !isArray)
            .ToBlockingEnumerable()
            .GetEnumerator();
        for (long number = 1; ; number++)
        {
            var spot = new Spot(file.Name, number);
            if (!TryMove(values, spot, tally))
                yield break;

            if (values.Current.GetRawText().Length > LineReader.LineBytesMax)
                tally.Skip($"longer than {LineReader.LineBytesMax / 1024} KiB", spot);
            else
                yield return (values.Current, spot);
        }
    }

    private static bool TryMove(IEnumerator<JsonElement> values, Spot spot, Tally tally)
    {
        try
        {
            return values.MoveNext();
        }
        catch (Exception e) when (e is JsonException or IOException or InvalidDataException)
        {
            tally.Skip("not JSON from here on; the rest of the file is lost", spot);
            return false;
        }
    }

    private static JsonElement? TryParse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
