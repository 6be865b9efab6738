using Microsoft.Win32.SafeHandles;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent.Files;

/// <summary>
/// Reads a file as it grows, in whole pieces, through rotation by renaming, truncation after copying, deletion and reappearance. What a
/// rotation moved away is finished before the new file is begun, also when the rotation happened while nobody looked.
/// </summary>
internal sealed class FollowedFile : IDisposable
{
    /// <summary>How long a file that was moved away must be silent: its writer goes on with it until it is told to reopen.</summary>
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(5);

    /// <summary>Bytes read in one go; at least two of the longest pieces.</summary>
    private const int BufferBytes = 256 * 1024;

    private readonly Framing framing;
    private readonly LinkPolicy links;
    private readonly Tally tally;
    private readonly byte[] buffer = new byte[BufferBytes];
    private readonly Queue<Leftover> leftovers = [];
    private readonly HashSet<(ulong Device, ulong Inode)> finished = [];
    private SafeFileHandle? handle;
    private TimeSpan? quietSince;
    private Stream? leftover;
    private int leftoverFilled;
    private FilePosition? finishing;
    private long pieces;

    /// <param name="resume">Where an earlier run stopped; null begins at the first byte.</param>
    public FollowedFile(string path, Framing framing, LinkPolicy links, FilePosition? resume, Tally tally)
    {
        (Path, this.framing, this.links, Position, this.tally) = (path, framing, links, resume, tally);
    }

    public string Path { get; }

    /// <summary>Whose file it is; null while it was never open.</summary>
    public uint? Owner { get; private set; }

    /// <summary>Null until the file was first opened.</summary>
    public FilePosition? Position { get; private set; }

    /// <summary>Why it cannot be read, in words; null when it can, or is simply not there yet.</summary>
    public string? Trouble { get; private set; }

    public bool IsThere => handle is not null;

    /// <summary>The last read stopped before the end.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Until when everything that was written has been taken; null before the first time.</summary>
    public DateTimeOffset? CompleteAt { get; private set; }

    /// <summary>What the next run needs to go on: the place in the old file while one is being finished. Null until the file was first opened.</summary>
    public FilePosition? Resume => IsFinishing ? finishing ?? Position : Position;

    private bool IsFinishing => leftover is not null || leftovers.Count > 0;

    /// <summary>Counts the files begun, so that whoever counts lines within a file knows when to begin anew.</summary>
    public int Generation { get; private set; }

    /// <summary>The next whole pieces, without their ends, about <see cref="BufferBytes"/> at most.</summary>
    public List<(ReadOnlyMemory<byte> Bytes, Spot Spot)> Read(Moment now)
    {
        var taken = new List<(ReadOnlyMemory<byte>, Spot)>();
        HasMore = false;
        if (IsFinishing || (handle is null && !TryAttach(now)))
        {
            if (IsFinishing)
                ReadLeftover(taken);
            return taken;
        }

        if (WasRewritten())
        {
            Restart(now.At);
            return taken;
        }

        if (Position!.EmptySince is { } since && FindMissed(since))
            return taken;

        ReadGrown(taken);
        if (!HasMore)
            LookAtThePath(now, grew: taken.Count > 0, taken);

        return taken;
    }

    public void Dispose()
    {
        handle?.Dispose();
        leftover?.Dispose();
    }

    private bool TryAttach(Moment now)
    {
        var opening = Posix.Open(Path, links);
        Trouble = opening.Trouble;
        if (opening.IsMissing && Position is null)
            CompleteAt = now.At; // nothing was written yet

        // A rotation that has moved the old file away and not yet made the new one: wait, the rest is still there.
        if (opening.Handle is null)
            return false;

        (handle, Owner, quietSince) = (opening.Handle, opening.Identity.Owner, null);
        if (Position is null)
        {
            Begin(opening.Identity, now.At);
            return true;
        }

        if (Position.IsOf(opening.Identity) && !WasRewritten())
            return true;

        FinishOld();
        Begin(opening.Identity, now.At);
        return !IsFinishing;
    }

    private void Begin(FileIdentity identity, DateTimeOffset now)
    {
        Position = new FilePosition { Device = identity.Device, Inode = identity.Inode, EmptySince = now };
        if (leftovers.Count == 0)
            Generation++;
    }

    /// <summary>The bytes that were read are not there any more: the file was emptied, or another one has its number.</summary>
    private bool WasRewritten()
    {
        var length = RandomAccess.GetLength(handle!);
        if (length < Position!.Offset)
            return true;

        return Position.HeadLength > 0 && length >= Position.HeadLength && !Position.BeginsAs(buffer.AsSpan(0, RandomAccess.Read(handle!, buffer.AsSpan(0, Position.HeadLength), 0)));
    }

    private void Restart(DateTimeOffset now)
    {
        FinishOld();
        Position = Position! with { Offset = 0, HeadLength = 0, Head = "", IsSkipping = false, EmptySince = now };
        if (leftovers.Count == 0)
            Generation++;
        HasMore = true;
    }

    private void FinishOld()
    {
        if (RotatedFiles.Find(Path, links, Position!) is { } found)
        {
            foreach (var one in found)
                leftovers.Enqueue(one);
            (finishing, HasMore) = (Position, true);
        }
        else
        {
            tally.Note("a file was replaced, and what became of the old one was not found: its last lines may be missing", new Spot(Path, pieces));
        }
    }

