using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent.Files;

/// <summary>What rotations left unread: files that are finished, oldest first, before the followed path goes on.</summary>
/// <param name="path">The followed path.</param>
/// <param name="buffer">To read with; nothing is left in it between two reads, so that many files may share one.</param>
internal sealed class Leftovers(string path, LinkPolicy links, PieceCutter cutter, byte[] buffer, Tally tally) : IDisposable
{
    private readonly Queue<Leftover> waiting = [];
    private readonly HashSet<(ulong Device, ulong Inode)> finished = [];
    private Stream? open;
    private byte[] carried = [];
    private FilePosition? position;

    public bool IsEmpty => open is null && waiting.Count == 0;

    /// <summary>The place in the file being finished; null when none is.</summary>
    public FilePosition? Position => IsEmpty ? null : position;

    /// <summary>Counts the files begun and the returns to the path.</summary>
    public int Generation { get; private set; }

    /// <summary>Bytes that the last <see cref="Read"/> read.</summary>
    public int ReadBytes { get; private set; }

    /// <summary>Looks for the rest of the file that was read so far and for what came after it; false when it is not found.</summary>
    public bool TryFindRestOf(FilePosition old)
    {
        if (RotatedFiles.Find(path, links, old) is not { } found)
            return false;

        found.ForEach(waiting.Enqueue);
        position = old;
        return true;
    }

    /// <summary>
    /// A file of which nothing was taken may have been filled, copied and emptied since: then its lines are in a file beside it that was
    /// written to since. Reading one of those in vain costs time and changes nothing.
    /// </summary>
    public bool TryFindMissed(FilePosition empty, DateTimeOffset since)
    {
        var margin = TimeSpan.FromSeconds(1); // a file's time comes from a coarser clock than ours
        foreach (var one in RotatedFiles.WrittenSince(path, links, since - margin))
        {
            if (Posix.TryIdentify(one) is { } identity && !empty.IsOf(identity) && finished.Add((identity.Device, identity.Inode)))
                waiting.Enqueue(new Leftover(one, 0, IsSkipping: false));
        }

        position = empty;
        return waiting.Count > 0;
    }

    /// <summary>Notes that a file was read to its end by its own name.</summary>
    public void Finished(FilePosition whole) => finished.Add((whole.Device, whole.Inode));

    /// <summary>Numbers of files are given out anew.</summary>
    public void Forget() => finished.Clear();

    public void Read(int bytesMax, List<(ReadOnlyMemory<byte>, Spot)> taken)
    {
        ReadBytes = 0;
        try
        {
            open ??= OpenNext();
            carried.CopyTo(buffer, 0);
            ReadBytes = open.Read(buffer.AsSpan(carried.Length, Math.Min(bytesMax, buffer.Length - carried.Length)));
            var filled = buffer.AsSpan(0, carried.Length + ReadBytes);
            var (used, isSkipping) = cutter.Cut(filled, position!.IsSkipping, taken);
            carried = filled[used..].ToArray();
            position = position with { Offset = position.Offset + used, IsSkipping = isSkipping };
            if (ReadBytes > 0)
                return;

            cutter.TakeLast(carried, taken);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            tally.Break($"an old file cannot be read further: {e.Message}", cutter.Spot);
        }

        Close();
    }

    public void Dispose() => open?.Dispose();

    private Stream OpenNext()
    {
        var next = waiting.Peek();
        var identity = Posix.TryIdentify(next.Path) ?? default;
        finished.Add((identity.Device, identity.Inode));
        var stream = RotatedFiles.Open(next.Path, links);
        position = new FilePosition
        {
            Device = identity.Device,
            Inode = identity.Inode,
            Offset = next.Offset,
            IsSkipping = next.IsSkipping,
            HeadLength = HeadOf(next.Path, out var head),
            Head = head,
        };
        Pass(stream, next.Offset);

        // The first is the rest of the file that was being read; each other one is begun.
        if (next.Offset == 0)
            Generation++;

        return stream;
    }

    private void Pass(Stream stream, long bytes)
    {
        if (stream.CanSeek)
        {
            stream.Position = bytes;
            return;
        }

        for (var left = bytes; left > 0;)
        {
            var count = stream.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, left)));
            if (count == 0)
                break;
            left -= count;
        }
    }

    private int HeadOf(string of, out string head)
    {
        using var content = RotatedFiles.Open(of, links);
        var bytes = new byte[FilePosition.HeadBytesMax];
        var count = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        head = FilePosition.HashOf(bytes.AsSpan(0, count));
        return count;
    }

    private void Close()
    {
        open?.Dispose();
        (open, carried) = (null, []);
        waiting.Dequeue();
        if (waiting.Count == 0)
            Generation++;
    }
}
