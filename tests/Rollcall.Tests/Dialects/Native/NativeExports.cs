using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Server.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>Writing out through the native API, as its tests do it.</summary>
internal static class NativeExports
{
    /// <summary>Where the task is that was ordered.</summary>
    public static async Task<string> OrderAsync(this NativeServer server, string body) => (await server.SendAsync("POST", "exports", body)).Is(202).Header("Location")!;

    /// <summary>The task once it neither waits nor runs.</summary>
    public static async Task<JsonElement> EndedAsync(this NativeServer server, string place, int secondsMax = 60)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(secondsMax));
        while (true)
        {
            var task = (await server.GetAsync(place)).Is(200).Json;
            if (Text(task, "state") is not ("queued" or "running"))
                return task;
            await Task.Delay(20, limit.Token);
        }
    }

    /// <summary>The same for one that must end well.</summary>
    public static async Task<JsonElement> FinishedAsync(this NativeServer server, string place)
    {
        var task = await server.EndedAsync(place);
        Assert.Equal("finished", Text(task, "state"));
        return task;
    }

    /// <summary>The file of an export that is ordered with this body.</summary>
    public static async Task<Answer> FileAsync(this NativeServer server, string body)
    {
        var place = await server.OrderAsync(body);
        await server.FinishedAsync(place);
        return (await server.GetAsync(place + "/file")).Is(200);
    }

    /// <summary>From now on its ledger takes no change of an export task for which this SQL condition holds.</summary>
    public static async Task AbortTaskUpdatesAsync(this NativeServer server, string when)
    {
        await using var connection = new SqliteConnection($"Data Source={server.Server.Services.GetRequiredService<DataFolder>().Ledger};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"CREATE TRIGGER full BEFORE UPDATE ON export_tasks WHEN {when} BEGIN SELECT RAISE(ABORT, 'no room for it'); END";
        await command.ExecuteNonQueryAsync();
    }

    public static string Text(JsonElement element, string member) => Text(element.GetProperty(member));

    public static string Text(JsonElement element) => element.GetString()!;
}
