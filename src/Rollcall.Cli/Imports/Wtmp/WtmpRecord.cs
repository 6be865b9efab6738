using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Rollcall.Cli.Imports.Wtmp;

/// <summary>One login record of Linux on x86-64, little endian.</summary>
/// <remarks>Source: <c>struct utmp</c> in utmp(5), man-pages 6.03, with 32-bit times on 64-bit machines.</remarks>
internal sealed record WtmpRecord
{
    public const int SizeBytes = 384;

    private const int TypeAt = 0, PidAt = 4, LineAt = 8, LineBytes = 32, UserAt = 44, UserBytes = 32;
    private const int HostAt = 76, HostBytes = 256, SecondsAt = 340, MicrosecondsAt = 344, AddressAt = 348, AddressBytes = 16;
    private const int MicrosecondsMax = 999_999;

    public required WtmpType Type { get; init; }
    public required int Pid { get; init; }

    /// <summary>The terminal, such as <c>pts/0</c>; <c>~</c> for the machine itself.</summary>
    public required string Line { get; init; }

    /// <summary>Empty in most end records.</summary>
    public required string User { get; init; }

    /// <summary>Where the client came from: a name, an address, or an X display such as <c>:10.0</c>.</summary>
    public required string Host { get; init; }

    /// <summary>The client's address; null when the record has none.</summary>
    public required string? Address { get; init; }

    /// <summary>UTC; null when the record was written without a time.</summary>
    public required DateTimeOffset? At { get; init; }

    /// <summary>Null when the bytes cannot be a record.</summary>
    public static WtmpRecord? TryParse(ReadOnlySpan<byte> bytes)
    {
        var type = BinaryPrimitives.ReadInt16LittleEndian(bytes[TypeAt..]);
        var microseconds = BinaryPrimitives.ReadInt32LittleEndian(bytes[MicrosecondsAt..]);
        if (type is < 0 or > (short)WtmpType.Accounting || microseconds is < 0 or > MicrosecondsMax)
            return null;

        var (line, user, host) = (TextOf(bytes, LineAt, LineBytes), TextOf(bytes, UserAt, UserBytes), TextOf(bytes, HostAt, HostBytes));
        return line is null || user is null || host is null ? null : new WtmpRecord
        {
            Type = (WtmpType)type,
            Pid = BinaryPrimitives.ReadInt32LittleEndian(bytes[PidAt..]),
            Line = line,
            User = user,
            Host = host,
            Address = AddressOf(bytes.Slice(AddressAt, AddressBytes)),
            At = TimeOf(BinaryPrimitives.ReadUInt32LittleEndian(bytes[SecondsAt..]), microseconds),
        };
    }

    /// <summary>The text before the first NUL; null when it is no UTF-8 or holds control characters.</summary>
    private static string? TextOf(ReadOnlySpan<byte> bytes, int at, int count)
    {
        var field = bytes.Slice(at, count);
        var end = field.IndexOf((byte)0);
        field = end < 0 ? field : field[..end];
        return System.Text.Unicode.Utf8.IsValid(field) && field.IndexOfAnyInRange((byte)1, (byte)31) < 0
            ? Encoding.UTF8.GetString(field)
            : null;
    }

    /// <summary>An IPv4 address fills the first four bytes and leaves the rest zero.</summary>
    private static string? AddressOf(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.ContainsAnyExcept((byte)0))
            return null;

        return bytes[4..].ContainsAnyExcept((byte)0)
            ? ClientAddress.IpOf(new IPAddress(bytes).ToString())
            : new IPAddress(bytes[..4]).ToString();
    }

    // Read as unsigned, so that times after January 2038 are still times.
    private static DateTimeOffset? TimeOf(uint seconds, int microseconds) =>
        seconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(seconds).AddMilliseconds(microseconds / 1000);
}

/// <summary>The record types of utmp(5).</summary>
internal enum WtmpType
{
    Empty = 0,
    RunLevel = 1,
    BootTime = 2,
    NewTime = 3,
    OldTime = 4,
    InitProcess = 5,
    LoginProcess = 6,
    UserProcess = 7,
    DeadProcess = 8,
    Accounting = 9,
}
