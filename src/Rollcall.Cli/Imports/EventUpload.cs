using Rollcall.Cli.Native;

namespace Rollcall.Cli.Imports;

/// <summary>Sends events in batches and adds up what the server made of them.</summary>
internal sealed class EventUpload(NativeSession session)
{
    private const string BatchType = "application/cloudevents-batch+json";

    /// <summary>Events in one batch. The server takes ten times as many; small ones show progress and are cheap to repeat.</summary>
    public const int BatchEventsMax = 1_000;

    /// <summary>Bytes in one batch, half of what the server takes.</summary>
    private const int BatchBytesMax = 8 * 1024 * 1024;

    private readonly List<OutgoingEvent> batch = [];
    private long batchBytes;

    public long Accepted { get; private set; }
    public long Duplicate { get; private set; }

    /// <summary>What the server would not take, by its reason.</summary>
    public Tally Rejected { get; } = new();

    /// <summary>Events the server has answered for.</summary>
    public long Sent { get; private set; }

    /// <summary>Queues one event, and sends when the batch is full.</summary>
    public async Task AddAsync(OutgoingEvent one, CancellationToken cancel)
    {
        if (batchBytes + one.Json.Length > BatchBytesMax)
            await FlushAsync(cancel);

        batch.Add(one);
        batchBytes += one.Json.Length + 1;
        if (batch.Count == BatchEventsMax)
            await FlushAsync(cancel);
    }

    /// <summary>Sends what is queued.</summary>
    public async Task FlushAsync(CancellationToken cancel)
    {
        if (batch.Count == 0)
            return;

        var receipt = await session.Client.PostAsync(session.Path("events"), Body(), BatchType, NativeJson.Default.Receipt, cancel);
        Accepted += receipt.Accepted;
        Duplicate += receipt.Duplicate;
        foreach (var rejected in receipt.Rejected ?? [])
        {
            var spot = rejected.Index >= 0 && rejected.Index < batch.Count ? batch[rejected.Index].Spot : default;
            Rejected.Skip(rejected.Field is null ? rejected.Reason ?? "no reason given" : $"{rejected.Field}: {rejected.Reason}", spot);
        }

        Sent += batch.Count;
        batch.Clear();
        batchBytes = 0;
    }

    private byte[] Body()
    {
        using var body = new MemoryStream();
        for (var i = 0; i < batch.Count; i++)
        {
            body.WriteByte((byte)(i == 0 ? '[' : ','));
            body.Write(batch[i].Json);
        }

        body.WriteByte((byte)']');
        return body.ToArray();
    }
}
