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

    private readonly LinkPolicy links;
    private readonly TimeSpan drainTime;
    private readonly Tally tally;
    private readonly byte[] buffer;
    private readonly PieceCutter cutter;
    private readonly Leftovers leftovers;
    private SafeFileHandle? handle;
    private TimeSpan? quietSince;
    private int begun;

    /// <param name="resume">Where an earlier run stopped; null begins at the first byte.</param>
    /// <param name="shared">To read with, for files of which many are followed, one after the other; null takes a buffer of its own.</param>
    public FollowedFile(string path, Framing framing, LinkPolicy links, FilePosition? resume, Tally tally, byte[]? shared = null)
    {
        (Path, this.links, Position, this.tally, buffer) = (path, links, resume, tally, shared ?? new byte[BufferBytes]);
        // An X server moves away the log of one that has ended.
        drainTime = links == LinkPolicy.Refuse ? TimeSpan.Zero : DrainTime;
        cutter = new PieceCutter(path, framing, tally);
        leftovers = new Leftovers(path, links, cutter, buffer, tally);
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

    /// <summary>Bytes that the last read took from disk.</summary>
    public int ReadBytes { get; private set; }

    /// <summary>Until when everything that was written has been taken; null before the first time.</summary>
    public DateTimeOffset? CompleteAt { get; private set; }

    /// <summary>What the next run needs to go on: the place in the old file while one is being finished. Null until the file was first opened.</summary>
    public FilePosition? Resume => leftovers.Position ?? Position;

    /// <summary>Counts the files begun, so that whoever counts lines within a file knows when to begin anew.</summary>
    public int Generation => begun + leftovers.Generation;

    /// <summary>The next whole pieces, without their ends.</summary>
    /// <param name="bytesMax">Bytes to read at most; more than the longest piece. What the buffer holds is read at most anyway.</param>
    public List<(ReadOnlyMemory<byte> Bytes, Spot Spot)> Read(Moment now, int bytesMax = int.MaxValue)
    {
        var taken = new List<(ReadOnlyMemory<byte>, Spot)>();
        (HasMore, ReadBytes) = (false, 0);
        if (!leftovers.IsEmpty || (handle is null && !TryAttach(now)))
        {
            if (!leftovers.IsEmpty)
                ReadLeftover(bytesMax, taken);
            return taken;
        }

        if (WasRewritten())
        {
            Restart(now.At);
            return taken;
        }

        if (Position!.EmptySince is { } since && leftovers.TryFindMissed(Position, since))
        {
            HasMore = true;
            return taken;
        }

        ReadGrown(bytesMax, taken);
        if (!HasMore)
            LookAtThePath(now, grew: taken.Count > 0, taken);

        return taken;
    }

    public void Dispose()
    {
        handle?.Dispose();
        leftovers.Dispose();
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
        return leftovers.IsEmpty;
    }

    private void Begin(FileIdentity identity, DateTimeOffset now)
    {
        Position = new FilePosition { Device = identity.Device, Inode = identity.Inode, EmptySince = now };
        if (leftovers.IsEmpty)
            begun++;
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
        if (leftovers.IsEmpty)
            begun++;
        HasMore = true;
    }

    private void FinishOld()
    {
        if (leftovers.TryFindRestOf(Position!))
            HasMore = true;
        else
            tally.Note("a file was replaced, and what became of the old one was not found: its last lines may be missing", cutter.Spot);
    }

    private void ReadGrown(int bytesMax, List<(ReadOnlyMemory<byte>, Spot)> taken)
    {
        var room = buffer.AsSpan(0, Math.Min(bytesMax, buffer.Length));
        ReadBytes = RandomAccess.Read(handle!, room, Position!.Offset);
        var (used, isSkipping) = cutter.Cut(room[..ReadBytes], Position.IsSkipping, taken);
        Position = Position with { Offset = Position.Offset + used, IsSkipping = isSkipping };
        HasMore = ReadBytes == room.Length;
        if (Position.HeadLength < FilePosition.HeadBytesMax && Position.Offset > Position.HeadLength)
        {
            var head = buffer.AsSpan(0, RandomAccess.Read(handle!, buffer.AsSpan(0, (int)Math.Min(FilePosition.HeadBytesMax, Position.Offset)), 0));
            Position = Position with { HeadLength = head.Length, Head = FilePosition.HashOf(head), EmptySince = null };
            leftovers.Forget();
        }
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
        if (now.Ran - quietSince < drainTime || Posix.TryIdentify(Path) is null)
            return;

        if (!Position!.IsSkipping)
            cutter.TakeLast(buffer.AsSpan(0, RandomAccess.Read(handle!, buffer, Position.Offset)), taken);
        leftovers.Finished(Position);
        handle!.Dispose();
        (handle, Position) = (null, null);
        HasMore = TryAttach(now);
    }

    private void ReadLeftover(int bytesMax, List<(ReadOnlyMemory<byte>, Spot)> taken)
    {
        HasMore = true;
        leftovers.Read(bytesMax, taken);
        ReadBytes = leftovers.ReadBytes;
    }
}
