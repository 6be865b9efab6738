using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Exports;

namespace Rollcall.Tests.Exports;

/// <summary>When a schedule is due, by the clocks of its zone.</summary>
public sealed class CronExpressionTests
{
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    [Theory]
    [InlineData("0 6 1 * *", "2026-11-22T07:00:00Z", "2026-12-01T06:00:00Z")]
    [InlineData("0 6 1 * *", "2026-12-01T06:00:00Z", "2027-01-01T06:00:00Z")]
    [InlineData("*/15 * * * *", "2026-11-22T07:59:59Z", "2026-11-22T08:00:00Z")]
    [InlineData("5,35 8-9 * * mon-fri", "2026-11-22T07:00:00Z", "2026-11-23T08:05:00Z")]
    [InlineData("0 0 29 2 *", "2026-11-22T07:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 13 * fri", "2026-11-22T07:00:00Z", "2026-11-27T00:00:00Z")] // either suffices
    [InlineData("0 0 * * 7", "2026-11-22T07:00:00Z", "2026-11-29T00:00:00Z")]
    [InlineData("10/20 0 * JAN *", "2026-11-22T07:00:00Z", "2027-01-01T00:10:00Z")]
    [InlineData("0 0 */2 * mon", "2026-11-22T07:00:00Z", "2026-11-23T00:00:00Z")] // a field that begins with a star does not restrict
    public void The_next_time_is_the_first_that_is_due_afterwards(string cron, string after, string due) =>
        Assert.Equal(DateTimeOffset.Parse(due), CronExpression.TryParse(cron)!.Next(DateTimeOffset.Parse(after), TimeZoneInfo.Utc));

    [Fact]
    public void What_the_clocks_skip_is_due_after_the_change_and_what_they_repeat_the_first_time()
    {
        var half = CronExpression.TryParse("30 2 * * *")!;

        // 2026-03-29 02:00 becomes 03:00, 2026-10-25 03:00 becomes 02:00.
        Assert.Equal(DateTimeOffset.Parse("2026-03-29T01:00:00Z"), half.Next(DateTimeOffset.Parse("2026-03-28T12:00:00Z"), Paris));
        Assert.Equal(DateTimeOffset.Parse("2026-03-30T00:30:00Z"), half.Next(DateTimeOffset.Parse("2026-03-29T01:00:00Z"), Paris));
        Assert.Equal(DateTimeOffset.Parse("2026-10-25T00:30:00Z"), half.Next(DateTimeOffset.Parse("2026-10-24T12:00:00Z"), Paris));
        Assert.Equal(DateTimeOffset.Parse("2026-10-26T01:30:00Z"), half.Next(DateTimeOffset.Parse("2026-10-25T00:30:00Z"), Paris));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("* * * * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* 24 * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("* * * 13 *")]
    [InlineData("* * * * 8")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("1--2 * * * *")]
    [InlineData("1,,2 * * * *")]
    [InlineData("mon * * * *")]
    [InlineData("0 0 31 2 *")] // never
    [InlineData("+1 * * * *")]
    public void What_is_no_cron_expression_is_none(string text) => Assert.Null(CronExpression.TryParse(text));

    [Fact]
    public void Any_expression_is_due_when_a_look_at_every_minute_says_so() => Prop.ForAll(
        Gen.Choose(0, 200_000).Select(minute => DateTimeOffset.Parse("2026-01-01T00:00:00Z").AddMinutes(minute)).ToArbitrary(), Fields().ToArbitrary(),
        (after, fields) =>
        {
            var cron = CronExpression.TryParse(string.Join(' ', fields.Select(field => field.Text)))!;

            Assert.Equal(ByEveryMinute(fields, after), cron.Next(after, TimeZoneInfo.Utc));
        }).QuickCheckThrowOnFailure();

    private static DateTimeOffset ByEveryMinute(Field[] fields, DateTimeOffset after)
    {
        for (var minute = new DateTimeOffset(after.Year, after.Month, after.Day, after.Hour, after.Minute, 0, TimeSpan.Zero).AddMinutes(1); ; minute = minute.AddMinutes(1))
        {
            var (day, week) = (fields[2].Values.Contains(minute.Day), fields[4].Values.Contains((int)minute.DayOfWeek));
            var isDay = fields[2].Text == "*" || fields[4].Text == "*" ? day && week : day || week;
            if (fields[0].Values.Contains(minute.Minute) && fields[1].Values.Contains(minute.Hour) && fields[3].Values.Contains(minute.Month) && isDay)
                return minute;
        }
    }

    /// <summary>Fields that are due at least once a month, so that looking at every minute ends.</summary>
    private static Gen<Field[]> Fields() =>
        from minute in OneField(0, 59)
        from hour in OneField(0, 23)
        from day in OneField(1, 28)
        from month in Gen.Constant(new Field("*", [.. Enumerable.Range(1, 12)]))
        from week in OneField(0, 6)
        select new[] { minute, hour, day, month, week };

    private static Gen<Field> OneField(int min, int max) => Gen.OneOf(
        Gen.Constant(new Field("*", [.. Enumerable.Range(min, max - min + (max == 28 ? 4 : 1))])),
        Gen.Choose(min, max).ListOf().Where(values => values.Count > 0).Select(values => new Field(string.Join(',', values), [.. values])),
        from first in Gen.Choose(min, max)
        from last in Gen.Choose(first, max)
        from step in Gen.Choose(1, 5)
        select new Field($"{first}-{last}/{step}", [.. Enumerable.Range(first, last - first + 1).Where(value => (value - first) % step == 0)]));

    private sealed record Field(string Text, HashSet<int> Values);
}
