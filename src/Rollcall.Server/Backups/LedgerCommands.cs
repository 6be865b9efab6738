using System.Runtime.InteropServices;
using Rollcall.Core;
using Rollcall.Core.Backups;
using Rollcall.Server.Configuration;

namespace Rollcall.Server.Backups;

/// <summary>The commands about a whole ledger, which run beside a server or without one.</summary>
internal static class LedgerCommands
{
    private const int Failed = 1;

    /// <returns>The exit code: 0 done and sound, 1 not.</returns>
    /// <exception cref="SettingException">The command line cannot be used.</exception>
    public static async Task<int> RunAsync(string command, IReadOnlyList<string> arguments, TimeProvider clock)
    {
        var given = CommandArguments.Parse(arguments);
        var options = ServerConfiguration.Read(given.Settings);
        if (given.HasExports && command != "backup")
            throw new SettingException("--exports belongs to rollcalld backup");
        if (given.To is not null && command != "migrate-store")
            throw new SettingException("--to belongs to rollcalld migrate-store");

        var progress = new ProgressPrinter(clock, Console.Error);
        var verify = new VerifyCommand(Console.Out, progress);
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        try
        {
            return command switch
            {
                "backup" => new BackupCommand(clock, Console.Out, progress).Run(options, given.FolderNamed("The folder to make"), given.HasExports, stop.Token),
                "restore" => new RestoreCommand(Console.Out, verify).Run(given.FolderNamed("The backup"), options.Data, stop.Token),
                "migrate-store" when given.Folder is { } folder => throw new SettingException($"{folder} is one folder too many: name the data folder with --data"),
                "migrate-store" => await new MigrateStoreCommand(clock, Console.Out, progress).RunAsync(options, given.To, stop.Token),
                "verify" when given.Folder is { } backup => verify.RunBackup(backup, stop.Token),
                "verify" => verify.RunLedger(options, stop.Token),
                _ => throw new ArgumentOutOfRangeException(nameof(command), command, "no command about a ledger"),
            };
        }
        catch (OperationCanceledException)
        {
            return Fail(command == "migrate-store" ? "stopped; what was copied stays, and running it again goes on" : "stopped; nothing is left half done under its name");
        }
        catch (Exception cause) when (cause is CommandException or LedgerException or FaultException or IOException or UnauthorizedAccessException)
        {
            return Fail(cause.Message);
        }
    }

    private static int Fail(string sentence)
    {
        Console.Error.WriteLine($"rollcalld: {Printable.Of(sentence)}");
        return Failed;
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
