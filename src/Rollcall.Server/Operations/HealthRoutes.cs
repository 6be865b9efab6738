namespace Rollcall.Server.Operations;

/// <summary>What a supervisor asks: is the process there, can it serve.</summary>
internal static class HealthRoutes
{
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", () => Results.Text("ok\n")).ExcludeFromDescription();
        app.MapGet("/readyz", ReadyAsync).ExcludeFromDescription();
    }

    /// <summary>The store opens with its schema current or not at all, so an answer from it is proof enough.</summary>
    private static async Task<IResult> ReadyAsync(IReadiness store, CancellationToken cancel) => await store.CanWriteAsync(cancel)
        ? Results.Text("ready\n")
        : Results.Text("the store cannot be written\n", statusCode: StatusCodes.Status503ServiceUnavailable);
}

/// <summary>Whether the store can take a write now.</summary>
internal interface IReadiness
{
    Task<bool> CanWriteAsync(CancellationToken cancel);
}
