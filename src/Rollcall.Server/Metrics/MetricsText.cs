using System.Globalization;
using System.Text;

namespace Rollcall.Server.Metrics;

/// <summary>Writes metrics as Prometheus reads them.</summary>
/// <remarks>Source: Prometheus, "Exposition formats", text format version 0.0.4; names as "OpenTelemetry to Prometheus" maps them.</remarks>
internal sealed class MetricsText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder text = new();

    public override string ToString() => text.ToString();

    /// <summary>All series of an instrument.</summary>
    public void Write(InstrumentSeries one)
    {
        var name = one.Instrument.Name.Replace('.', '_') + (one.Instrument.Unit is "s" ? "_seconds" : string.Empty) + (one.IsCounter ? "_total" : string.Empty);
        Head(name, one.IsHistogram ? "histogram" : one.IsCounter ? "counter" : "gauge", one.Instrument.Description ?? string.Empty);
        foreach (var series in one.All)
        {
            var labels = one.Labels.Zip(series.Values, (label, value) => (Name: label.Replace('.', '_'), Value: value)).ToList();
            if (one.IsHistogram)
                Histogram(name, labels, series);
            else
                Sample(name, labels, series.Read().Sum);
        }
    }

    /// <summary>A metric of one series.</summary>
    public void Write(string name, string type, string help, double value, params IReadOnlyList<(string Name, string Value)> labels)
    {
        Head(name, type, help);
        Sample(name, labels, value);
    }

    private void Head(string name, string type, string help) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal))
            .Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    private void Histogram(string name, List<(string Name, string Value)> labels, Series series)
    {
        var (sum, buckets) = series.Read();
        var upTo = 0L;
        for (var bucket = 0; bucket < buckets.Length; bucket++)
        {
            upTo += buckets[bucket];
            Sample(name + "_bucket", [.. labels, ("le", bucket < Series.Bounds.Length ? Number(Series.Bounds[bucket]) : "+Inf")], upTo);
        }

        Sample(name + "_sum", labels, sum);
        Sample(name + "_count", labels, upTo);
    }

    private void Sample(string name, IReadOnlyList<(string Name, string Value)> labels, double value)
    {
        text.Append(name);
        for (var label = 0; label < labels.Count; label++)
            text.Append(label == 0 ? '{' : ',').Append(labels[label].Name).Append("=\"").Append(Escaped(labels[label].Value)).Append('"');
        text.Append(labels.Count > 0 ? "} " : " ").Append(Number(value)).Append('\n');
    }

    private static string Escaped(string value) => value
        .Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
