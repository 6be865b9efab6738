using System.Security.Cryptography.X509Certificates;

namespace Rollcall.Cli.Native;

/// <summary>A client that is signed in, and the tenant it works in. Disposing signs out what was signed in here.</summary>
internal sealed class NativeSession : IAsyncDisposable
{
    private readonly bool signedIn;

    private NativeSession(NativeClient client, string tenant, bool signedIn)
    {
        (Client, Tenant, this.signedIn) = (client, tenant, signedIn);
    }

    public NativeClient Client { get; }

    public string Tenant { get; }

    /// <summary>A path under the tenant.</summary>
    public string Path(string below) => $"api/v1/tenants/{Uri.EscapeDataString(Tenant)}/{below}";

    public static async Task<NativeSession> OpenAsync(Connection connection, TimeProvider time, CancellationToken cancel)
    {
        var client = new NativeClient(connection.Server, time, connection.Authorities) { Token = connection.Token };
        if (connection.Token is not null)
            return new NativeSession(client, connection.Tenant, signedIn: false);

        try
        {
            var request = new SignInRequest(connection.Operator!, connection.Password!);
            var answer = await client.PostAsync("api/v1/signin", request, NativeJson.Default.SignInRequest, NativeJson.Default.SignInAnswer, cancel);
            client.Token = answer.Token ?? throw new NativeException("The server's answer to the sign-in holds no token.");
            return new NativeSession(client, connection.Tenant, signedIn: true);
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (signedIn)
        {
            try
            {
                await Client.PostAsync("api/v1/signout", CancellationToken.None);
            }
            catch (NativeException)
            {
                // The work is done and its outcome told; a sign-in that could not be ended expires by itself.
            }
        }

        Client.Dispose();
    }
}

/// <summary>Where to, as whom. Either a token, or an operator and a password.</summary>
internal sealed record Connection
{
    public required Uri Server { get; init; }
    public required string Tenant { get; init; }
    public string? Token { get; init; }
    public string? Operator { get; init; }
    public string? Password { get; init; }

    /// <summary>The only authorities whose word for the server's certificate is taken; null means those of this machine.</summary>
    public X509Certificate2Collection? Authorities { get; init; }
}
