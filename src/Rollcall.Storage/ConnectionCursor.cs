using Rollcall.Core;

namespace Rollcall.Storage;

/// <summary>Where a page of connections ended, as opaque text.</summary>
internal sealed record ConnectionCursor(long RequestedMs, long SessionNo, long Ordinal)
{
    private const char Separator = '.';

    public override string ToString() => NameCursor.Of($"{RequestedMs}{Separator}{SessionNo}{Separator}{Ordinal}");

    public static ConnectionCursor Parse(string text) =>
        NameCursor.Parse(text).Split(Separator) is [var ms, var no, var ordinal] && long.TryParse(ms, out var requestedMs) && long.TryParse(no, out var sessionNo) && long.TryParse(ordinal, out var place)
            ? new ConnectionCursor(requestedMs, sessionNo, place)
            : throw FaultException.Malformed("cursor", "the next_cursor of the page before");
}
