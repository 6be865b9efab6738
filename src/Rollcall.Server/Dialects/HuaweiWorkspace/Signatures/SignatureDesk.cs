using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Signatures;

/// <summary>Knows callers by the signature of their request: <c>SDK-HMAC-SHA256</c> with an access key (design 3, point 9; contract 6.4).</summary>
internal sealed class SignatureDesk(IIdentityStore identities, SecretSealer sealer, KeyLocks locks, TimeProvider clock)
{
    /// <summary>What the vendor's gateway puts before every reason (contract 7.4).</summary>
    public const string Incorrect = "Incorrect IAM authentication information: ";

    private const int SkewMinutesMax = 15;
    private const int SecretBytes = 32;

    /// <summary>Whether the request offers a signature, of whatever algorithm.</summary>
    public static bool IsOffered(HttpRequest request)
    {
        var scheme = request.Headers.Authorization.ToString().Split(' ', 2)[0];
        return scheme.StartsWith("SDK-", StringComparison.OrdinalIgnoreCase) || scheme.StartsWith("V11-", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The operator whose key signed the request, with the rights it has in its own tenant. The body is read, and can be read again.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.NotSignedIn"/>, saying which step failed but never whether the key exists.</exception>
    public async Task<Caller> KnowAsync(HttpContext context)
    {
        var request = context.Request;
        var cancel = context.RequestAborted;
        if (request.Headers.ContainsKey("X-Security-Token"))
            throw Refused("temporary access keys (X-Security-Token) are not supported: sign with a permanent key");

        var signature = SignatureHeader.TryRead(request.Headers.Authorization.ToString(), request.Headers[SignatureHeader.DateHeader].ToString())
            ?? throw Refused($"verify aksk signature fail: Authorization must be {SignatureHeader.Algorithm} with Access, SignedHeaders and Signature, and sign {SignatureHeader.DateHeader}");
        if ((clock.GetUtcNow() - signature.SignedAt).Duration() > TimeSpan.FromMinutes(SkewMinutesMax))
            throw Refused($"verify aksk signature fail: {SignatureHeader.DateHeader} is more than {SkewMinutesMax} minutes from the server's time");
        if (locks.IsLocked(signature.AccessKey))
            throw Refused("AK access failed to reach the limit,forbidden");

        var signed = await ReceivedAsync(request, cancel);
        var holder = await HolderAsync(signature, signed, cancel);
        if (holder is null)
        {
            locks.Failed(signature.AccessKey);
            throw Refused("verify aksk signature fail");
        }

        locks.Succeeded(signature.AccessKey);
        return new Caller { Tenant = holder.Tenant, Name = holder.Name, Operator = holder, Roles = holder.Roles };
    }

    /// <summary>Null when there is no such key, the signature is not its own, or the holder was removed. It takes as long whether or not there is a key.</summary>
    private async Task<Operator?> HolderAsync(SignatureHeader signature, SignedRequest signed, CancellationToken cancel)
    {
        var key = await identities.TryGetAccessKeyAsync(signature.AccessKey, cancel);
        var secret = key is null ? RandomNumberGenerator.GetBytes(SecretBytes) : sealer.Open(Bootstrap.AccessKeyPurpose, key.SealedSecret.Span);
        if (!signed.IsSignedWith(secret, signature) || key is null)
            return null;

        return await identities.TryGetOperatorAsync(key.OperatorId, cancel) is { IsRemoved: false } holder && holder.Tenant == key.Tenant ? holder : null;
    }

    /// <summary>The request as it came over the wire; its body stays readable.</summary>
    private static async Task<SignedRequest> ReceivedAsync(HttpRequest request, CancellationToken cancel)
    {
        var body = await RequestBody.ReadAsync(request, RequestBody.SmallBytesMax, cancel);
        request.Body = new MemoryStream(body.ToArray(), writable: false);
        var target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return new SignedRequest(request.Method, WithoutAuthority(target), name => request.Headers[name].ToString(), body);
    }

    /// <summary>A target may come with scheme and host (RFC 9112, section 3.2.2); the path is what is signed.</summary>
    private static string WithoutAuthority(string target)
    {
        if (target.StartsWith('/'))
            return target;

        var path = target.IndexOf('/', target.IndexOf("://", StringComparison.Ordinal) + "://".Length);
        return path < 0 ? "/" : target[path..];
    }

    private static FaultException Refused(string reason) => FaultException.NotSignedIn(Incorrect + reason);
}
