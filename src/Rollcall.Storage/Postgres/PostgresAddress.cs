using System.Collections.Frozen;
using System.Globalization;
using Npgsql;

namespace Rollcall.Storage.Postgres;

/// <summary>Reads <c>postgres://user:password@host:port/database?sslmode=require</c>. Nothing it says has the password in it.</summary>
public static class PostgresAddress
{
    private const string Form = "postgres://user:password@host:port/database";

    private static readonly FrozenSet<string> Schemes = FrozenSet.ToFrozenSet(["postgres", "postgresql"]);

    private static readonly FrozenDictionary<string, SslMode> SslModes = new Dictionary<string, SslMode>(StringComparer.Ordinal)
    {
        ["disable"] = SslMode.Disable,
        ["prefer"] = SslMode.Prefer,
        ["require"] = SslMode.Require,
        ["verify-ca"] = SslMode.VerifyCA,
        ["verify-full"] = SslMode.VerifyFull,
    }.ToFrozenDictionary();

    /// <summary>Whether the text names a PostgreSQL database; whether it can be used is another question.</summary>
    public static bool Is(string text) => Schemes.Any(scheme => text.StartsWith(scheme + "://", StringComparison.Ordinal));

    /// <summary>The address without its password, for messages.</summary>
    public static string Describe(string text) => Parse(text) is var known
        ? $"postgres://{known.Username}@{known.Host}:{known.Port.ToString(CultureInfo.InvariantCulture)}/{known.Database}"
        : Form;

    /// <summary>Empty when it has none.</summary>
    /// <exception cref="StoreUnavailableException">The address cannot be used.</exception>
    public static string PasswordOf(string text) => Parse(text).Password ?? string.Empty;

    /// <exception cref="StoreUnavailableException">The address cannot be used.</exception>
    internal static NpgsqlConnectionStringBuilder Parse(string text)
    {
        if (!Is(text) || !Uri.TryCreate(text, UriKind.Absolute, out var address))
            throw Wrong("it is no address of this form; write @, : and / in a password as %40, %3A and %2F");

        var names = address.UserInfo.Split(':', 2);
        var database = Uri.UnescapeDataString(address.AbsolutePath.TrimStart('/'));
        if (names[0].Length == 0 || database.Length == 0)
            throw Wrong("the user and the database must be named");

        var known = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.IsDefaultPort || address.Port < 0 ? NpgsqlConnection.DefaultPort : address.Port,
            Username = Uri.UnescapeDataString(names[0]),
            Database = database,
        };
        if (names is [_, { Length: > 0 } password])
            known.Password = Uri.UnescapeDataString(password);
        foreach (var option in address.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            Apply(known, option.Split('=', 2));
        return known.Host is { Length: > 0 } ? known : throw Wrong("the host must be named");
    }

    private static void Apply(NpgsqlConnectionStringBuilder known, string[] option)
    {
        var value = option is [_, var given] ? Uri.UnescapeDataString(given) : string.Empty;
        switch (option[0])
        {
            case "sslmode":
                known.SslMode = SslModes.TryGetValue(value, out var mode) ? mode : throw Wrong($"sslmode must be one of {string.Join(", ", SslModes.Keys.Order(StringComparer.Ordinal))}");
                break;
            case "sslrootcert":
                known.RootCertificate = value;
                break;
            case "host":
                known.Host = value;
                break;
            default:
                throw Wrong("after the question mark it may say sslmode, sslrootcert and host, the folder of a Unix socket");
        }
    }

    private static StoreUnavailableException Wrong(string why) => new($"Store (ROLLCALL_STORE) must be sqlite or {Form}: {why}");
}
