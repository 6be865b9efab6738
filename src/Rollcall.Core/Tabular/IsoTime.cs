using System.Runtime.CompilerServices;

namespace Rollcall.Core.Tabular;

/// <summary>Writes times as ISO 8601 (RFC 3339) in ASCII: a scan writes a dozen a row, and general formatting is a hundred times a copy's work.</summary>
internal static class IsoTime
{
    /// <summary>With milliseconds and an offset.</summary>
    public const int LengthMax = 29;

    /// <summary>Adds Z.</summary>
    /// <param name="utc">Finer than a millisecond is dropped.</param>
    /// <param name="to">At least <see cref="LengthMax"/> bytes.</param>
    /// <returns>Bytes written.</returns>
    public static int WriteUtc(DateTime utc, bool withMilliseconds, Span<byte> to)
    {
        var length = Write(utc, withMilliseconds, to);
        to[length] = (byte)'Z';
        return length + 1;
    }

    /// <summary>Adds the offset; whole minutes are what offsets have.</summary>
    public static int WriteLocal(DateTimeOffset local, bool withMilliseconds, Span<byte> to)
    {
        var length = Write(local.DateTime, withMilliseconds, to);
        var offset = Math.Abs(local.TotalOffsetMinutes);
        to[length] = (byte)(local.TotalOffsetMinutes < 0 ? '-' : '+');
        Two(to, length + 1, offset / 60);
        to[length + 3] = (byte)':';
        Two(to, length + 4, offset % 60);
        return length + 6;
    }

    private static int Write(DateTime time, bool withMilliseconds, Span<byte> to)
    {
        const int seconds = 19, milliseconds = 23;
        to = to[..LengthMax];
        var (year, month, day) = time;
        Two(to, 0, year / 100);
        Two(to, 2, year % 100);
        to[4] = to[7] = (byte)'-';
        Two(to, 5, month);
        Two(to, 8, day);
        to[10] = (byte)'T';
        Two(to, 11, time.Hour);
        to[13] = to[16] = (byte)':';
        Two(to, 14, time.Minute);
        Two(to, 17, time.Second);
        if (!withMilliseconds)
            return seconds;

        to[19] = (byte)'.';
        to[20] = (byte)('0' + (time.Millisecond / 100));
        Two(to, 21, time.Millisecond % 100);
        return milliseconds;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Two(Span<byte> to, int at, int number)
    {
        to[at] = (byte)('0' + (number / 10));
        to[at + 1] = (byte)('0' + (number % 10));
    }
}
