using System.Text.Json;
using Rollcall.Cli.Agent.Buffering;
using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Agent.Sending;

/// <summary>Carries the buffer to the server, oldest first, and gives up nothing but what the server will never take.</summary>
/// <param name="parked">Where events go that the server cannot read at all, for a person to look at.</param>
internal sealed class Sender(EventBuffer buffer, ServerLink link, SendingCount count, string parked, TimeProvider time, AgentLog log)
{
    private const int BatchEventsMax = EventUpload.BatchEventsMax;

    /// <summary>Bytes in one batch, a quarter of what the server takes.</summary>
    private const int BatchBytesMax = 4 * 1024 * 1024;

    /// <summary>Bytes of parked events kept at most; more are only counted.</summary>
    private const long ParkedBytesMax = 16 * 1024 * 1024;

    private readonly Backoff backoff = new();

    /// <summary>Sends until told to stop; then what is left stays on disk.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            if (buffer.Oldest() is { } events)
            {
                foreach (var batch in Batches(events))
                    await DeliverAsync(batch, cancel);
                buffer.Remove();
            }
            else
            {
                await buffer.WaitAsync(cancel);
            }
        }
    }

    private async Task DeliverAsync(IReadOnlyList<byte[]> batch, CancellationToken cancel)
    {
        while (true)
        {
            var answer = await link.PostAsync(Body(batch), batch.Count, cancel);
            switch (answer.Delivery)
            {
                case Delivery.Acknowledged:
                    Acknowledge(answer.Receipt!, batch);
                    return;
                case Delivery.Unreadable when batch.Count > 1:
                    await DeliverAsync([.. batch.Take(batch.Count / 2)], cancel);
                    await DeliverAsync([.. batch.Skip(batch.Count / 2)], cancel);
                    return;
                case Delivery.Unreadable:
                    Park(batch[0], answer.Failure!);
                    return;
            }

            count.Fail(answer.Failure!, answer.Delivery == Delivery.Barred, time.GetUtcNow());
            log.Failing(answer.Cause, answer.Failure!, buffer.Count);
            await Task.Delay(answer.Delivery == Delivery.Barred ? Backoff.Slow() : backoff.Next(answer.RetryAfter), time, cancel);
        }
    }

    /// <summary>Kept, since whatever stands in between and refuses everything would else empty the buffer.</summary>
    private void Park(byte[] one, string why)
    {
        count.Reject(why, time.GetUtcNow());
        log.Rejected(IdOf(one), why);
        using var file = DurableFile.OpenOwn(parked, FileMode.Append);
        if (file.Length > ParkedBytesMax)
            return;

        file.Write([.. one, (byte)'\n']);
        file.Flush(flushToDisk: true);
    }

    private void Acknowledge(Receipt receipt, IReadOnlyList<byte[]> batch)
    {
        backoff.Reset();
        foreach (var one in receipt.Rejected ?? [])
        {
            var why = one.Field is null ? one.Reason ?? "no reason given" : $"{one.Field}: {one.Reason}";
            count.Reject(why, time.GetUtcNow());
            log.Rejected(one.Id ?? (one.Index >= 0 && one.Index < batch.Count ? IdOf(batch[one.Index]) : "?"), why);
        }

        count.Acknowledge(batch.Count, time.GetUtcNow());
        log.Reached();
    }

    private static IEnumerable<IReadOnlyList<byte[]>> Batches(IReadOnlyList<byte[]> events)
    {
        var (batch, bytes) = (new List<byte[]>(), 0L);
        foreach (var one in events)
        {
            if (batch.Count > 0 && (batch.Count == BatchEventsMax || bytes + one.Length > BatchBytesMax))
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }

            batch.Add(one);
            bytes += one.Length + 1;
        }

        if (batch.Count > 0)
            yield return batch;
    }

    private static byte[] Body(IReadOnlyList<byte[]> batch)
    {
        using var body = new MemoryStream();
        for (var i = 0; i < batch.Count; i++)
        {
            body.WriteByte((byte)(i == 0 ? '[' : ','));
            body.Write(batch[i]);
        }

        body.WriteByte((byte)']');
        return body.ToArray();
    }

    private static string IdOf(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.TryGetProperty("id", out var id) ? id.ToString() : "?";
        }
        catch (JsonException)
        {
            return "?"; // a line that the disk damaged
        }
    }
}
