using Rollcall.Core.Backups;
using Rollcall.Core.Connections;
using Rollcall.Core.Events;
using Rollcall.Core.Exports;
using Rollcall.Core.Hosts;
using Rollcall.Core.Identity;
using Rollcall.Core.Sessions;
using Rollcall.Core.Retention;
using Rollcall.Core.SignIns;
using Rollcall.Core.Statistics;
using Rollcall.Core.Users;
using Rollcall.Server.Backups;
using Rollcall.Server.Configuration;
using Rollcall.Server.Dialects.Commvault;
using Rollcall.Server.Dialects.HuaweiWorkspace;
using Rollcall.Server.Dialects.HuaweiWorkspace.Iam;
using Rollcall.Server.Dialects.HuaweiWorkspace.Sts;
using Rollcall.Server.Dialects.Native;
using Rollcall.Server.Exports;
using Rollcall.Server.Identity;
using Rollcall.Server.Ingest;
using Rollcall.Server.Listening;
using Rollcall.Server.Metrics;
using Rollcall.Server.Operations;
using Rollcall.Server.Streams;
using Rollcall.Server.WebConsole;
using Rollcall.Storage;
using Rollcall.Storage.Columns;
using Rollcall.Storage.Postgres;
using Rollcall.Storage.Sql;
using Rollcall.Storage.Sqlite;

namespace Rollcall.Server;

/// <summary>The composition root: what the server is made of, and the only file that names a store.</summary>
internal static class RollcallServer
{
    private const long BytesPerMiB = 1024 * 1024;

    /// <summary>Sessions in memory take a quarter of what the process may have at most, whatever the setting says: requests need the rest.</summary>
    private const int MemoryShareOfColumns = 4;

    public static Task<WebApplication> BuildAsync(ServerOptions options, DataFolder folder, CancellationToken cancel) =>
        BuildAsync(options, folder, TimeProvider.System, cancel);

