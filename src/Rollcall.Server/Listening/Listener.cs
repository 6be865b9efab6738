using System.Security.Authentication;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Listening;

/// <summary>Where the server listens, and with which certificate.</summary>
internal static class Listener
{
    public static void AddListening(this WebApplicationBuilder builder, ServerOptions options)
    {
        // An environment variable of the framework (ASPNETCORE_FORWARDEDHEADERS_ENABLED) would have it take everybody's word.
        builder.Configuration["ForwardedHeaders_Enabled"] = "false";
        builder.Services.AddSingleton(options.Tls);
        builder.Services.AddSingleton(TrustedProxies.Parse(options.TrustedProxies));
        builder.WebHost.UseUrls(ListenUrl.TextsOf(options.Urls));
        if (!options.Tls.HasCertificate())
            return;

        builder.Services.AddSingleton<ServerCertificate>();
        builder.Services.AddHostedService<CertificateRenewal>();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(ServeCertificate);
    }

    /// <summary>Reads the certificate and says what is unsafe, before anything is written or listened on.</summary>
    /// <exception cref="SettingException">The certificate cannot be used.</exception>
    public static async Task CheckListeningAsync(this WebApplication app, ServerOptions options, CancellationToken cancel)
    {
        if (app.Services.GetService<ServerCertificate>() is { } certificate)
            await certificate.OpenAsync(cancel);
        var hasProxies = !app.Services.GetRequiredService<TrustedProxies>().IsEmpty;
        var log = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Listener));
        foreach (var url in ListenUrl.ParseAll(options.Urls).Where(url => url is { IsHttps: false, IsLocal: false }))
        {
            if (hasProxies)
                ListeningLog.PlainBehindProxy(log, url.Text);
            else
                ListeningLog.Plain(log, url.Text);
        }
    }

    private static void ServeCertificate(KestrelServerOptions kestrel)
    {
        var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
        kestrel.ConfigureHttpsDefaults(https =>
        {
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            // A selector alone would send the certificate without its chain; the context below brings both.
            https.ServerCertificateSelector = (_, _) => certificate.Context.TargetCertificate;
            https.OnAuthenticate = (_, handshake) =>
            {
                handshake.ServerCertificateSelectionCallback = null;
                handshake.ServerCertificateContext = certificate.Context;
            };
        });
    }
}
