using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Rollcall.Core;
using Rollcall.Core.Exports;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;
using Rollcall.Tests.Support;
using static Rollcall.Tests.Dialects.Native.NativeExports;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>Fetching what was written out: who may, ranges, counting, names, files that are not whole.</summary>
public sealed class ExportFileTests(NativeServer shared) : IClassFixture<NativeServer>
{
    [Fact]
    public async Task Who_may_not_see_the_rows_may_neither_order_nor_fetch_them()
    {
        var place = await shared.OrderAsync("""{"what":"sessions"}""");
        await shared.FinishedAsync(place);

        (await shared.SendAsync("POST", "exports", """{"what":"sessions"}""", "helpdesk")).As(403, "not-allowed");
        (await shared.GetAsync(place + "/file", "helpdesk")).As(403, "not-allowed");
        (await shared.GetAsync(place, "agent")).As(403, "not-allowed");
        (await shared.SendAsync("POST", place + "/cancel", role: "helpdesk")).As(403, "not-allowed");
        (await shared.SendAsync("DELETE", place, role: "helpdesk")).As(403, "not-allowed");
    }

    [Fact]
    public async Task A_part_of_the_file_can_be_fetched_and_checked_against_its_tag()
    {
        var place = await shared.OrderAsync("""{"what":"users","format":"csv"}""");
        await shared.FinishedAsync(place);
        var whole = await shared.GetAsync(place + "/file");
        var from = whole.Bytes.Length / 2;
        var ask = Ask.Get(place + "/file", await shared.TokenAsync("auditor"));

        var rest = await ask.With("Range", $"bytes={from}-").With("If-Range", whole.Header("ETag")!).SendAsync(shared.Server.Http);
        var changed = await ask.With("Range", $"bytes={from}-").With("If-Range", "\"other\"").SendAsync(shared.Server.Http);

        Assert.Equal(whole.Bytes[from..], rest.Is(206).Bytes);
        Assert.Equal(whole.Bytes, changed.Is(200).Bytes);
    }

    [Fact]
    public async Task A_download_counts_once_and_only_when_its_first_byte_is_sent()
    {
        var place = await shared.OrderAsync("""{"what":"users","format":"csv"}""");
        await shared.FinishedAsync(place);
        var ask = Ask.Get(place + "/file", await shared.TokenAsync("auditor"));
        var whole = (await ask.SendAsync(shared.Server.Http)).Is(200);

        (await ask.With("Range", "bytes=1-").SendAsync(shared.Server.Http)).Is(206);
        (await ask.With("Range", "bytes=99999999-").SendAsync(shared.Server.Http)).Is(416);
        (await ask.With("If-None-Match", whole.Header("ETag")!).SendAsync(shared.Server.Http)).Is(304);
        Assert.Equal(1, (await shared.GetAsync(place)).Json.GetProperty("downloads").GetInt32());

        (await ask.With("Range", "bytes=0-3").SendAsync(shared.Server.Http)).Is(206);
        Assert.Equal(2, (await shared.GetAsync(place)).Json.GetProperty("downloads").GetInt32());
    }

    [Fact]
    public async Task A_file_that_lost_its_end_is_refused_by_name_instead_of_sent()
    {
        await using var own = await NativeServer.StartAsync();
        var place = await own.OrderAsync("""{"what":"users","format":"csv"}""");
        await own.EndedAsync(place);
        var path = Assert.Single(Directory.GetFiles(own.Server.Services.GetRequiredService<DataFolder>().Exports, "*.csv", SearchOption.AllDirectories));
        await using (var file = File.OpenWrite(path))
            file.SetLength(file.Length - 1);

        var refused = (await own.GetAsync(place + "/file")).As(500, "failed");

        Assert.Contains("damaged", Text(refused, "detail"), StringComparison.Ordinal);
        Assert.Equal(0, (await own.GetAsync(place)).Json.GetProperty("downloads").GetInt32());
    }

    [Fact]
    public async Task A_task_of_a_newer_programs_kind_is_listed_and_its_file_refused()
    {
        await using var own = await NativeServer.StartAsync();
        var place = await own.OrderAsync("""{"what":"users"}""");
        var id = Guid.NewGuid().ToString("N");
        await own.Server.Services.GetRequiredService<IExportTaskStore>().AddAsync(
            new ExportTask
            {
                Tenant = TenantId.Parse(own.Tenant), Id = id, Kind = "native.desks", Filter = "{}", FileName = "desks.csv", Format = ExportFormat.Csv,
                State = ExportState.Queued, RequestedBy = "anna", CreatedAt = own.Clock.GetUtcNow(),
            },
            new ExportLimits(UnfinishedMax: 9, RunningMax: 1),
            default);
        await own.EndedAsync(place);
        await own.EndedAsync($"exports/{id}");

        var listed = NativeServer.Items(await own.GetAsync("exports")).Single(item => Text(item, "id") == id);

        Assert.Equal(("desks", JsonValueKind.Null), (Text(listed, "what"), listed.GetProperty("filter").ValueKind));
        (await own.GetAsync($"exports/{id}/file")).As(409, "conflict"); // it failed here: this server cannot write it
    }

    [Fact]
    public async Task A_download_that_cannot_be_counted_goes_on()
    {
        await using var own = await NativeServer.StartAsync();
        var place = await own.OrderAsync("""{"what":"users"}""");
        var task = await own.EndedAsync(place);
        await own.AbortTaskUpdatesAsync("TRUE");

        var file = (await own.GetAsync(place + "/file")).Is(200).Bytes;

        Assert.Equal(Text(task, "sha256"), Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    [Theory]
    [InlineData("月报 2026-11.xlsx", "attachment; filename=\"__ 2026-11.xlsx\"; filename*=UTF-8''%E6%9C%88%E6%8A%A5%202026-11.xlsx")]
    [InlineData("a\"b😀.xlsx", "attachment; filename=\"a\\\"b__.xlsx\"; filename*=UTF-8''a%22b%F0%9F%98%80.xlsx")]
    public async Task A_files_name_may_be_in_any_script(string name, string expected)
    {
        await using var own = await NativeServer.StartAsync();
        var task = new ExportTask
        {
            Tenant = TenantId.Parse(own.Tenant), Id = Guid.NewGuid().ToString("N"), Kind = "native.users", Filter = "{}", FileName = name, Format = ExportFormat.Xlsx,
            State = ExportState.Finished, RequestedBy = "anna", CreatedAt = own.Clock.GetUtcNow(), Sha256 = new string('0', 64),
        };
        var context = new DefaultHttpContext { RequestServices = own.Server.Services };

        await own.Server.Services.GetRequiredService<ExportFileAnswers>().Answer(task, new MemoryStream([1, 2, 3])).ExecuteAsync(context);

        Assert.Equal(expected, context.Response.Headers.ContentDisposition.ToString());
    }
}
