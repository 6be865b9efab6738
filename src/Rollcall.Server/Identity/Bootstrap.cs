using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Core.Identity;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Identity;

/// <summary>Makes the first tenant, administrator, access key and agent token, and writes them down for the person who installs.</summary>
internal sealed class Bootstrap(IIdentityStore identities, SecretSealer sealer, TimeProvider clock)
{
    public const string AccessKeyPurpose = "access-key";

    /// <summary>The first number that a ledger gives: its first operator's, for ever.</summary>
    public const long FirstOperatorId = 1;

    private const string AdministratorName = "admin";
    private const int AccessKeyChars = 20;

    /// <summary>The file that the first start writes.</summary>
    public static string PathIn(string dataFolder) => Path.Combine(dataFolder, "bootstrap.json");

    /// <summary>True when this was the first start. The file is on disk before the ledger knows of the tenant, so no secret can be lost.</summary>
    public async Task<bool> RunAsync(ServerOptions options, CancellationToken cancel)
    {
        if (await identities.HasTenantsAsync(cancel))
            return false;

        var now = Instants.ToMilliseconds(clock.GetUtcNow());
        var tenant = new Tenant(TenantId.New(), options.TenantName, now);
        var password = options.AdminPassword.Length > 0 ? options.AdminPassword : Secrets.NewToken();
        var (key, secret) = NewAccessKey(tenant.Id, operatorId: 0, sealer, now);
        var agentToken = Secrets.NewToken();
        var first = new Operator
        {
            Id = FirstOperatorId,
            Tenant = tenant.Id,
            Name = AdministratorName,
            Roles = [Role.Administrator],
            IsServerAdministrator = true,
            PasswordHash = Secrets.HashPassword(password),
            CreatedAt = now,
        };
        var file = new BootstrapFile(
            tenant.Id.Value, tenant.Name, options.Huawei.Region, options.Domain, first.Name, first.Id, password, key.Key, secret, agentToken);
        PrivateFile.Write(PathIn(options.Data), JsonSerializer.Serialize(file, BootstrapJson.Readable.BootstrapFile) + "\n");
        var token = new ApiToken(tenant.Id, Guid.NewGuid().ToString("N"), "first agent", [Role.Agent], now, ExpiresAt: null);
        if (await identities.BootstrapAsync(tenant, first, key, token, Secrets.HashToken(agentToken), cancel))
            return true;

        // Another server on the same store was first: what this one wrote opens nothing.
        File.Delete(PathIn(options.Data));
        return false;
    }

    /// <summary>A new key pair: the record to store and the secret to show once.</summary>
    public static (AccessKey Key, string Secret) NewAccessKey(TenantId tenant, long operatorId, SecretSealer sealer, DateTimeOffset now)
    {
        var name = RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", AccessKeyChars);
        var secret = Secrets.NewToken();
        return (new AccessKey(tenant, name, operatorId, sealer.Seal(AccessKeyPurpose, Encoding.UTF8.GetBytes(secret)), now), secret);
    }
}

/// <summary>The members of bootstrap.json.</summary>
internal sealed record BootstrapFile(
    [property: JsonPropertyName("tenant_id")] string TenantId,
    [property: JsonPropertyName("tenant_name")] string TenantName,
    [property: JsonPropertyName("region")] string Region,
    [property: JsonPropertyName("domain")] string Domain,
    [property: JsonPropertyName("operator")] string OperatorName,
    [property: JsonPropertyName("operator_id")] long OperatorId,
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("access_key")] string AccessKey,
    [property: JsonPropertyName("secret_key")] string SecretKey,
    [property: JsonPropertyName("agent_token")] string AgentToken);

[JsonSerializable(typeof(BootstrapFile))]
internal sealed partial class BootstrapJson : JsonSerializerContext
{
    /// <summary>For people: indented, and a name in any script as itself. The file is no web page.</summary>
    public static BootstrapJson Readable { get; } = new(new JsonSerializerOptions
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
