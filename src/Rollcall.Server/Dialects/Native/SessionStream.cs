using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Server.Configuration;
using Rollcall.Server.Streams;

namespace Rollcall.Server.Dialects.Native;

/// <summary>What a stream is made of.</summary>
internal sealed record SessionStreaming(
    ISessionFeed Feed, SessionTelling Telling, SessionWatch Watch, NativeOptions Options, IHostApplicationLifetime Lifetime, TimeProvider Clock);

/// <summary>
/// One client's stream of changes. It reads what the client has room for and keeps nothing: a slow client is behind in the store, not in memory, and Kestrel hangs up on one that takes less than its rate.
/// </summary>
/// <remarks>The form is that of the HTML standard, "Server-sent events".</remarks>
internal sealed class SessionStream(HttpContext context, SessionQuery query, SessionWatch.Seat seat, SessionStreaming parts)
{
    public const string ContentType = "text/event-stream";

    /// <summary>Bytes that wait in memory before the client must take some.</summary>
    private const int UnsentBytesMax = 16 * 1024;

    /// <summary>When a client shall come back after a broken connection.</summary>
    private const int RetryMs = 2_000;

    /// <summary>Between two reads while changes come without end: a busy ledger is not read anew for every one of them.</summary>
    private static readonly TimeSpan ReadEvery = TimeSpan.FromMilliseconds(250);

    private readonly PipeWriter writer = context.Response.BodyWriter;
    private readonly TimeSpan beat = TimeSpan.FromSeconds(parts.Options.StreamBeatSeconds);
    private FeedPosition position, told;
    private long checkedAt;

    /// <param name="lastEventId">What the client received last, as it says; null begins now.</param>
    /// <param name="ending">The client hung up, or the server stops.</param>
    public async Task RunAsync(string? lastEventId, CancellationToken ending)
    {
        // Whatever the store refuses is refused before the answer begins.
        var end = await parts.Feed.EndAsync(query.Tenant, ending);
        var known = lastEventId is null ? end : PositionOf(lastEventId);
        var isHeld = known is { } asked && await parts.Feed.TryReadAsync(query.Tenant, asked, take: 1, ending) is not null;
        Begin();
        try
        {
            position = isHeld ? known!.Value : end;
            if (!isHeld)
                WriteReset();
            Write($"retry: {RetryMs}\n");
            WritePosition();
            await writer.FlushAsync(ending);
            checkedAt = parts.Clock.GetTimestamp();
            await FollowAsync(ending);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Nobody reads any more, or the server stops: the answer ends as it is, and the client knows how far it got.
        }
        catch (FaultException fault) when (fault.Code is FaultCode.Unavailable or FaultCode.TooBusy)
        {
            // The store cannot be asked now: the client comes back by itself and goes on where it was.
        }
    }

    private void Begin()
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = ContentType;
        context.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back until it has many
    }

    private async Task FollowAsync(CancellationToken ending)
    {
        while (await IsStillAllowedAsync(ending))
        {
            var readAt = parts.Clock.GetTimestamp();
            var count = await SendAsync(ending);
            seat.At = position;
            if (count == SessionTelling.ReadMax)
                continue;
            if (!await seat.WaitAsync(beat, ending))
                await BeatAsync(ending);
            if (ReadEvery - parts.Clock.GetElapsedTime(readAt) is var early && early > TimeSpan.Zero)
                await Task.Delay(early, parts.Clock, ending);
        }
    }

    /// <summary>Changes that were read.</summary>
    private async Task<int> SendAsync(CancellationToken ending)
    {
        var changes = await parts.Telling.ReadAsync(seat, position, ending);
        if (changes is null)
        {
            // The oldest changes went while the client took its time.
            position = await parts.Feed.EndAsync(query.Tenant, ending);
            WriteReset();
        }

        foreach (var change in changes ?? [])
        {
            position = change.Position;
            if (change.Event is { } name && (change.Session is null || query.Matches(change.Session)))
                WriteEvent(name, change.Data);
            if (writer.UnflushedBytes > UnsentBytesMax)
                await writer.FlushAsync(ending);
        }

        await writer.FlushAsync(ending);
        return changes?.Count ?? 0;
    }

    private void WriteReset() => WriteEvent("reset", JsonSerializer.SerializeToUtf8Bytes(new ResetJson("not_kept"), NativeJson.Wire.ResetJson));

    /// <param name="data">JSON, which has no line ends.</param>
    private void WriteEvent(string name, ReadOnlySpan<byte> data)
    {
        Write($"event: {name}\ndata: ");
        writer.Write(data);
        Write("\n");
        WritePosition();
    }

    /// <summary>Ends a block. Without data it only tells the client where it is.</summary>
    private void WritePosition()
    {
        told = position;
        Write(string.Create(CultureInfo.InvariantCulture, $"id: {position.No:x}-{position.AtMs:x}\n\n"));
    }

    private void Write(string text) => Encoding.ASCII.GetBytes(text, writer);

    /// <summary>A sign of life, and how far the feed was read when all of it was for others.</summary>
    private async Task BeatAsync(CancellationToken ending)
    {
        if (position == told)
            Write(":\n\n");
        else
            WritePosition();
        await writer.FlushAsync(ending);
    }

    /// <summary>Whether who began the stream may still read it: tokens are revoked, sign-ins end, operators are removed.</summary>
    private async Task<bool> IsStillAllowedAsync(CancellationToken ending)
    {
        if (parts.Clock.GetElapsedTime(checkedAt) < beat)
            return true;

        checkedAt = parts.Clock.GetTimestamp();
        return await NativeCaller.MayStillAsync(context, query.Tenant, Permission.ReadSessions, ending);
    }

    /// <summary>Null when it is none of ours.</summary>
    private static FeedPosition? PositionOf(string text) =>
        text.Split('-') is [var no, var at] && TryHex(no) is { } number && TryHex(at) is { } atMs ? new FeedPosition(number, atMs) : null;

    private static long? TryHex(string text) =>
        text.Length <= 15 && long.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : null;
}
