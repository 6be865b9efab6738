using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Rollcall.Cli.Native;

/// <summary>Whose word for a server's certificate is taken, and why one was not believed. Nothing here believes more than the platform does.</summary>
internal sealed class ServerTrust
{
    private SslPolicyErrors doubts;
    private X509ChainStatusFlags chainDoubts;

    /// <param name="authorities">The only ones believed; null means those of this machine.</param>
    public ServerTrust(X509Certificate2Collection? authorities)
    {
        Options = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = Judge };
        if (authorities is not null)
            Options.CertificateChainPolicy = PolicyOf(authorities);
    }

    public SslClientAuthenticationOptions Options { get; }

    /// <summary>What to tell the person at the terminal after a handshake that failed.</summary>
    public string WhyNot(HttpRequestException failure)
    {
        if (doubts.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return "its certificate is for another name. Use a name that stands in the certificate, or have one made for this name.";
        if (chainDoubts.HasFlag(X509ChainStatusFlags.NotTimeValid))
            return "its certificate has expired or is not valid yet. Renew it, or set this machine's clock.";
        if (doubts.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
            return "its certificate comes from an authority that is not trusted here. Name the authority's certificate with --ca-cert FILE or ROLLCALL_CA_CERT.";

        return $"{failure.InnerException?.Message ?? failure.Message} If the server listens without a certificate there, write http instead of https.";
    }

    private static X509ChainPolicy PolicyOf(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            // A private authority seldom publishes what it has revoked, and looking would take a connection elsewhere.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    /// <summary>The platform's own verdict, remembered.</summary>
    private bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        doubts = errors;
        chainDoubts = (chain?.ChainStatus ?? []).Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        return errors == SslPolicyErrors.None;
    }
}