    /// <summary>
    /// A file of which nothing was taken may have been filled, copied and emptied since: then its lines are in a file beside it that was
    /// written to since. Reading one of those in vain costs time and changes nothing.
    /// </summary>
    private bool FindMissed(DateTimeOffset emptySince)
    {
        var margin = TimeSpan.FromSeconds(1); // a file's time comes from a coarser clock than ours
        foreach (var path in RotatedFiles.WrittenSince(Path, emptySince - margin))
        {
            if (Posix.TryIdentify(path) is { } identity && !Position!.IsOf(identity) && finished.Add((identity.Device, identity.Inode)))
                leftovers.Enqueue(new Leftover(path, 0));
        }

        (finishing, HasMore) = (Position, leftovers.Count > 0);
        return HasMore;
    }

    private void ReadGrown(List<(ReadOnlyMemory<byte>, Spot)> taken)
    {
        var count = RandomAccess.Read(handle!, buffer, Position!.Offset);
        var (used, isSkipping) = Cut(buffer.AsSpan(0, count), Position.IsSkipping, taken);
        Position = Position with { Offset = Position.Offset + used, IsSkipping = isSkipping };
        HasMore = count == buffer.Length;
        if (Position.HeadLength < FilePosition.HeadBytesMax && Position.Offset > Position.HeadLength)
        {
            var head = buffer.AsSpan(0, RandomAccess.Read(handle!, buffer.AsSpan(0, (int)Math.Min(FilePosition.HeadBytesMax, Position.Offset)), 0));
            Position = Position with { HeadLength = head.Length, Head = FilePosition.HashOf(head), EmptySince = null };
            finished.Clear(); // numbers of files are given out anew
        }
    }

    /// <summary>Takes whole pieces; returns how many bytes need not be seen again.</summary>
    private (int Used, bool IsSkipping) Cut(ReadOnlySpan<byte> rest, bool isSkipping, List<(ReadOnlyMemory<byte>, Spot)> taken)
    {
        var used = 0;
        for (int length; (length = framing.LengthOfFirst(rest[used..])) > 0; used += length)
        {
            pieces++;
            if (isSkipping || length > framing.PieceBytesMax)
                tally.Skip($"longer than {framing.PieceBytesMax / 1024} KiB", new Spot(Path, pieces));
            else
                taken.Add((rest.Slice(used, length).ToArray(), new Spot(Path, pieces)));
            isSkipping = false;
        }

        if (rest.Length - used <= framing.PieceBytesMax)
            return (isSkipping ? rest.Length : used, isSkipping);

        return (rest.Length, true);
    }

    private void LookAtThePath(Moment now, bool grew, List<(ReadOnlyMemory<byte>, Spot)> taken)
    {
        if (Posix.TryIdentify(Path) is { } identity && Position!.IsOf(identity))
        {
            (quietSince, CompleteAt) = (null, now.At);
            return;
        }

        // Moved away or deleted. Lines of its successor count from here on, so nothing is complete beyond this instant.
        quietSince = grew ? now.Ran : quietSince ?? now.Ran;
        if (now.Ran - quietSince < DrainTime || Posix.TryIdentify(Path) is null)
            return;

        TakeLast(taken);
        finished.Add((Position!.Device, Position.Inode));
        handle!.Dispose();
        (handle, Position) = (null, null);
        HasMore = TryAttach(now);
    }

    /// <summary>The last line of a file that nobody writes to any more is a line, even without its newline.</summary>
    private void TakeLast(List<(ReadOnlyMemory<byte>, Spot)> taken)
    {
        var count = framing.MayLackItsEnd && !Position!.IsSkipping ? RandomAccess.Read(handle!, buffer, Position.Offset) : 0;
        if (count is > 0 && count <= framing.PieceBytesMax)
            taken.Add((buffer.AsSpan(0, count).ToArray(), new Spot(Path, ++pieces)));
    }

    private void ReadLeftover(List<(ReadOnlyMemory<byte>, Spot)> taken)
    {
        HasMore = true;
        try
        {
            leftover ??= OpenLeftover();
            var count = leftover.Read(buffer.AsSpan(leftoverFilled));
            var filled = leftoverFilled + count;
            var (used, _) = Cut(buffer.AsSpan(0, filled), isSkipping: false, taken);
            buffer.AsSpan(used, filled - used).CopyTo(buffer);
            leftoverFilled = filled - used;
            finishing = finishing! with { Offset = finishing.Offset + used };
            if (count > 0)
                return;

            if (framing.MayLackItsEnd && leftoverFilled > 0)
                taken.Add((buffer.AsSpan(0, leftoverFilled).ToArray(), new Spot(Path, ++pieces)));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            tally.Break($"an old file cannot be read further: {e.Message}", new Spot(Path, pieces));
        }

        CloseLeftover();
    }

    private Stream OpenLeftover()
    {
        var next = leftovers.Peek();
        var identity = Posix.TryIdentify(next.Path) ?? default;
        finished.Add((identity.Device, identity.Inode));
        var stream = RotatedFiles.Open(next.Path, links);
        finishing = new FilePosition { Device = identity.Device, Inode = identity.Inode, Offset = next.Offset, HeadLength = HeadOf(next.Path, out var head), Head = head };
        for (var left = next.Offset; left > 0;)
        {
            var count = stream.Read(buffer.AsSpan(0, (int)Math.Min(buffer.Length, left)));
            if (count == 0)
                break;
            left -= count;
        }

        // The first is the rest of the file that was being read; each other one is begun.
        if (next.Offset == 0)
            Generation++;

        return stream;
    }

    private int HeadOf(string path, out string head)
    {
        using var content = RotatedFiles.Open(path, links);
        var bytes = new byte[FilePosition.HeadBytesMax];
        var count = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        head = FilePosition.HashOf(bytes.AsSpan(0, count));
        return count;
    }

    private void CloseLeftover()
    {
        leftover?.Dispose();
        (leftover, leftoverFilled) = (null, 0);
        leftovers.Dequeue();
        if (leftovers.Count == 0)
            Generation++;
    }
}
