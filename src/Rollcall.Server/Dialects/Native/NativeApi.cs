using Microsoft.OpenApi;
using Rollcall.Server.Dialects.Native.Exports;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>The API of our own, whole: <c>/api/v1</c>.</summary>
internal static class NativeApi
{
    public const string Document = "native";

    public static void AddNative(this IServiceCollection services)
    {
        Add<SessionsExport>(services);
        Add<SignInsExport>(services);
        Add<ConnectionsExport>(services);
        Add<UsersExport>(services);
    }

    public static void MapNative(this WebApplication app)
    {
        var api = app.MapGroup("/api/v1").WithGroupName(Document)
            .WithMetadata(new ApiParameter("Authorization", ParameterLocation.Header, "Bearer, then an API token or a sign-in's token; signin alone needs none, and the console's cookie does as well"))
            .WithMetadata(new ApiParameter(ConsoleCookie.CsrfHeader, ParameterLocation.Header, "With the console's cookie and any method but GET: the csrf_token that signin and me answered"));
        api.Chapter("Server").MapServer();
        api.Chapter("Server").MapSignIn();
        api.Chapter("Sessions").MapOwnSessions();
        var tenant = api.MapGroup("tenants/{tenant}");
        tenant.Chapter("Events").MapEvents();
        tenant.Chapter("Sessions").MapSessions();
        tenant.Chapter("Sessions").MapSessionWords();
        tenant.Chapter("Sessions").MapStream();
        tenant.Chapter("Connections").MapConnections();
        tenant.Chapter("Operators").MapSignIns();
        tenant.Chapter("Statistics").MapStatistics();
        tenant.Chapter("Hosts").MapHosts();
        tenant.Chapter("Hosts").MapFleetHealth();
        tenant.Chapter("Ledger").MapRetention();
        tenant.Chapter("Exports").MapExports();
        tenant.Chapter("Exports").MapSchedules();
        tenant.Chapter("Users").MapUsers();
        tenant.Chapter("Operators").MapOperators();
    }

    /// <summary>The worker knows it by its kind, the routes by what it writes.</summary>
    private static void Add<T>(IServiceCollection services)
        where T : class, INativeExport
    {
        services.AddSingleton<T>();
        services.AddSingleton<INativeExport>(provider => provider.GetRequiredService<T>());
        services.AddSingleton<IExportContent>(provider => provider.GetRequiredService<T>());
    }
}
