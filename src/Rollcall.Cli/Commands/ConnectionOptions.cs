using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;

namespace Rollcall.Cli.Commands;

/// <summary>The options that say where the server is and who calls, the same on every command that calls it.</summary>
internal sealed class ConnectionOptions(CliContext context)
{
    private const string ServerDefault = "http://127.0.0.1:8080";

    /// <summary>Bytes of a bootstrap file read at most; the server writes less than one KiB.</summary>
    private const int BootstrapBytesMax = 64 * 1024;

    /// <summary>Bytes of a file of authorities read at most; those of a whole operating system are half of it.</summary>
    private const int AuthorityBytesMax = 1024 * 1024;

    private readonly Option<string?> server = new("--server") { Description = $"Address of the server (ROLLCALL_SERVER; default {ServerDefault}).", HelpName = "url" };
    private readonly Option<string?> caCert = new("--ca-cert")
    {
        Description = "PEM file of the authority that signed the server's certificate, when this machine does not trust it by itself (ROLLCALL_CA_CERT).",
        HelpName = "file",
    };

    private readonly Option<string?> tenant = new("--tenant") { Description = "Tenant id (ROLLCALL_TENANT).", HelpName = "id" };
    private readonly Option<string?> token = new("--token") { Description = "API token (ROLLCALL_TOKEN, which other users of the machine cannot see).", HelpName = "token" };
    private readonly Option<string?> operatorName = new("--operator") { Description = "Operator to sign in as (ROLLCALL_OPERATOR).", HelpName = "name" };
    private readonly Option<string?> password = new("--password") { Description = "The operator's password (ROLLCALL_PASSWORD, which other users of the machine cannot see).", HelpName = "text" };
    private readonly Option<string> data = new("--data")
    {
        Description = "Folder whose bootstrap.json gives tenant and credentials when nothing else does.",
        HelpName = "dir",
        DefaultValueFactory = _ => "./data",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[server, caCert, tenant, token, operatorName, password, data])
            command.Add(option);
    }

    /// <summary>What was said on the command line, else in the environment, else in the bootstrap file.</summary>
    /// <param name="ownToken">Of a command that has its own way to the token; null for all others.</param>
    public Connection Resolve(ParseResult parse, Caller caller, Func<string?>? ownToken = null)
    {
        var bootstrap = ReadBootstrap(parse.GetValue(data)!);
        var connection = new Connection
        {
            Server = ServerOf(parse.GetValue(server) ?? context.Variable("ROLLCALL_SERVER") ?? ServerDefault),
            Tenant = parse.GetValue(tenant) ?? context.Variable("ROLLCALL_TENANT") ?? bootstrap?.TenantId
                ?? (caller == Caller.ServerAdministrator ? "" : null)
                ?? throw new UsageException($"Which tenant? Say --tenant ID or set ROLLCALL_TENANT; {BootstrapAdvice(parse)}"),
            Authorities = (parse.GetValue(caCert) ?? context.Variable("ROLLCALL_CA_CERT")) is { } path ? ReadAuthorities(path) : null,
        };
        if (ownToken is not null)
            return connection with { Token = ownToken() };

        var word = parse.GetValue(password) ?? context.Variable("ROLLCALL_PASSWORD");
        if (parse.GetValue(token) is { } said)
            return connection with { Token = said };

        if (parse.GetValue(operatorName) is { } name)
            return WithOperator(connection, name, word);

        if (context.Variable("ROLLCALL_TOKEN") is { } set)
            return connection with { Token = set };

        return context.Variable("ROLLCALL_OPERATOR") is { } setName
            ? WithOperator(connection, setName, word)
            : FromBootstrap(connection, bootstrap, caller)
                ?? throw new UsageException($"Who calls? Say --token, or --operator and --password, or set ROLLCALL_TOKEN; {BootstrapAdvice(parse)}");
    }

    private static Connection WithOperator(Connection connection, string name, string? word) => word is null
        ? throw new UsageException($"The password of {name}? Say --password or set ROLLCALL_PASSWORD.")
        : connection with { Operator = name, Password = word };

    private static Connection? FromBootstrap(Connection connection, Bootstrap? bootstrap, Caller caller)
    {
        if (caller == Caller.Agent && bootstrap?.AgentToken is { } agent)
            return connection with { Token = agent };

        return bootstrap is { Operator: { } name, Password: { } word } ? connection with { Operator = name, Password = word } : null;
    }

    private static Uri ServerOf(string text)
    {
        var isAddress = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

        // The address is shown to everybody, in the agent's status for one, and nothing here would send its password.
        if (isAddress && uri!.UserInfo.Length > 0)
            throw new UsageException("--server must not hold a user or a password: say --token, or --operator and --password.");

        return isAddress
            ? uri!
            : throw new UsageException($"--server must be an http or https address such as {ServerDefault}, not \"{text}\".");
    }

    private static X509Certificate2Collection ReadAuthorities(string path)
    {
        var found = new X509Certificate2Collection();
        try
        {
            if (new FileInfo(path).Length <= AuthorityBytesMax)
                found.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UsageException($"--ca-cert {path} cannot be read: {e.Message}");
        }

        return found.Count > 0 ? found : throw new UsageException($"--ca-cert {path} holds no PEM certificate.");
    }

    private string BootstrapAdvice(ParseResult parse) =>
        $"or point --data at the server's data folder ({Path.Combine(parse.GetValue(data)!, "bootstrap.json")} does not give it).";

    private static Bootstrap? ReadBootstrap(string folder)
    {
        var path = Path.Combine(folder, "bootstrap.json");
        if (!File.Exists(path))
            return null;

        try
        {
            using var file = File.OpenRead(path);
            return file.Length > BootstrapBytesMax ? null : JsonSerializer.Deserialize(file, NativeJson.Default.Bootstrap);
        }
        catch (JsonException)
        {
            throw new UsageException($"{path} is not what the server writes there: it is no JSON. Say --tenant and --token instead.");
        }
        catch (UnauthorizedAccessException)
        {
            throw new UsageException($"{path} may not be read by this user. Say --tenant and --token instead.");
        }
    }
}

/// <summary>Which of the bootstrap's credentials a command needs.</summary>
internal enum Caller
{
    /// <summary>Sends events.</summary>
    Agent,

    /// <summary>Reads and administers one tenant.</summary>
    Administrator,

    /// <summary>Administers tenants, and so needs none itself.</summary>
    ServerAdministrator,
}
