using System.Globalization;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Processes;

/// <summary>Sessions that are told apart by their numbers: how tests of the stream send them, again where nobody acknowledged them, and read them.</summary>
internal static class NumberedSessions
{
    private static readonly DateTimeOffset Start = new(2025, 1, 7, 9, 0, 0, TimeSpan.Zero);

    public static string StreamPath(this ServerProcess server) => $"/api/v1/tenants/{server.Tenant}/stream";

    public static async Task<string> SignInAsync(this ServerProcess server)
    {
        var body = new JsonObject { ["name"] = server.Bootstrap.GetProperty("operator").GetString(), ["password"] = server.Bootstrap.GetProperty("password").GetString() };
        using var answer = await server.Http.PostAsJsonAsync("/api/v1/signin", body);
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString()!;
    }

    public static async Task SendAsync(this ServerProcess server, int first, int count)
    {
        using var answer = await server.SendEventsAsync([.. Enumerable.Range(first, count).Select(number => NativeClient.Event(
            "rollcall.session.started",
            Start.AddSeconds(number),
            new JsonObject { ["host"] = new JsonObject { ["name"] = $"RDS-{number % 7}" }, ["os_session_id"] = $"{number}", ["user"] = $"user{number % 30}" },
            id: $"event-{number}"))]);
        Assert.True(answer.IsSuccessStatusCode);
    }

    public static async Task SendUntilCutAsync(this ServerProcess server, int first, int count, int batch)
    {
        try
        {
            for (var number = first; number < first + count; number += batch)
                await server.SendAsync(number, batch);
        }
        catch (Exception cut) when (IsCut(cut))
        {
            // It is sent again after the restart.
        }
    }

    /// <summary>What somebody sees who was told of every session once.</summary>
    public static IEnumerable<string> Numbers(int count) => Enumerable.Range(0, count).Select(number => number.ToString(CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal);

    public static IReadOnlyList<string> Ids(IEnumerable<StreamedEvent> events) => [.. events.Select(one => one.Json.GetProperty("os_session_id").GetString()!)];

    /// <summary>Whether the server is gone.</summary>
    public static bool IsCut(Exception cause) => cause is IOException or HttpRequestException or SocketException;
}
