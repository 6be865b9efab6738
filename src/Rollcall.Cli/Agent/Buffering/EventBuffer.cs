using Rollcall.Cli.Agent.Files;

namespace Rollcall.Cli.Agent.Buffering;

/// <summary>
/// Events on their way, on disk: files that are only appended to, sent oldest first, each removed when the server answered for all of it.
/// It may hold an event twice, since what was read and not noted as read is read again; the ledger takes each once.
/// </summary>
/// <remarks>One thread appends and another one sends; a lock keeps the list of files.</remarks>
internal sealed class EventBuffer : IDisposable
{
    /// <summary>Bytes of one file at most, so that dropping the oldest drops little; a small bound has smaller files.</summary>
    private const long ChunkBytesMax = 1024 * 1024;

    private const int ChunksMin = 8;

    private const byte NewLine = (byte)'\n';

    private readonly string folder;
    private readonly long bytesMax;
    private readonly Action<long> onDropped;
    private readonly Lock gate = new();
    private readonly LinkedList<Chunk> chunks = [];
    private readonly SemaphoreSlim arrival = new(0);
    private FileStream? writer;
    private Chunk? reading;
    private long nextNumber = 1;

    /// <param name="folder">Made when missing; nobody else may use it.</param>
    /// <param name="bytesMax">Bytes of all files together.</param>
    /// <param name="onDropped">Told how many events were given up for want of room.</param>
    public EventBuffer(string folder, long bytesMax, Action<long> onDropped)
    {
        (this.folder, this.bytesMax, this.onDropped) = (folder, bytesMax, onDropped);
        Directory.CreateDirectory(folder);
        foreach (var path in Directory.GetFiles(folder, "*.ndjson").Order(StringComparer.Ordinal))
            TakeUp(path);
        if (chunks.Count > 0)
            arrival.Release();
    }

    /// <summary>Events that wait, counted once for each time they were written.</summary>
    public long Count
    {
        get
        {
            lock (gate)
                return chunks.Sum(c => c.Count);
        }
    }

    public long SizeBytes
    {
        get
        {
            lock (gate)
                return chunks.Sum(c => c.SizeBytes);
        }
    }

    /// <summary>Writes events down; they are on disk when this returns.</summary>
    /// <param name="events">Each one JSON object without line breaks.</param>
    public void Append(IReadOnlyCollection<byte[]> events)
    {
        if (events.Count == 0)
            return;

        lock (gate)
        {
            foreach (var one in events)
            {
                var chunk = Writable(one.Length + 1);
                writer!.Write(one);
                writer.WriteByte(NewLine);
                (chunk.Count, chunk.SizeBytes) = (chunk.Count + 1, chunk.SizeBytes + one.Length + 1);
            }

            writer!.Flush(flushToDisk: true);
            DropBeyondBound();
        }

        arrival.Release();
    }

    /// <summary>Waits until something may be there.</summary>
    public Task WaitAsync(CancellationToken cancel) => arrival.WaitAsync(cancel);

    /// <summary>The oldest file's events; nothing is added to it any more. Null when there are none. <see cref="Remove"/> it when it was answered for.</summary>
    public IReadOnlyList<byte[]>? Oldest()
    {
        lock (gate)
        {
            if (chunks.First?.Value is not { } oldest)
                return null;

            if (writer is not null && chunks.Last!.Value == oldest)
                Seal();

            reading = oldest;
            return [.. Lines(File.ReadAllBytes(oldest.Path))];
        }
    }

    /// <summary>Takes away what <see cref="Oldest"/> gave.</summary>
    public void Remove()
    {
        lock (gate)
        {
            if (reading is null || !chunks.Remove(reading))
                return;

            File.Delete(reading.Path);
            reading = null;
        }
    }

    public void Dispose()
    {
        writer?.Dispose();
        arrival.Dispose();
    }

    /// <summary>A file of an earlier run. A kill can leave its last line torn: that event was never noted as read, and comes again.</summary>
    private void TakeUp(string path)
    {
        var number = long.TryParse(Path.GetFileNameWithoutExtension(path), out var found) ? found : 0;
        nextNumber = Math.Max(nextNumber, number + 1);
        var bytes = File.ReadAllBytes(path);
        var whole = Array.LastIndexOf(bytes, NewLine) + 1;
        if (whole == 0)
        {
            File.Delete(path);
            return;
        }

        if (whole < bytes.Length)
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.SetLength(whole);
            file.Flush(flushToDisk: true);
        }

        chunks.AddLast(new Chunk(path) { SizeBytes = whole, Count = bytes.AsSpan(0, whole).Count(NewLine) });
    }

    private Chunk Writable(int bytes)
    {
        if (writer is not null && chunks.Last!.Value.SizeBytes + bytes > Math.Min(ChunkBytesMax, bytesMax / ChunksMin))
            Seal();

        if (writer is not null)
            return chunks.Last!.Value;

        var chunk = new Chunk(Path.Combine(folder, $"{nextNumber++:D12}.ndjson"));
        writer = DurableFile.OpenOwn(chunk.Path, FileMode.CreateNew);
        Posix.SyncFolder(folder);
        chunks.AddLast(chunk);
        return chunk;
    }

    private void Seal()
    {
        writer!.Flush(flushToDisk: true);
        writer.Dispose();
        writer = null;
    }

    /// <summary>The file being sent stays: its events may be in the ledger already.</summary>
    private void DropBeyondBound()
    {
        var dropped = 0L;
        for (var total = chunks.Sum(c => c.SizeBytes); total > bytesMax;)
        {
            if (chunks.FirstOrDefault(c => c != reading && c != chunks.Last!.Value) is not { } oldest)
                break;

            File.Delete(oldest.Path);
            chunks.Remove(oldest);
            (total, dropped) = (total - oldest.SizeBytes, dropped + oldest.Count);
        }

        if (dropped > 0)
            onDropped(dropped);
    }

    private static IEnumerable<byte[]> Lines(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var length = bytes.AsSpan(at).IndexOf(NewLine);
            if (length < 0)
                yield break;
            if (length > 0)
                yield return bytes[at..(at + length)];
            at += length + 1;
        }
    }

    /// <summary>One file of events.</summary>
    private sealed class Chunk(string path)
    {
        public string Path { get; } = path;
        public long Count { get; set; }
        public long SizeBytes { get; set; }
    }
}
