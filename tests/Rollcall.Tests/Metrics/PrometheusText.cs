using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Rollcall.Tests.Metrics;

/// <summary>One sample: a name, its labels and a value.</summary>
internal sealed record Sample(string Name, IReadOnlyDictionary<string, string> Labels, double Value)
{
    public string Without(string label) => string.Join(',', Labels.Where(one => one.Key != label).OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}={one.Value}"));
}

/// <summary>A metric with its help and type, and all its samples.</summary>
internal sealed record Family(string Name, string Help, string Type, IReadOnlyList<Sample> Samples);

/// <summary>Reads the text format 0.0.4 more strictly than Prometheus itself: whatever is not exactly of the format fails.</summary>
internal static partial class PrometheusText
{
    public static IReadOnlyList<Family> Read(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        var families = new List<Family>();
        var lines = text[..^1].Split('\n');
        for (var line = 0; line < lines.Length;)
        {
            var help = Match(HelpLine(), lines[line++]);
            var type = Match(TypeLine(), lines[line++]);
            Assert.Equal(help.Groups["name"].Value, type.Groups["name"].Value);
            var family = new Family(help.Groups["name"].Value, help.Groups["help"].Value, type.Groups["type"].Value, []);
            var samples = new List<Sample>();
            while (line < lines.Length && !lines[line].StartsWith('#'))
                samples.Add(SampleOf(family, lines[line++]));
            families.Add(family with { Samples = samples });
        }

        Assert.Equal(families.Count, families.Select(family => family.Name).Distinct(StringComparer.Ordinal).Count());
        foreach (var family in families)
            Check(family);
        return families;
    }

    private static Sample SampleOf(Family family, string line)
    {
        var match = Match(SampleLine(), line);
        var name = match.Groups["name"].Value;
        string[] names = family.Type is "histogram" ? [$"{family.Name}_bucket", $"{family.Name}_sum", $"{family.Name}_count"] : [family.Name];
        Assert.Contains(name, names);
        var labels = match.Groups["label"].Captures.Zip(match.Groups["value"].Captures, (label, value) => KeyValuePair.Create(label.Value, Unescaped(value.Value)));
        return new Sample(name, labels.ToDictionary(StringComparer.Ordinal), NumberOf(match.Groups["number"].Value));
    }

    private static void Check(Family family)
    {
        Assert.NotEmpty(family.Help);
        Assert.Equal(family.Samples.Count, family.Samples.Select(sample => $"{sample.Name} {sample.Without("")}").Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(family.Type is "counter", family.Name.EndsWith("_total", StringComparison.Ordinal));
        Assert.All(family.Samples, sample => Assert.True(family.Type is "gauge" || sample.Value >= 0));
        if (family.Type is not "histogram")
            return;

        foreach (var one in family.Samples.GroupBy(sample => sample.Without("le")))
        {
            var buckets = one.Where(sample => sample.Name.EndsWith("_bucket", StringComparison.Ordinal)).ToList();
            Assert.Equal(buckets.Select(bucket => NumberOf(bucket.Labels["le"])), buckets.Select(bucket => NumberOf(bucket.Labels["le"])).Distinct().Order());
            Assert.Equal("+Inf", buckets[^1].Labels["le"]);
            Assert.Equal(buckets.Select(bucket => bucket.Value), buckets.Select(bucket => bucket.Value).Order());
            var count = one.Single(sample => sample.Name.EndsWith("_count", StringComparison.Ordinal)).Value;
            Assert.Equal(buckets[^1].Value, count);
            Assert.InRange(one.Single(sample => sample.Name.EndsWith("_sum", StringComparison.Ordinal)).Value, 0, count > 0 ? double.MaxValue : 0);
        }
    }

    private static string Unescaped(string value)
    {
        var text = new StringBuilder();
        for (var at = 0; at < value.Length; at++)
            text.Append(value[at] is '\\' ? value[++at] is 'n' ? '\n' : value[at] : value[at]);
        return text.ToString();
    }

    private static double NumberOf(string text) => text is "+Inf" ? double.PositiveInfinity : double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static Match Match(Regex form, string line)
    {
        var match = form.Match(line);
        Assert.True(match.Success, $"not of the format: {line}");
        return match;
    }

    [GeneratedRegex(@"^# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<help>([^\\\n]|\\\\|\\n)*)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HelpLine();

    [GeneratedRegex("^# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (?<type>counter|gauge|histogram)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TypeLine();

    [GeneratedRegex(@"^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{((?<label>[a-zA-Z_][a-zA-Z0-9_]*)=""(?<value>([^""\\\n]|\\\\|\\""|\\n)*)""(,(?!\})|(?=\})))+\})? (?<number>\+Inf|-?[0-9.]+(E[+-]?[0-9]+)?)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SampleLine();
}