    /// <param name="clock">What the whole server takes for the time.</param>
    public static async Task<WebApplication> BuildAsync(ServerOptions options, DataFolder folder, TimeProvider clock, CancellationToken cancel)
    {
        // Settings are read once, by ServerConfiguration. The framework's own reading would watch every file below the working folder for changes:
        // the ledger too when it lies there, and each write to it would wake a thread.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.AddListening(options);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBody.BytesMax;
        });
        builder.Logging.Configure(options);
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton(new HealthLimits(
            TimeSpan.FromSeconds(options.Ledger.ClockSkewWarningSeconds), TimeSpan.FromSeconds(options.Ledger.LateSeconds)));
        var store = OpenStore(builder.Services, options, folder);
        store.SessionChangesKept = options.Ledger.SessionChangesKept;
        AddStore(builder.Services, store);
        if (store is SqliteDatabase && options.Ledger.ColumnsMiB > 0)
            AddColumns(builder.Services, options.Ledger.ColumnsMiB);
        AddServices(builder.Services, options, folder);
        ApiDocuments.Add(builder.Services);

        var app = builder.Build();
        app.Services.GetRequiredService<MetricSeries>(); // listens from here on
        app.Services.GetRequiredService<ServerMeter>().BeginAtZero();
        if (app.Services.GetService<SharedServerKey>() is { } key)
            await key.AgreeAsync(cancel);
        await app.CheckListeningAsync(options, cancel);
        await app.Services.GetRequiredService<Bootstrap>().RunAsync(options, cancel);
        app.UseClientConnection();
        app.UseCommvaultPaths();
        app.UseMiddleware<RequestPipeline>();
        app.UseRouting();
        app.MapHealth();
        app.MapMetrics();
        app.MapNative();
        app.MapWorkspace();
        app.MapCommvault();
        app.MapConsole();
        ApiDocuments.Map(app);
        return app;
    }

    /// <summary>One instant of the ledger that the settings name, beside the servers that use it.</summary>
    /// <exception cref="LedgerException">It cannot be read.</exception>
    /// <exception cref="SettingException">The address of its database cannot be used.</exception>
    public static ILedgerInspection InspectLedger(ServerOptions options)
    {
        var openSeal = CheckpointSeal.TryOpener(Path.GetFullPath(options.Data));
        try
        {
            return options.Store == ServerOptions.EmbeddedStore
                ? SqliteLedgerFile.Inspect(Path.Combine(Path.GetFullPath(options.Data), DataFolder.LedgerName), openSeal)
                : PostgresLedger.Inspect(options.Store, openSeal);
        }
        catch (StoreUnavailableException cause)
        {
            throw new SettingException(cause.Message);
        }
    }

    /// <summary>A copy of an embedded ledger, which nobody writes.</summary>
    /// <param name="path">The copy.</param>
    /// <param name="keyFolder">Where the server's key is, if anywhere.</param>
    /// <exception cref="LedgerException">It cannot be read.</exception>
    public static ILedgerInspection InspectCopy(string path, string keyFolder) => SqliteLedgerFile.InspectCopy(path, CheckpointSeal.TryOpener(keyFolder));

    /// <summary>Copies an embedded ledger, as it is at one instant, beside the server that writes it.</summary>
    /// <exception cref="LedgerException">It cannot be read, or the copy cannot be written.</exception>
    public static void CopyLedger(string path, string copyPath, Action<LedgerProgress> tell, CancellationToken cancel) =>
        SqliteLedgerFile.Copy(path, copyPath, tell, cancel);

    /// <summary>The address of a database without its password; null when the text names none.</summary>
    /// <exception cref="SettingException">The address cannot be used.</exception>
    public static string? DescribeDatabase(string address)
    {
        try
        {
            return PostgresAddress.Is(address) ? PostgresAddress.Describe(address) : null;
        }
        catch (StoreUnavailableException cause)
        {
            throw new SettingException(cause.Message);
        }
    }

    /// <summary>Begins to move an embedded ledger into a database, or goes on with it.</summary>
    /// <param name="path">The ledger, or a copy of it.</param>
    /// <param name="isCopy">Whether nobody writes it at all.</param>
    /// <param name="address">Of the database.</param>
    /// <exception cref="LedgerException">Either cannot be used; the message says why.</exception>
    /// <exception cref="SettingException">The address cannot be used.</exception>
    public static ILedgerMove BeginMove(string path, bool isCopy, string address)
    {
        try
        {
            return PostgresMove.Begin(address, isCopy ? SqliteLedgerFile.OpenCopyToMove(path) : SqliteLedgerFile.OpenToMove(path));
        }
        catch (StoreUnavailableException cause)
        {
            throw new SettingException(cause.Message);
        }
    }

    /// <summary>Gives the key of a data folder to the servers that will use the database into which its ledger is being moved: what it sealed they must open.</summary>
    /// <exception cref="SettingException">The database cannot be used, or knows another key.</exception>
    public static async Task ShareKeyAsync(DataFolder folder, string address, CancellationToken cancel)
    {
        try
        {
            await using var store = PostgresDatabase.OpenUnfinished(address);
            await new SharedServerKey(new SqlServerFacts(store), folder.Path, PostgresAddress.PasswordOf(address)).AgreeAsync(cancel);
        }
        catch (StoreUnavailableException cause)
        {
            throw new SettingException(cause.Message);
        }
    }

    private static StoreDatabase OpenStore(IServiceCollection services, ServerOptions options, DataFolder folder)
    {
        if (options.Store == ServerOptions.EmbeddedStore)
            return OpenEmbedded(folder);

        try
        {
            // A statement holds its thread until the database answers: the pool, which grows slowly, must not be what requests wait for.
            ThreadPool.GetMinThreads(out var workers, out var ports);
            ThreadPool.SetMinThreads(Math.Max(workers, PostgresDatabase.SessionsMax), ports);
            var store = PostgresDatabase.Open(options.Store);
            services.AddSingleton(new SharedServerKey(new SqlServerFacts(store), folder.Path, PostgresAddress.PasswordOf(options.Store)));
            return store;
        }
        catch (StoreUnavailableException cause)
        {
            throw new SettingException(cause.Message);
        }
    }

    private static SqliteDatabase OpenEmbedded(DataFolder folder)
    {
        if (!File.Exists(folder.Ledger) && File.Exists(folder.Ledger + RestoreCommand.PartSuffix))
            throw new SettingException($"A restore into {folder.Path} was not finished: run rollcalld restore again, or choose another folder with --data");

        folder.RequireNotMoved();
        PrivateFile.CreateIfMissing(folder.Ledger); // SQLite gives its other files the mode of this one
        return SqliteDatabase.Open(folder.Ledger);
    }

    /// <summary>Brings the ledger's schema up to date, and spreads it over a Citus cluster when asked to.</summary>
    /// <param name="options">Which ledger.</param>
    /// <param name="folder">Of an embedded ledger; null of one in PostgreSQL, whose servers may run meanwhile.</param>
    /// <param name="spread">Whether over a cluster.</param>
    /// <returns>What was done, for the person who asked.</returns>
    /// <exception cref="SettingException">The store cannot be used.</exception>
    /// <exception cref="MissingPartException">It is not, or not yet, a cluster.</exception>
    public static async Task<string> MigrateAsync(ServerOptions options, DataFolder? folder, bool spread)
    {
        if (spread && options.Store == ServerOptions.EmbeddedStore)
            throw new SettingException("--citus is for a ledger in PostgreSQL: set ROLLCALL_STORE=postgres://user:password@host:port/database, the coordinator's address");

        try
        {
            if (spread)
            {
                var done = PostgresCitus.Distribute(options.Store);
                return done.Count == 0 ? "Every table is spread already." : string.Join('\n', done);
            }

            var isNew = folder is not null && !File.Exists(folder.Ledger);
            await using var store = folder is not null ? (StoreDatabase)OpenEmbedded(folder) : PostgresDatabase.Open(options.Store);
            return isNew ? $"There was no ledger in {folder!.Path}; an empty one was made." : "The schema is up to date.";
        }
        catch (CitusMissingException missing)
        {
            throw new MissingPartException($"The ledger at {PostgresAddress.Describe(options.Store)} cannot be spread: {missing.Message}");
        }
        catch (StoreUnavailableException cause)
        {
            throw new SettingException(cause.Message);
        }
    }

    private static void AddStore(IServiceCollection services, StoreDatabase store)
    {
        services.AddSingleton(_ => store); // by a factory, so that it is closed with the server
        services.AddSingleton<IReadiness, StoreReadiness>();
        services.AddSingleton<IEventLog>(provider =>
            new SqlEventLog(provider.GetRequiredService<StoreDatabase>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<HealthLimits>()) { DoBeatsWait = true });
        services.AddSingleton<ISessionLedger>(provider => new SessionLedgerContract(
            provider.GetService<SessionColumns>() is { } columns
                ? new ColumnSessionLedger(provider.GetRequiredService<StoreDatabase>(), columns)
                : new SqlSessionLedger(provider.GetRequiredService<StoreDatabase>())));
        services.AddSingleton<ISessionFeed>(provider => new SessionFeedContract(new SqlSessionFeed(provider.GetRequiredService<StoreDatabase>())));
        services.AddSingleton<ISessionHistory>(provider => new SessionHistoryContract(new SqlSessionHistory(provider.GetRequiredService<StoreDatabase>())));
        services.AddSingleton<Dialects.Native.SessionAsking>();
        services.AddSingleton<IHostWatch, SqlHostWatch>();
        services.AddSingleton<IHostDirectory>(provider => new HostDirectoryContract(new SqlHostDirectory(provider.GetRequiredService<StoreDatabase>())));
        services.AddSingleton<IFleetHealth>(provider => new FleetHealthContract(new SqlFleetHealth(provider.GetRequiredService<StoreDatabase>())));
        services.AddSingleton<ISessionWords, SqlSessionWords>();
        services.AddSingleton<IConnectionLog>(provider => new ConnectionLogContract(new SqlConnectionLog(provider.GetRequiredService<StoreDatabase>())));
        services.AddSingleton<ISessionStatistics>(provider =>
            new SessionStatisticsContract(new SqlSessionStatistics(provider.GetRequiredService<StoreDatabase>())));
        services.AddSingleton(provider => new SqlFleetStatistics(provider.GetRequiredService<StoreDatabase>(), provider.GetService<SessionColumns>()));
        services.AddSingleton<IFleetStatistics>(provider => new FleetStatisticsContract(provider.GetRequiredService<SqlFleetStatistics>()));
        services.AddSingleton<IServerLoad, SqlServerLoad>();
        services.AddSingleton<IRetention>(provider => new SqlRetention(
            provider.GetRequiredService<StoreDatabase>(), provider.GetRequiredService<TimeProvider>(),
            digest => CheckpointSeal.Make(provider.GetRequiredService<SecretSealer>(), digest)));
        services.AddSingleton<ISignInLog, SqlSignInLog>();
        services.AddSingleton<IUserDirectory, SqlUserDirectory>();
        services.AddSingleton<IIdentityStore, SqlIdentityStore>();
        services.AddSingleton<IExportTaskStore, SqlExportTaskStore>();
        services.AddSingleton<IExportScheduleStore, SqlExportScheduleStore>();
        services.AddSingleton<IExportMailbox, SqlExportMailbox>();
    }

    /// <summary>Where one process owns the ledger: another server would need memory of its own for the same rows, and PostgreSQL has indexes.</summary>
    private static void AddColumns(IServiceCollection services, int columnsMiB)
    {
        var bytesMax = Math.Min(columnsMiB * BytesPerMiB, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / MemoryShareOfColumns);
        services.AddSingleton(provider => new SessionColumns(provider.GetRequiredService<StoreDatabase>(), bytesMax));
        services.AddSingleton<ISessionMemory>(provider => provider.GetRequiredService<SessionColumns>());
        services.AddHostedService<SessionMemoryKeeper>();
    }

    private static void AddServices(IServiceCollection services, ServerOptions options, DataFolder folder)
    {
        services.AddSingleton(options);
        services.AddSingleton(options.SignIn);
        services.AddSingleton(options.Native);
        services.AddSingleton(options.Metrics);
        services.AddSingleton(folder);
        services.AddSingleton(_ => SecretSealer.Open(folder.Path));
        services.AddSingleton<FailureLimiter>();
        services.AddSingleton<SignInDesk>();
        services.AddSingleton<CallerDesk>();
        services.AddSingleton<Bootstrap>();
        services.AddSingleton<EventIntake>();
        services.AddSingleton<HostWatcher>();
        services.AddHostedService(provider => provider.GetRequiredService<HostWatcher>());
        services.AddHostedService<SignInFlush>();
        services.AddHostedService<RetentionWorker>();
        services.AddSingleton<SessionWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<SessionWatch>());
        services.AddSingleton<SessionTelling>();
        services.AddSingleton<SessionStreaming>();
        services.AddSingleton<MetricSeries>();
        services.AddSingleton<ServerMeter>();
        services.AddSingleton<ServerLoadCache>();
        if (OtlpExport.IsConfigured())
            services.AddHostedService<OtlpExport>();
        services.AddSingleton<ExportContents>();
        services.AddSingleton<StreamedExports>();
        services.AddSingleton<ExportFileAnswers>();
        if (options.Exports.S3.Bucket.Length > 0)
            services.AddSingleton<IExportFiles>(provider => new S3ExportFiles(options.Exports.S3, provider.GetRequiredService<TimeProvider>()));
        else
            services.AddSingleton<IExportFiles, FolderExportFiles>();
        services.AddSingleton<ExportSignal>();
        services.AddSingleton<ExportDesk>();
        services.AddSingleton<ScheduleRights>();
        services.AddHostedService<ExportWorker>();
        services.AddHostedService<ExportScheduler>();
        services.AddHostedService<ExportMailer>();
        services.AddSingleton(_ => ConsoleFiles.Read(ConsoleFiles.Folder));
        services.AddNative();
        services.AddWorkspace();
        services.AddSingleton(provider => new Operations.Dialects(
        [
            provider.GetRequiredService<IamDialect>(),
            provider.GetRequiredService<StsDialect>(),
            provider.GetRequiredService<WorkspaceDialect>(),
            new CommvaultDialect(),
            new NativeDialect(),
        ]));
    }

    private sealed class StoreReadiness(StoreDatabase database) : IReadiness
    {
        public Task<bool> CanWriteAsync(CancellationToken cancel) => database.CanWriteAsync(cancel);
    }
}
