using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Rollcall.Server.Metrics;

/// <summary>Adds up what the instruments of this server measure, from its start on.</summary>
internal sealed class MetricSeries : IDisposable
{
    /// <summary>The framework's own; its route is the template, which holds no ids.</summary>
    private const string RequestDuration = "http.server.request.duration";

    /// <summary>What each instrument is told apart by; what else it says of a measurement is left out.</summary>
    private static readonly Dictionary<string, string[]> LabelsOf = new(StringComparer.Ordinal)
    {
        [RequestDuration] = ["http.route", "http.request.method", "http.response.status_code"],
        ["rollcall.events"] = ["outcome"],
        ["rollcall.retention.removed"] = ["kind"],
        ["rollcall.sessions.open"] = ["state"],
        ["rollcall.exports.unfinished"] = ["state"],
    };

    private readonly MeterListener listener = new();
    private readonly Lock reading = new();
    private readonly ConcurrentDictionary<string, InstrumentSeries> all = new(StringComparer.Ordinal);

    /// <param name="meters">Of this server: another one in the same process has its own.</param>
    public MetricSeries(IMeterFactory meters)
    {
        listener.InstrumentPublished = (instrument, own) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, meters) && (instrument.Meter.Name == ServerMeter.Name || instrument.Name == RequestDuration))
                own.EnableMeasurementEvents(instrument, all.GetOrAdd(instrument.Name, _ => new InstrumentSeries(instrument, LabelsOf.GetValueOrDefault(instrument.Name) ?? [])));
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, series) => ((InstrumentSeries)series!).Record(value, tags));
        listener.SetMeasurementEventCallback<double>((_, value, tags, series) => ((InstrumentSeries)series!).Record(value, tags));
        listener.Start();
    }

    /// <summary>Shows them by name, each as of now, to one reader at a time.</summary>
    public T Read<T>(Func<IReadOnlyList<InstrumentSeries>, T> see)
    {
        lock (reading)
        {
            // What is observed is observed anew: a state that has gone must not stay as it was.
            foreach (var series in all.Values)
                series.ForgetObserved();
            listener.RecordObservableInstruments();
            return see([.. all.Values.OrderBy(series => series.Instrument.Name, StringComparer.Ordinal)]);
        }
    }

    public void Dispose() => listener.Dispose();
}

/// <summary>One instrument's series.</summary>
/// <param name="labels">By which they are told apart.</param>
internal sealed class InstrumentSeries(Instrument instrument, string[] labels)
{
    /// <summary>Series of one instrument: more than our routes, methods and answers make. Beyond it measurements count for one series without labels.</summary>
    private const int SeriesMax = 2_000;

    private readonly ConcurrentDictionary<string, Series> series = new(StringComparer.Ordinal);

    public Instrument Instrument => instrument;

    public IReadOnlyList<string> Labels => labels;

    public bool IsHistogram => instrument is Histogram<double>;

    public bool IsCounter => instrument is Counter<long>;

    public IReadOnlyList<Series> All => [.. series.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value)];

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var values = new string[labels.Length];
        for (var label = 0; label < labels.Length; label++)
            values[label] = ValueOf(tags, labels[label]);
        var key = string.Join('\n', values);
        if (!series.TryGetValue(key, out var known))
            known = series.Count < SeriesMax ? series.GetOrAdd(key, _ => new Series(values)) : series.GetOrAdd(string.Empty, _ => new Series([.. labels.Select(_ => string.Empty)]));
        if (IsHistogram || IsCounter)
            known.Add(value, IsHistogram);
        else
            known.Set(value);
    }

    public void ForgetObserved()
    {
        if (instrument.IsObservable)
            series.Clear();
    }

    private static string ValueOf(ReadOnlySpan<KeyValuePair<string, object?>> tags, string label)
    {
        foreach (var (name, value) in tags)
        {
            if (name == label)
                return Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty;
        }

        return string.Empty;
    }
}

/// <summary>The measurements of one set of labels.</summary>
/// <param name="values">Of the labels; empty when a measurement has none.</param>
internal sealed class Series(string[] values)
{
    /// <summary>Upper bounds, inclusive, in seconds.</summary>
    /// <remarks>Source: OpenTelemetry semantic conventions 1.29, "HTTP metrics", http.server.request.duration, advised boundaries.</remarks>
    public static readonly double[] Bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

    private readonly Lock adding = new();
    private readonly long[] buckets = new long[Bounds.Length + 1];
    private double sum;

    public IReadOnlyList<string> Values => values;

    public void Add(double value, bool isInBucket)
    {
        lock (adding)
        {
            sum += value;
            if (isInBucket)
                buckets[BucketOf(value)]++;
        }
    }

    public void Set(double value)
    {
        lock (adding)
            sum = value;
    }

    /// <summary>The sum, and of each bucket how many measurements were in it, the last without an upper bound; both of one moment.</summary>
    public (double Sum, long[] Buckets) Read()
    {
        lock (adding)
            return (sum, [.. buckets]);
    }

    private static int BucketOf(double value)
    {
        var found = Array.BinarySearch(Bounds, value);
        return found < 0 ? ~found : found;
    }
}
