using Rollcall.Cli.Sample;
using Rollcall.Core;
using Rollcall.Core.Sessions;
using Rollcall.Storage.Columns;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Storage.Columns;

/// <summary>Pages far down and counts of many rows, against sorting all of them: what random ledgers are too small for.</summary>
public sealed class ColumnSearchTests
{
    private const int Rows = 60_000, UsersCount = 50;

    private static readonly long NineMs = Nine.ToUnixTimeMilliseconds();

    public static TheoryData<SessionSort, int> Shapes => new(
        from sort in Enum.GetValues<SessionSort>() from spread in (int[])[0, 1, 3_000, 40_000_000] select (sort, spread));

    [Theory, MemberData(nameof(Shapes))]
    public void A_page_at_any_offset_is_what_a_sort_of_all_gives(SessionSort sort, int spreadMs)
    {
        var (columns, rows) = Fill(new SplitMix64((ulong)spreadMs), spreadMs);
        var query = new SessionQuery(TenantOne) { Sort = sort, SortedAt = Nine.AddHours(7), UserContains = "1" };
        var expected = Sorted(query, rows.Where(row => $"USER {row.Cells.User}".Contains('1', StringComparison.Ordinal)));

        var search = new ColumnSearch(columns, query, default);
        Assert.Equal(expected.Length, search.Count());
        foreach (var skip in (int[])[0, 1, 4_000, 4_090, 5_000, expected.Length / 3, expected.Length - 7, expected.Length, expected.Length + 5_000])
        {
            var (numbers, count) = search.Page(skip, 10);
            Assert.Equal(expected.Skip(skip).Take(10), numbers);
            Assert.Equal(expected.Length, count);
        }

        Assert.Equal(expected.Skip(9_000).Take(ColumnSearch.TakeMax), search.Page(9_000, ColumnSearch.TakeMax).Numbers);
    }

    [Theory, InlineData(SessionSort.NewestStart), InlineData(SessionSort.Longest)]
    public void Page_after_page_by_cursor_gives_all_once(SessionSort sort)
    {
        var (columns, rows) = Fill(new SplitMix64(7), spreadMs: 2_000);
        var query = new SessionQuery(TenantOne) { Sort = sort, SortedAt = Nine.AddHours(7) };
        var (seen, after) = (new List<long>(), default((long, long)?));
        var byNumber = rows.ToDictionary(row => row.No, row => row.Cells);
        while (true)
        {
            var (numbers, count) = new ColumnSearch(columns, query, default).PageAfter(after, ColumnSearch.TakeMax);
            Assert.Equal(rows.Count, count);
            if (numbers.Length == 0)
                break;
            seen.AddRange(numbers);
            after = (KeyOf(query, byNumber[numbers[^1]]), numbers[^1]);
        }

        Assert.Equal(Sorted(query, rows), seen);
    }

    [Fact]
    public void A_row_that_changes_or_goes_is_found_as_it_is_now()
    {
        var (columns, rows) = Fill(new SplitMix64(3), spreadMs: 50_000_000);
        var open = new SessionQuery(TenantOne) { OpenSinceBefore = Nine.AddYears(1) };
        var isOpen = rows.Where(row => row.Cells.EndedMs is SessionBlock.Open).ToList();
        Assert.Equal(isOpen.Count, new ColumnSearch(columns, open, default).Count());

        foreach (var (no, cells) in isOpen.Skip(1))
            columns.Set(no, cells with { EndedMs = cells.StartedMs + 5, State = (byte)SessionState.Ended });
        columns.Remove(isOpen[0].No);

        Assert.Equal(0, new ColumnSearch(columns, open, default).Count());
        Assert.Equal(rows.Count - 1, new ColumnSearch(columns, new SessionQuery(TenantOne), default).Count());
        Assert.Equal(0, new ColumnSearch(columns, new SessionQuery(TenantOne) { Ended = new TimeRange(Nine.AddYears(1), null) }, default).Count());
        Assert.All(columns.Blocks, block => Assert.True(block.NewestEndMs < SessionBlock.Open, "blocks without open sessions can be passed over"));
    }

    [Fact]
    public void A_session_that_ended_as_the_range_begins_is_not_in_it_unless_it_is_of_no_length()
    {
        var (columns, _) = Fill(new SplitMix64(3), spreadMs: 0);
        columns.Set(Rows + 1, new SessionCells(1_000, 2_000, 0, 0, 0, 0, (byte)SessionState.Ended, 1));
        columns.Set(Rows + 2, new SessionCells(2_000, 2_000, 0, 0, 0, 0, (byte)SessionState.Ended, 1));
        columns.Set(Rows + 3, new SessionCells(1_999, 2_001, 0, 0, 0, 0, (byte)SessionState.Ended, 1));

        var found = new ColumnSearch(columns, new SessionQuery(TenantOne) { Overlapping = new TimeRange(At(2_000), At(3_000)) }, default).Page(0, 10).Numbers;

        Assert.Equal([Rows + 2, Rows + 3], found);
    }

    private static (TenantColumns Columns, List<(long No, SessionCells Cells)> Rows) Fill(SplitMix64 random, int spreadMs)
    {
        var columns = new TenantColumns();
        foreach (var user in Enumerable.Range(0, UsersCount))
            columns.Users.NumberOf(new UserFacts($"USER {user}", $"USER {user}"));
        columns.Places.NumberOf(new PlaceFacts("HOST", null, null));
        columns.Devices.NumberOf(default);
        columns.Natures.NumberOf(default);
        var rows = new List<(long, SessionCells)>();
        for (var no = 1L; no <= Rows; no++)
        {
            if (random.Between(0, 20) == 0)
                continue; // joined with another one

            var startedMs = NineMs + (no / 3) + (spreadMs == 0 ? 0 : random.Between(0, spreadMs));
            var endedMs = random.Between(0, 9) == 0 ? SessionBlock.Open : startedMs + random.Between(0, 30_000_000);
            var state = endedMs is SessionBlock.Open ? SessionState.Active : SessionState.Ended;
            var cells = new SessionCells(startedMs, endedMs, random.Between(0, UsersCount - 1), 0, 0, 0, (byte)state, 0);
            columns.Set(no, cells);
            rows.Add((no, cells));
        }

        return (columns, rows);
    }

    private static long[] Sorted(SessionQuery query, IEnumerable<(long No, SessionCells Cells)> rows)
    {
        var keyed = rows.Select(row => (Key: KeyOf(query, row.Cells), row.No));
        return [.. (query.Sort.IsDescending() ? keyed.OrderDescending() : keyed.Order()).Select(row => row.No)];
    }

    private static long KeyOf(SessionQuery query, SessionCells cells)
    {
        var end = cells.EndedMs is SessionBlock.Open ? null : new SessionEnd(At(cells.EndedMs), EndTimeSource.Reported, At(cells.EndedMs), At(cells.EndedMs), null);
        return query.SortKeyOf(SessionAt(cells.StartedMs) with { End = end });
    }

    private static Session SessionAt(long startedMs) => new()
    {
        Tenant = TenantOne, Id = "s", User = "u", Kind = SessionKind.Desktop, State = SessionState.Active, Host = new() { Name = "h" }, OsSessionId = "1",
        StartedAt = At(startedMs), ChangedAt = At(startedMs), Revision = 1, ConnectedMs = 0, DisconnectedMs = 0,
    };

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
