using Microsoft.Extensions.DependencyInjection;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Server.Operations;
using static Rollcall.Tests.Dialects.Native.NativeExports;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>Exports that a full disk or a ledger stops, and files whose time is over: nothing is left behind.</summary>
public sealed class ExportFailureTests
{
    [Fact]
    public async Task A_full_disk_fails_the_export_with_its_reason_and_leaves_nothing_behind()
    {
        await using var own = await NativeServer.StartAsync();
        await own.EndedAsync(await own.OrderAsync("""{"what":"users"}""")); // the sweep at the start is over
        var id = Guid.NewGuid().ToString("N");
        var folder = Path.Combine(own.Server.Services.GetRequiredService<DataFolder>().Exports, own.Tenant);
        Directory.CreateDirectory(folder);
        File.CreateSymbolicLink(Path.Combine(folder, $"{id}.1.csv.part"), "/dev/full"); // every write there answers ENOSPC
        await own.Server.Services.GetRequiredService<IExportTaskStore>().AddAsync(
            new ExportTask
            {
                Tenant = TenantId.Parse(own.Tenant), Id = id, Kind = "native.users", Filter = """{"filter":{}}""", FileName = "users.csv", Format = ExportFormat.Csv,
                State = ExportState.Queued, RequestedBy = "anna", CreatedAt = own.Clock.GetUtcNow(),
            },
            new ExportLimits(UnfinishedMax: 1, RunningMax: 1),
            default);

        var task = await own.EndedAsync($"exports/{id}");

        Assert.Equal(("failed", "The server's disk is full"), (Text(task, "state"), Text(task, "failure")));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(folder), path => path.Contains(id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_ledger_that_cannot_take_the_end_of_an_export_leaves_no_file_of_it()
    {
        await using var own = await NativeServer.StartAsync();
        var folder = own.Server.Services.GetRequiredService<DataFolder>();
        await own.AbortTaskUpdatesAsync("NEW.sha256 IS NOT NULL");

        var task = await own.EndedAsync(await own.OrderAsync("""{"what":"users"}"""));

        Assert.Equal("failed", Text(task, "state"));
        Assert.Empty(Directory.EnumerateFiles(folder.Exports, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task The_file_of_an_expired_export_is_gone()
    {
        await using var own = await NativeServer.StartAsync();
        var folder = own.Server.Services.GetRequiredService<DataFolder>();
        var place = await own.OrderAsync("""{"what":"users"}""");
        await own.EndedAsync(place);
        Assert.Single(Directory.EnumerateFiles(folder.Exports, "*", SearchOption.AllDirectories));

        own.Clock.Advance(TimeSpan.FromDays(8));

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (Text((await own.GetAsync(place)).Is(200).Json, "state") is not "expired" || Directory.EnumerateFiles(folder.Exports, "*", SearchOption.AllDirectories).Any())
            await Task.Delay(20, limit.Token);
    }
}
