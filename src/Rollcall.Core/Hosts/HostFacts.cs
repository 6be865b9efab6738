namespace Rollcall.Core.Hosts;

/// <summary>What an event says about the machine it happened on.</summary>
public sealed record HostFacts
{
    public required string Name { get; init; }
    public string? Sid { get; init; }
    public string? Ip { get; init; }
    public string? GroupId { get; init; }
    public string? GroupName { get; init; }
    public string? PrimaryGroupId { get; init; }
    public string? SecondaryGroupId { get; init; }

    /// <summary>Changes with every boot; null when the source does not know it.</summary>
    public string? BootId { get; init; }

    /// <summary>These facts, with what <paramref name="older"/> knew where these say nothing.</summary>
    public HostFacts Over(HostFacts older) => this with
    {
        Sid = Sid ?? older.Sid,
        Ip = Ip ?? older.Ip,
        GroupId = GroupId ?? older.GroupId,
        GroupName = GroupName ?? older.GroupName,
        PrimaryGroupId = PrimaryGroupId ?? older.PrimaryGroupId,
        SecondaryGroupId = SecondaryGroupId ?? older.SecondaryGroupId,
        BootId = BootId ?? older.BootId,
    };
}
