using Rollcall.Cli.Agent.Files;
using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>A followed file together with what its reader must remember of its newest lines.</summary>
internal sealed class FollowedText : IDisposable
{
    /// <summary>How long other logs wait for this one: longer than a rotation takes.</summary>
    private static readonly TimeSpan PatienceMax = TimeSpan.FromSeconds(15);

    private readonly FileBookmark? resumed;
    private int generation;

    public FollowedText(string path, Framing framing, LinkPolicy links, FileBookmark? resume, Tally tally)
    {
        resumed = resume;
        File = new FollowedFile(path, framing, links, resume?.Position, tally);
        Occurrences = RecentOccurrences.From(resume?.Recent ?? []);
        LastAt = resume?.LastAt;
    }

    public FollowedFile File { get; }

    public RecentOccurrences Occurrences { get; private set; }

    /// <summary>The time of the newest line that has one.</summary>
    public DateTimeOffset? LastAt { get; set; }

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
        : new FileBookmark { Position = File.Resume, Recent = Occurrences.Keep(), LastAt = LastAt };

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
}
