using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Tabular;

namespace Rollcall.Tests.Core.Tabular;

public sealed class IsoTimeTests
{
    [Fact]
    public void Any_time_is_written_as_the_framework_formats_it() => Prop.ForAll(ArbMap.Default.ArbFor<DateTime>(), time =>
    {
        AssertSame(new DateTimeOffset(time.Ticks, TimeSpan.Zero), withMilliseconds: true);
        AssertSame(new DateTimeOffset(time.Ticks, TimeSpan.Zero), withMilliseconds: false);
        if (time.Year is > 1 and < 9999)
            AssertSame(new DateTimeOffset(time.Ticks, TimeSpan.FromMinutes((time.Ticks % 1681) - 840)), withMilliseconds: true);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData("0001-01-01T00:00:00.000+00:00")]
    [InlineData("9999-12-31T23:59:59.999+00:00")]
    [InlineData("2030-02-28T09:05:07.090+05:45")]
    [InlineData("2032-02-29T19:15:57.009-03:30")]
    public void The_ends_and_odd_offsets_are_right(string text)
    {
        var time = DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
        AssertSame(time, withMilliseconds: true);
        AssertSame(time, withMilliseconds: false);
    }

    private static void AssertSame(DateTimeOffset time, bool withMilliseconds)
    {
        var space = new byte[IsoTime.LengthMax];
        var pattern = withMilliseconds ? "yyyy-MM-ddTHH:mm:ss.fff" : "yyyy-MM-ddTHH:mm:ss";

        Assert.Equal(time.ToString(pattern + "zzz", CultureInfo.InvariantCulture), Encoding.ASCII.GetString(space, 0, IsoTime.WriteLocal(time, withMilliseconds, space)));
        Assert.Equal(
            time.UtcDateTime.ToString(pattern + "'Z'", CultureInfo.InvariantCulture), Encoding.ASCII.GetString(space, 0, IsoTime.WriteUtc(time.UtcDateTime, withMilliseconds, space)));
    }
}
