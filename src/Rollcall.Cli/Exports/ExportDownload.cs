using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Exports;

/// <summary>Fetches a finished export. What is there already is not fetched again; the file appears under its name only once its SHA-256 is right.</summary>
/// <param name="path">Of the file at the server.</param>
/// <param name="export">A finished one: size and SHA-256 are known.</param>
internal sealed class ExportDownload(NativeClient client, string path, ExportAnswer export, TimeProvider time)
{
    /// <summary>Breaks in a row, without a byte between them, after which the download is given up.</summary>
    private const int BreaksMax = 6;

    private const int BufferBytes = 128 * 1024;

    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which a connection is taken for broken.</summary>
    private static readonly TimeSpan SilenceMax = TimeSpan.FromSeconds(60);

    /// <summary>Named by the export, so that a rest is never put behind the beginning of another file.</summary>
    public static string PartOf(string target, ExportAnswer export) => $"{target}.{export.Id}.part";

    /// <param name="show">Told how many bytes are there.</param>
    public async Task SaveAsync(string target, Action<long> show, CancellationToken cancel)
    {
        var part = PartOf(target, export);
        for (var breaks = 0; ;)
        {
            var before = SizeOf(part);
            show(before);
            if (before >= export.Bytes && File.Exists(part))
                break; // a longer one is not it, and does not pass the check

            var cause = await TryFetchAsync(part, before, show, cancel);
            if (SizeOf(part) >= export.Bytes)
                continue;

            breaks = SizeOf(part) > before ? 1 : breaks + 1;
            if (breaks == BreaksMax)
                throw new NativeException($"The download broke off again and again ({cause ?? "the answer ended early"}). {SizeOf(part)} of {export.Bytes} bytes are there; run rollcall export fetch {export.Id} to go on.");
            await Task.Delay(WaitOf(breaks), time, cancel);
        }

        await CheckAsync(part, cancel);
        File.Move(part, target, overwrite: true);
    }

    /// <summary>Why it broke off; null when the server sent all that it meant to.</summary>
    private async Task<string?> TryFetchAsync(string part, long offset, Action<long> show, CancellationToken cancel)
    {
        try
        {
            using var answer = await client.OpenAsync(path, offset, $"\"{export.Sha256}\"", cancel);
            await using var bytes = await answer.Content.ReadAsStreamAsync(cancel);
            await using var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
            file.SetLength(answer.StatusCode is HttpStatusCode.PartialContent ? offset : 0);
            file.Seek(0, SeekOrigin.End);
            await CopyAsync(bytes, file, show, cancel);
            return null;
        }
        catch (NativeException e) when (e.Status is null or >= 500)
        {
            return e.Message;
        }
        catch (Exception e) when (e is HttpRequestException or HttpIOException or SocketException or IOException { InnerException: SocketException }) // not the disk's
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return "the server fell silent";
        }
    }

    private static async Task CopyAsync(Stream from, FileStream to, Action<long> show, CancellationToken cancel)
    {
        var buffer = new byte[BufferBytes];
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        while (true)
        {
            silence.CancelAfter(SilenceMax);
            var read = await from.ReadAsync(buffer, silence.Token);
            if (read == 0)
                break;

            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
            show(to.Position);
        }

        to.Flush(flushToDisk: true);
    }

    private async Task CheckAsync(string part, CancellationToken cancel)
    {
        await using var file = File.OpenRead(part);
        if (Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancel)) != export.Sha256)
            throw Wrong(part);
    }

    private static NativeException Wrong(string part)
    {
        File.Delete(part);
        return new NativeException("What arrived is not the file that the server made: its SHA-256 differs. Nothing was kept; fetch it again.");
    }

    private static long SizeOf(string part) => File.Exists(part) ? new FileInfo(part).Length : 0;

    private static TimeSpan WaitOf(int breaks)
    {
        var doubled = TimeSpan.FromSeconds(Math.Pow(2, breaks - 1));
        return doubled < WaitMax ? doubled : WaitMax;
    }
}
