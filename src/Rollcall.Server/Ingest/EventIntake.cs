using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Server.Metrics;

namespace Rollcall.Server.Ingest;

/// <summary>What became of all events of one request.</summary>
internal sealed class IntakeReceipt
{
    public int Accepted { get; set; }

    public int Duplicate { get; set; }

    public List<(int Index, EventRejection Rejection)> Rejected { get; } = [];
}

/// <summary>Takes a request's events to the ledger: a JSON batch as one transaction, lines in chunks as they stream in.</summary>
internal sealed class EventIntake(IEventLog log, ServerMeter meter, TimeProvider clock, ILogger<EventIntake> logger)
{
    public const int BatchEventsMax = 10_000;

    /// <summary>Lines of a stream that share a transaction: our choice, a trade of fsyncs against the wait of others.</summary>
    private const int ChunkEvents = 1_000;

    /// <summary>How far a source's clock may be ahead: more than any zone that was forgotten. What lies beyond would outlast every later word of the host.</summary>
    private static readonly TimeSpan AheadMax = TimeSpan.FromDays(1);

    private const int LineBytesMax = 1024 * 1024;

    /// <summary>Rejections told one by one; a stream of garbage must not grow the answer without bound.</summary>
    private const int RejectionsMax = 10_000;

    public async Task<IntakeReceipt> TakeBatchAsync(TenantId tenant, JsonElement batch, CancellationToken cancel)
    {
        if (batch.ValueKind is not JsonValueKind.Array)
            throw FaultException.Unreadable("The request body must be a JSON array of CloudEvents");
        if (batch.GetArrayLength() > BatchEventsMax)
            throw FaultException.TooMany($"A batch holds at most {BatchEventsMax} events");

        var chunk = new Chunk(log, meter, clock, tenant, logger);
        var index = 0;
        foreach (var element in batch.EnumerateArray())
            chunk.Add(index++, EventReader.Read(element));
        await chunk.FlushAsync(cancel);
        return chunk.Receipt;
    }

    public async Task<IntakeReceipt> TakeLinesAsync(TenantId tenant, Stream lines, CancellationToken cancel)
    {
        var chunk = new Chunk(log, meter, clock, tenant, logger);
        var reader = PipeReader.Create(lines, new StreamPipeReaderOptions(bufferSize: 64 * 1024));
        var index = 0;
        var isInsideLongLine = false;
        while (true)
        {
            var result = await reader.ReadAsync(cancel);
            var rest = result.Buffer;
            while (TryTakeLine(ref rest, result.IsCompleted, out var line))
            {
                if (!isInsideLongLine && !IsBlank(line))
                    chunk.Add(index++, ReadLine(line));
                isInsideLongLine = false;
                if (chunk.Count >= ChunkEvents)
                    await chunk.FlushAsync(cancel);
            }

            // One event that is too long spoils nothing: it is refused when its length shows, and dropped up to its end.
            if (rest.Length > LineBytesMax && !isInsideLongLine)
                chunk.Add(index++, (null, new EventRejection(null, null, $"is longer than {LineBytesMax} bytes")));
            isInsideLongLine |= rest.Length > LineBytesMax;
            reader.AdvanceTo(isInsideLongLine ? rest.End : rest.Start, rest.End);
            if (result.IsCompleted)
                break;
        }

        await chunk.FlushAsync(cancel);
        return chunk.Receipt;
    }

    private static bool TryTakeLine(ref ReadOnlySequence<byte> rest, bool isLast, out ReadOnlySequence<byte> line)
    {
        if (rest.PositionOf((byte)'\n') is { } end)
        {
            line = rest.Slice(0, end);
            rest = rest.Slice(rest.GetPosition(1, end));
            return true;
        }

        line = rest;
        if (!isLast || rest.IsEmpty)
            return false;

        rest = rest.Slice(rest.End);
        return true;
    }

    private static bool IsBlank(ReadOnlySequence<byte> line) =>
        line.IsEmpty || (line.Length <= 2 && line.ToArray().All(b => b is (byte)'\r' or (byte)' '));

    private static (LedgerEvent?, EventRejection?) ReadLine(ReadOnlySequence<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return EventReader.Read(document.RootElement);
        }
        catch (JsonException)
        {
            return (null, new EventRejection(null, null, "is not valid JSON"));
        }
    }

    /// <summary>Events that will share one transaction, with their places in the request.</summary>
    private sealed class Chunk(IEventLog log, ServerMeter meter, TimeProvider clock, TenantId tenant, ILogger logger)
    {
        private readonly IntakeReceipt receipt = new();
        private readonly List<LedgerEvent> events = [];
        private readonly List<int> indexes = [];
        private readonly List<RejectedEvent> rejected = [];

        public IntakeReceipt Receipt => receipt;

        /// <summary>The rejected too: they are counted in the transaction.</summary>
        public int Count => events.Count + rejected.Count;

        public void Add(int index, (LedgerEvent? Event, EventRejection? Rejection) read)
        {
            if (read.Event is { } ahead && ahead.At > clock.GetUtcNow() + AheadMax)
            {
                Refuse(index, new EventRejection(ahead.Id, "time", "is more than a day ahead of the server's clock")
                {
                    Counted = new RejectedEvent(ahead.Source, ahead.Host.Name, ahead.At),
                });
            }
            else if (read.Event is { } good)
            {
                events.Add(good);
                indexes.Add(index);
            }
            else
            {
                Refuse(index, read.Rejection!);
            }
        }

        public async Task FlushAsync(CancellationToken cancel)
        {
            if (Count > 0)
            {
                var stored = await log.AppendAsync(tenant, events, rejected, cancel);
                meter.Took(stored, rejected.Count);
                receipt.Accepted += stored.Accepted;
                receipt.Duplicate += stored.Duplicate;
                foreach (var conflict in stored.Conflicts)
                    Reject(indexes[conflict], new EventRejection(events[conflict].Id, "time", "conflicts: the ledger holds this id with another time"));
                foreach (var warning in stored.ClockWarnings)
                    IntakeLog.ClockIsOff(logger, tenant.Value, OneLine(warning.HostName), warning.SkewMs);
            }

            receipt.Rejected.Sort((a, b) => a.Index.CompareTo(b.Index));
            events.Clear();
            indexes.Clear();
            rejected.Clear();
        }

        /// <summary>A host's name is a stranger's text: it must not begin a line of its own in the log.</summary>
        private static string OneLine(string name) => string.Concat(name.Select(c => char.IsControl(c) ? '?' : c));

        /// <summary>Of what the ledger never sees; it counts the conflicts itself.</summary>
        private void Refuse(int index, EventRejection rejection)
        {
            Reject(index, rejection);
            rejected.Add(rejection.Counted);
        }

        private void Reject(int index, EventRejection rejection)
        {
            if (receipt.Rejected.Count >= RejectionsMax)
                throw FaultException.TooMany($"More than {RejectionsMax} events are wrong; those before them are stored");
            receipt.Rejected.Add((index, rejection));
        }
    }
}

/// <summary>What the intake of events says. Event ids 2200-2299.</summary>
internal static partial class IntakeLog
{
    [LoggerMessage(2201, LogLevel.Warning, "The clock of host {Host} of tenant {Tenant} is off by {SkewMs} ms; positive is ahead of the server")]
    public static partial void ClockIsOff(ILogger log, string tenant, string host, long skewMs);
}
