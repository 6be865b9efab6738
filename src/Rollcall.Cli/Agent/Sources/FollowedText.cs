using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>A followed file together with what its reader must remember of its newest lines.</summary>
internal sealed class FollowedText : IDisposable
{
    /// <summary>How long other logs wait for this one: longer than a rotation takes.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(15);

    /// <summary>The bookmark tells how long ago all was read in steps of this, so that it is not written for that alone each second.</summary>
    private static readonly TimeSpan CompleteStep = TimeSpan.FromMinutes(5);

    private readonly FileBookmark? resumed;
    private readonly DateTimeOffset? resumedCompleteAt;
    private int generation;

    /// <param name="missingAt">When it was last known not to be there; null when nobody knows.</param>
    /// <param name="shared">As of <see cref="FollowedFile"/>.</param>
    public FollowedText(string path, Framing framing, LinkPolicy links, FileBookmark? resume, Tally tally, DateTimeOffset? missingAt = null, byte[]? shared = null)
    {
        (resumed, resumedCompleteAt) = (resume, resume is null ? missingAt : resume.CompleteAt);
        File = new FollowedFile(path, framing, links, resume?.Position, tally, shared);
        Occurrences = RecentOccurrences.From(resume?.Recent ?? []);
        LastAt = resume?.LastAt;
    }

    public FollowedFile File { get; }

    public RecentOccurrences Occurrences { get; private set; }

    /// <summary>The time of the newest line that has one.</summary>
    public DateTimeOffset? LastAt { get; set; }

    /// <summary>Between which instants what was read last was written.</summary>
    public WrittenWithin Written { get; private set; }

    /// <summary>The next whole pieces, as <see cref="FollowedFile.Read"/> gives them.</summary>
    public List<(ReadOnlyMemory<byte> Bytes, Spot Spot)> Read(Moment now, int bytesMax = int.MaxValue)
    {
        Written = new WrittenWithin(File.CompleteAt ?? resumedCompleteAt, now.At);
        return File.Read(now, bytesMax);
    }

    /// <summary>Until when nothing of this file can still come. One that cannot be read, or is gone, is waited for only so long.</summary>
    public DateTimeOffset CompleteUntil(DateTimeOffset now)
    {
        if (File.HasMore)
            return LastAt ?? DateTimeOffset.UnixEpoch;

        return File.CompleteAt is { } at && now - at < PatienceMax ? at : now;
    }

    /// <summary>Whether another file was begun since the last asking: then what was remembered of its lines is gone.</summary>
    public bool BeganAnother()
    {
        if (generation == File.Generation)
            return false;

        generation = File.Generation;
        Occurrences = new RecentOccurrences();
        return true;
    }

    /// <summary>Null until the file was there.</summary>
    public FileBookmark? Keep() => File.Resume is null
        ? resumed
        : new FileBookmark { Position = File.Resume, Recent = Occurrences.Keep(), LastAt = LastAt, CompleteAt = Step(File.CompleteAt ?? resumedCompleteAt) };

    public SourceStatus Describe(string kind) => new()
    {
        Kind = kind,
        Name = File.Path,
        State = File.Trouble is not null ? "unreadable" : File.IsThere ? "following" : "not there yet",
        Reason = File.Trouble,
        Offset = File.Position?.Offset,
        LastAt = LastAt,
    };

    public void Dispose() => File.Dispose();

    private static DateTimeOffset? Step(DateTimeOffset? at) => at is { } known ? new DateTimeOffset(known.UtcTicks - (known.UtcTicks % CompleteStep.Ticks), TimeSpan.Zero) : null;
}
