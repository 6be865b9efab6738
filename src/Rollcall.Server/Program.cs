using System.Net.Sockets;
using Rollcall.Server;
using Rollcall.Server.Backups;
using Rollcall.Server.Configuration;
using Rollcall.Server.Identity;
using Rollcall.Server.Operations;

const string Usage = """
    rollcalld: the Rollcall server, an open session ledger

      rollcalld [--urls http://127.0.0.1:8080] [--data ./data] [--store sqlite|postgres://…] [--Section:Name value …]
                [--tls-cert FILE --tls-key FILE | --tls-pfx FILE] [--trusted-proxies 10.0.0.0/8,127.0.0.1]
                             serve in the foreground until stopped
      rollcalld migrate [--citus]
                             bring the store's schema up to date, and be done; with --citus spread the tables over a Citus cluster
      rollcalld backup DESTINATION [--data FOLDER] [--exports]
                             copy the embedded ledger and its key, beside its server, to a new folder; finished exports too when asked
      rollcalld restore BACKUP --data FOLDER
                             make a data folder of a backup, verified; the folder must not have a ledger
      rollcalld verify [BACKUP | --data FOLDER | --store postgres://…]
                             prove a ledger or a backup: files, structure, the chain of each tenant's events. Exit code 0 sound, 1 not
      rollcalld migrate-store [--data FOLDER] [--to postgres://…]
                             move the embedded ledger into an empty PostgreSQL database, beside its server first, then for good with it stopped;
                             goes on where it was stopped, brings over what changed, compares every row
      rollcalld config       print the effective settings, secrets hidden
      rollcalld --version    print the version
      rollcalld --help       print this

    Every setting may also stand in the environment (ROLLCALL_DATA, ROLLCALL_Huawei__Region, …) or in appsettings.json.
    ROLLCALL_STORE=postgres://user:password@host:port/database keeps the ledger in PostgreSQL 15 to 18, which several servers may share.
    ROLLCALL_ADMIN_PASSWORD presets the first administrator's password; ROLLCALL_TLS_KEY_PASSWORD and ROLLCALL_TLS_PFX_PASSWORD open
    the certificate's key. With a certificate and no --urls the server listens on https://127.0.0.1:8443.
    """;

try
{
    switch (args)
    {
        case ["--help" or "-h" or "help", ..]:
            Console.WriteLine(Usage);
            return 0;
        case ["--version", ..]:
            Console.WriteLine(typeof(ServerOptions).Assembly.GetName().Version!.ToString(3));
            return 0;
        case ["config", .. var rest]:
            Console.Write(ServerConfiguration.Describe(ServerConfiguration.Read(rest)));
            return 0;
        case ["migrate", .. var rest]:
            Console.WriteLine(await MigrateAsync(rest));
            return 0;
        case ["backup" or "restore" or "verify" or "migrate-store", .. var rest]:
            return await LedgerCommands.RunAsync(args[0], rest, TimeProvider.System);
        case [{ } word, ..] when !word.StartsWith('-'):
            await Console.Error.WriteLineAsync($"rollcalld: unknown command {word}; see rollcalld --help");
            return 2;
        default:
            return await ServeAsync(ServerConfiguration.Read(args));
    }
}
catch (SettingException wrong)
{
    await Console.Error.WriteLineAsync($"rollcalld: {wrong.Message}");
    return 2;
}
catch (MissingPartException missing)
{
    await Console.Error.WriteLineAsync($"rollcalld: {missing.Message}");
    return 3;
}

static async Task<string> MigrateAsync(string[] arguments)
{
    const string spread = "--citus";
    var options = ServerConfiguration.Read([.. arguments.Where(argument => argument != spread)]);
    using var folder = options.Store == ServerOptions.EmbeddedStore ? DataFolder.Own(options.Data) : null;
    return await RollcallServer.MigrateAsync(options, folder, arguments.Contains(spread));
}

static async Task<int> ServeAsync(ServerOptions options)
{
    using var folder = DataFolder.Own(options.Data);
    await using var app = await RollcallServer.BuildAsync(options, folder, CancellationToken.None);
    try
    {
        await app.StartAsync();
    }
    catch (Exception cause) when (cause is IOException or SocketException or InvalidOperationException or FormatException)
    {
        await Console.Error.WriteLineAsync($"rollcalld: cannot listen on {options.Urls}: {cause.Message}");
        return 1;
    }

    // To the error output: the standard output is the log's, and may be JSON for a collector.
    foreach (var url in app.Urls)
        await Console.Error.WriteLineAsync($"Rollcall listens on {url}; API documentation: {url}/docs");
    await Console.Error.WriteLineAsync($"Tenant, administrator, key and agent token: {Bootstrap.PathIn(folder.Path)}");
    await app.WaitForShutdownAsync();
    return 0;
}
