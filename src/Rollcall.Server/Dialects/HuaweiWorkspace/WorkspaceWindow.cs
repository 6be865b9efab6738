using System.Text.Json.Serialization;
using Rollcall.Core;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>A span of at most 30 days, the vendor's limit for what it lists or exports by time (contract 1.2, 2.3 and 5.1).</summary>
/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
internal sealed record WorkspaceWindow(
    [property: JsonPropertyName("from")] DateTimeOffset From, [property: JsonPropertyName("to")] DateTimeOffset To)
{
    public static readonly TimeSpan Max = TimeSpan.FromDays(30);

    public TimeRange ToRange() => new(From, To);

    /// <summary>Both bounds or neither; neither means the last 30 days (design 3, point 2).</summary>
    /// <param name="latestDaysOnly">Refuse a window that begins more than 30 days ago, too.</param>
    public static WorkspaceWindow Both(WorkspaceBound begin, WorkspaceBound end, bool latestDaysOnly, DateTimeOffset now)
    {
        if (begin.Time is null != end.Time is null)
            throw FaultException.Malformed(begin.Time is null ? begin.Name : end.Name, "present when the other bound is");

        return Either(begin, end, latestDaysOnly, now);
    }

    /// <summary>Each bound may stand alone: a beginning ends now, an end begins 30 days before it (D0075).</summary>
    public static WorkspaceWindow Either(WorkspaceBound begin, WorkspaceBound end, bool latestDaysOnly, DateTimeOffset now)
    {
        var earliest = latestDaysOnly ? Before(now) : DateTimeOffset.MinValue;
        var to = end.Time?.At ?? now;
        var from = begin.Time?.At ?? (Before(to) > earliest ? Before(to) : earliest);
        if (to < earliest || from < earliest)
            throw FaultException.Malformed(begin.Time is null ? end.Name : begin.Name, "within the latest 30 days");
        if (from > to)
            throw FaultException.Malformed(begin.Name, end.Time is null ? "no later than now" : $"no later than {end.Name}");
        if (to - from > Max)
            throw end.Time is null ? FaultException.Malformed(begin.Name, "at most 30 days ago") : FaultException.Malformed(end.Name, $"at most 30 days after {begin.Name}");

        return new WorkspaceWindow(from, end.Time?.AfterUnit ?? now.AddTicks(1));
    }

    /// <summary>Thirty days earlier, or the first instant there is.</summary>
    private static DateTimeOffset Before(DateTimeOffset at) => at - DateTimeOffset.MinValue < Max ? DateTimeOffset.MinValue : at - Max;
}

/// <summary>One end of a window, as a parameter or a member gave it.</summary>
/// <param name="Time">Null when absent or empty.</param>
internal readonly record struct WorkspaceBound(string Name, WorkspaceTime? Time)
{
    public static WorkspaceBound Of(string name, string? text) => new(name, string.IsNullOrEmpty(text) ? null : WorkspaceTime.Parse(name, text));
}
