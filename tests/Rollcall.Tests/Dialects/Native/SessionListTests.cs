using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>Asking about sessions (native API, "Asking").</summary>
public sealed class SessionListTests
{
    private static readonly DateTimeOffset Ten = new(2030, 1, 7, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Ranges_are_half_open_and_overlap_unless_told_otherwise()
    {
        await using var server = await NativeServer.StartAsync();
        await server.Server.Native.SendAsync(
            NativeServer.Session("started", Ten, "1", "short"), NativeServer.Session("ended", Ten.AddMinutes(10), "1", "short"),
            NativeServer.Session("started", Ten.AddMinutes(20), "2", "open"));
        foreach (var (query, found) in new[]
        {
            ("", "open short"), ("from=2030-01-07T10:10:00Z", "open"), ("from=2030-01-07T10:09:59.999Z", "open short"), ("to=2030-01-07T10:00:00Z", ""), ("to=2030-01-07T10:00:00.001Z", "short"),
            ("from=2030-01-07T10:05:00Z&to=2030-01-07T10:06:00Z&range=overlaps", "short"), ("from=2031-01-01T00:00:00Z", "open"),
            ("from=2030-01-07T10:00:00Z&to=2030-01-07T10:20:00Z&range=starts_in", "short"), ("from=2030-01-07T10:00:00.001Z&range=starts_in", "open"),
            ("from=2030-01-07T10:10:00Z&to=2030-01-07T10:10:00.001Z&range=ends_in", "short"), ("from=2030-01-07T10:00:00Z&to=2030-01-07T10:10:00Z&range=ends_in", ""),
            ("from=2030-01-07T18:20:00%2B08:00&range=starts_in", "open"), ("from=2030-01-07T18:20:00+08:00&range=starts_in", "open"),
            ("from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59.9999999Z", "open short"),
            ("user=SHORT", "short"), ("user=sho", ""), ("host=rds-07", "open short"), ("state=ACTIVE", "open"), ("state=ended&state=active", "open short"), ("state=failed", ""),
        })
        {
            Assert.Equal(found, string.Join(' ', NativeServer.Items(await server.GetAsync("sessions?" + query)).Select(item => item.GetProperty("user").GetString())));
        }
    }

    [Theory]
    [InlineData("usr=a", "usr")]
    [InlineData("User=a", "User")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=1001", "limit")]
    [InlineData("limit=1%00", "limit")]
    [InlineData("limit=", "limit")]
    [InlineData("limit=1&limit=2", "limit")]
    [InlineData("count=some", "count")]
    [InlineData("range=around", "range")]
    [InlineData("state=gone", "state")]
    [InlineData("user=", "user")]
    [InlineData("user=a%00", "user")]
    [InlineData("from=2030-01-07", "from")]
    [InlineData("from=2030-01-07T10:00:00", "from")]
    [InlineData("from=01/07/2030%2010:00:00Z", "from")]
    [InlineData("from=7%20Jan%202030%2010:00Z", "from")]
    [InlineData("from=2030-01-07T10:00:01Z&to=2030-01-07T10:00:00Z", "from")]
    [InlineData("cursor=x", "cursor")]
    [InlineData("cursor=%00", "cursor")]
    public async Task A_wrong_or_unknown_parameter_is_refused_by_its_name(string query, string field)
    {
        await using var server = await NativeServer.StartAsync();

        (await server.GetAsync("sessions?" + query)).As(400, "malformed", field);
    }

    [Fact]
    public async Task Pages_by_cursor_lose_and_repeat_nothing_while_rows_arrive()
    {
        await using var server = await NativeServer.StartAsync();
        await server.Server.Native.SendAsync([.. Enumerable.Range(0, 10).Select(n => NativeServer.Session("started", Ten.AddMinutes(n / 2), $"{n}", $"user {n}"))]);
        var seen = new List<string>();
        string? cursor = null;
        for (var page = 0; page == 0 || cursor is not null; page++)
        {
            var answer = (await server.GetAsync($"sessions?limit=3{(cursor is null ? "" : $"&cursor={cursor}")}{(page % 2 == 1 ? "&count=none" : "&count=exact")}")).Is(200).Json;
            seen.AddRange(answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("user").GetString()!));
            Assert.Equal(page % 2 == 1 ? JsonValueKind.Null : JsonValueKind.Number, answer.GetProperty("count").ValueKind);
            cursor = answer.GetProperty("next_cursor").GetString();
            await server.Server.Native.SendAsync(NativeServer.Session("started", Ten.AddHours(1 + page), $"late {page}", "late"));
        }

        Assert.Equal(10, seen.Count);
        Assert.Equal(Enumerable.Range(0, 10).Select(n => $"user {n}").Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }
}
