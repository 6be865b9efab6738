namespace Rollcall.Cli.Agent.Sending;

/// <summary>What sending came to since the state folder was made. Written by the sender, read by whoever shows it or notes it down.</summary>
/// <param name="before">What earlier runs noted; a kill may leave the last batch out, or count it twice.</param>
internal sealed class SendingCount(KeptCounts? before = null)
{
    private readonly Lock gate = new();
    private SendingFacts facts = new()
    {
        Acknowledged = before?.Acknowledged ?? 0,
        Rejected = before?.Rejected ?? 0,
        RejectedAt = before?.RejectedAt,
        LastRejection = before?.LastRejection,
        Dropped = before?.Dropped ?? 0,
        DroppedAt = before?.DroppedAt,
    };

    public SendingFacts Facts
    {
        get
        {
            lock (gate)
                return facts;
        }
    }

    public KeptCounts Keep()
    {
        var now = Facts;
        return new KeptCounts
        {
            Acknowledged = now.Acknowledged,
            Rejected = now.Rejected,
            RejectedAt = now.RejectedAt,
            LastRejection = now.LastRejection,
            Dropped = now.Dropped,
            DroppedAt = now.DroppedAt,
        };
    }

    public void Acknowledge(int events, DateTimeOffset at) =>
        Change(f => f with { Acknowledged = f.Acknowledged + events, AcknowledgedAt = at, Failure = null, FailingSince = null, IsBarred = false });

    public void Fail(string why, bool isBarred, DateTimeOffset at) =>
        Change(f => f with { Failure = why, LastFailure = why, LastFailureAt = at, FailingSince = f.FailingSince ?? at, IsBarred = isBarred });

    public void Reject(string why, DateTimeOffset at) => Change(f => f with { Rejected = f.Rejected + 1, LastRejection = why, RejectedAt = at });

    public void Drop(long events, DateTimeOffset at) => Change(f => f with { Dropped = f.Dropped + events, DroppedAt = at });

    private void Change(Func<SendingFacts, SendingFacts> change)
    {
        lock (gate)
            facts = change(facts);
    }
}

/// <summary>What sending came to so far.</summary>
internal sealed record SendingFacts
{
    public long Acknowledged { get; init; }

    /// <summary>Of this run.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    public long Rejected { get; init; }
    public DateTimeOffset? RejectedAt { get; init; }
    public string? LastRejection { get; init; }
    public long Dropped { get; init; }
    public DateTimeOffset? DroppedAt { get; init; }

    /// <summary>Why nothing gets through now; null while it does.</summary>
    public string? Failure { get; init; }
    public DateTimeOffset? FailingSince { get; init; }
    public bool IsBarred { get; init; }
    public string? LastFailure { get; init; }
    public DateTimeOffset? LastFailureAt { get; init; }
}
