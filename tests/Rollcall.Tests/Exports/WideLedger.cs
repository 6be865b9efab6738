using Microsoft.Extensions.DependencyInjection;
using Rollcall.Core;
using Rollcall.Core.Events;
using Rollcall.Core.Sessions;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Support.Events;

namespace Rollcall.Tests.Exports;

/// <summary>Sessions with a connection each whose client has a name of <see cref="NameChars"/> characters: few rows make a large file.</summary>
internal static class WideLedger
{
    public const int NameChars = 8000;

    private const int BatchEvents = 500;

    /// <summary>Straight into the server's log: no source may send such names.</summary>
    public static async Task FillAsync(RunningServer server, int sessions)
    {
        var log = server.Services.GetRequiredService<IEventLog>();
        foreach (var batch in Enumerable.Range(0, sessions).Chunk(BatchEvents))
            await log.AppendAsync(TenantId.Parse(server.Bootstrap.TenantId), [.. batch.Select(Started)], default);
    }

    public static LedgerEvent Started(int number) => Of(EventKind.SessionStarted, number / 60.0, os: $"{number}") with
    {
        Client = new ClientFacts { Name = $"{number} {new string((char)('a' + (number % 26)), NameChars)}" },
    };
}
