namespace Rollcall.Storage.Columns;

/// <summary>One tenant's sessions as columns, by the number that the store gives each. Whoever uses it sees to it that nobody writes meanwhile.</summary>
internal sealed class TenantColumns
{
    private readonly List<SessionBlock> blocks = [];
    private long rowBytes;

    public DistinctFacts<UserFacts> Users { get; } = new(UserFacts.BytesOf, user => user.Key, user => user.PlainKey);

    public DistinctFacts<PlaceFacts> Places { get; } = new(PlaceFacts.BytesOf);

    public DistinctFacts<DeviceFacts> Devices { get; } = new(DeviceFacts.BytesOf, device => device.NameKey);

    public DistinctFacts<NatureFacts> Natures { get; } = new(NatureFacts.BytesOf);

    public StoredFacts Stored { get; } = new();

    public RecentSessions Recent { get; } = new();

    /// <summary>The lowest numbers first: row <c>i</c> of block <c>b</c> is number <c>b * RowsMax + i</c>.</summary>
    public IReadOnlyList<SessionBlock> Blocks => blocks;

    /// <summary>About: rows, and the facts that rows share.</summary>
    public long Bytes => rowBytes + Users.Bytes + Places.Bytes + Devices.Bytes + Natures.Bytes + Stored.Bytes + Recent.Bytes;

    /// <summary>Writes a session's row, over the one that stands there.</summary>
    public void Set(long no, in SessionCells cells)
    {
        Recent.Drop(no);
        var block = BlockOf(no);
        var before = block.Capacity;
        block.Set(IndexOf(no), cells);
        rowBytes += (long)(block.Capacity - before) * SessionBlock.RowBytes;
    }

    public void Remove(long no)
    {
        Recent.Drop(no);
        BlockOf(no).Remove(IndexOf(no));
    }

    private static int IndexOf(long no) => (int)(no & (SessionBlock.RowsMax - 1));

    private SessionBlock BlockOf(long no)
    {
        var number = checked((int)(no >> SessionBlock.RowsMaxLog2));
        while (blocks.Count <= number)
            blocks.Add(new SessionBlock());
        return blocks[number];
    }
}
