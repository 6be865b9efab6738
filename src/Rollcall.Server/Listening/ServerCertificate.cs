using System.Net.Security;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Listening;

/// <summary>The certificate that new connections are shown. A handshake takes what is in memory and never waits for a file.</summary>
internal sealed class ServerCertificate(TlsOptions options, TimeProvider clock, ILogger<ServerCertificate> log) : IDisposable
{
    /// <summary>How long a replaced certificate is kept for the handshakes under way; the web server ends one after 10 seconds.</summary>
    internal static readonly TimeSpan KeepReplaced = TimeSpan.FromMinutes(1);

    private readonly Queue<(LoadedCertificate Old, DateTimeOffset At)> replaced = new();
    private volatile LoadedCertificate? current;

    /// <summary>The digest of the files at the last look, or why they could not be read.</summary>
    private string lastSeen = string.Empty;

    public SslStreamCertificateContext Context =>
        current?.Context ?? throw new InvalidOperationException("The certificate is opened before the server listens");

    /// <summary>Loads it for the first time.</summary>
    /// <exception cref="SettingException">The files cannot be used.</exception>
    public async Task OpenAsync(CancellationToken cancel)
    {
        var files = await CertificateFiles.ReadAsync(options, cancel);
        Use(files);
        lastSeen = files.Digest;
    }

    /// <summary>Takes the files anew if they are others than at the last look. One caller at a time.</summary>
    public async Task LookAsync(CancellationToken cancel)
    {
        DisposeReplaced(clock.GetUtcNow() - KeepReplaced);
        if (await TryReadChangedAsync(cancel) is not { } files)
            return;

        try
        {
            Use(files);
            ListeningLog.Renewed(log, options.CertificatePath(), current!.Leaf.NotAfter.ToUniversalTime());
        }
        catch (SettingException broken)
        {
            ListeningLog.NotRenewed(log, broken.Message);
        }
    }

    public void Dispose()
    {
        DisposeReplaced(DateTimeOffset.MaxValue);
        current?.Dispose();
    }

    /// <summary>Null when nothing changed or nothing can be read. Each state of the files is told once, not at every look.</summary>
    private async Task<CertificateFiles?> TryReadChangedAsync(CancellationToken cancel)
    {
        try
        {
            var files = await CertificateFiles.ReadAsync(options, cancel);
            return IsNews(files.Digest) ? files : null;
        }
        catch (SettingException unreadable)
        {
            if (IsNews(unreadable.Message))
                ListeningLog.NotRenewed(log, unreadable.Message);
            return null;
        }
    }

    private bool IsNews(string state)
    {
        var isNews = state != lastSeen;
        lastSeen = state;
        return isNews;
    }

    private void Use(CertificateFiles files)
    {
        var loaded = LoadedCertificate.From(files, options);
        var now = clock.GetUtcNow();
        if (current is { } old)
            replaced.Enqueue((old, now));
        current = loaded;
        var (from, until) = (loaded.Leaf.NotBefore.ToUniversalTime(), loaded.Leaf.NotAfter.ToUniversalTime());
        if (now.UtcDateTime < from || now.UtcDateTime > until)
            ListeningLog.OutOfDate(log, options.CertificatePath(), from, until);
    }

    private void DisposeReplaced(DateTimeOffset until)
    {
        while (replaced.TryPeek(out var first) && first.At <= until)
            replaced.Dequeue().Old.Dispose();
    }
}

/// <summary>Looks at the certificate's files again and again, so that a renewal needs no restart.</summary>
internal sealed class CertificateRenewal(ServerCertificate certificate, TlsOptions options, TimeProvider clock) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.ReloadSeconds), clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await certificate.LookAsync(stoppingToken);
    }
}
