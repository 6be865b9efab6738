using System.Text.Json;
using System.Text.RegularExpressions;
using Rollcall.Server.Configuration;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>The export centre (design 3, point 8): its list, its downloads, its deletions.</summary>
public sealed partial class ExportCentreTests
{
    private const string Unknown = "0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task A_task_has_the_members_of_the_contract()
    {
        await using var server = await WorkspaceServer.StartAsync();

        var task = await server.ExportAsync(server.Users, "{}");

        Assert.Equal(["task_id", "file_name", "status", "create_time", "end_time", "is_download"], task.EnumerateObject().Select(member => member.Name));
        Assert.Matches(TaskId(), task.GetProperty("task_id").GetString());
        Assert.Matches("^users-20300301T090000Z-[0-9a-f]{8}\\.xlsx$", task.GetProperty("file_name").GetString());
        Assert.Equal("2030-03-01T09:00:00.000Z", task.GetProperty("create_time").GetString());
        Assert.Equal("2030-03-01T09:00:00.000Z", task.GetProperty("end_time").GetString());
        Assert.False(task.GetProperty("is_download").GetBoolean());
    }

    [Fact]
    public async Task The_list_is_filtered_sorted_and_paged()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var made = new List<JsonElement>();
        foreach (var path in (string[])[server.Users, server.Sessions + "/export", server.Users])
        {
            made.Add(await server.ExportAsync(path, "{}"));
            server.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var ids = made.ConvertAll(IdOf);
        Assert.Equal(ids, await IdsAsync(server, ""));
        Assert.Equal(ids, await IdsAsync(server, "sort_field=create_time&sort_type=ASC&limit=&offset=&status=&is_download=&file_name=&task_id="));
        Assert.Equal(ids.AsEnumerable().Reverse(), await IdsAsync(server, "sort_field=create_time&sort_type=DESC"));
        Assert.Equal([ids[1]], await IdsAsync(server, "limit=1&offset=1"));
        Assert.Equal([ids[2]], await IdsAsync(server, $"task_id={ids[2]}"));
        Assert.Equal([ids[1]], await IdsAsync(server, $"file_name={made[1].GetProperty("file_name").GetString()}"));
        Assert.Equal(ids, await IdsAsync(server, "status=SUCCESS"));
        foreach (var none in (string[])["status=FAIL", "status=CREATING", "status=EXPIRED", "is_download=true", $"task_id={Unknown}", "file_name=users", "offset=3"])
            Assert.Empty(await IdsAsync(server, none));
        Assert.Equal(3, (await server.GetAsync($"{server.Tasks}?limit=1")).Json.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task D0017_a_downloaded_task_is_still_listed()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var task = await server.ExportAsync(server.Users, "{}");
        await server.DownloadAsync(task);

        Assert.Equal([IdOf(task)], await IdsAsync(server, $"task_id={IdOf(task)}"));
        Assert.Equal([IdOf(task)], await IdsAsync(server, "is_download=true"));
        Assert.Empty(await IdsAsync(server, "is_download=false"));
    }

    [Fact]
    public async Task A_file_is_sent_with_its_name_and_type_and_in_ranges()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var task = await server.ExportAsync(server.Users, "{}");
        var ask = Ask.Get($"{server.Tasks}/{IdOf(task)}/download", await server.TokenAsync());

        var whole = (await ask.SendAsync(server.Http)).Is(200);
        var part = (await ask.With("Range", "bytes=10-19").SendAsync(server.Http)).Is(206);
        var rest = (await ask.With("Range", "bytes=-5").SendAsync(server.Http)).Is(206);
        var beyond = await ask.With("Range", "bytes=99999999-").SendAsync(server.Http);

        Assert.Equal("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", whole.ContentType);
        Assert.Equal($"attachment; filename={task.GetProperty("file_name").GetString()}; filename*=UTF-8''{task.GetProperty("file_name").GetString()}", whole.Header("Content-Disposition"));
        Assert.Equal(("bytes", "nosniff", 32), (whole.Header("Accept-Ranges"), whole.Header("X-Content-Type-Options"), whole.Header("X-Request-Id")!.Length));
        Assert.Equal(whole.Bytes[10..20], part.Bytes);
        Assert.Equal($"bytes 10-19/{whole.Bytes.Length}", part.Header("Content-Range"));
        Assert.Equal(whole.Bytes[^5..], rest.Bytes);
        beyond.Is(416);
    }

    [Fact]
    public async Task D0026_an_unknown_task_is_404_and_an_unfinished_one_is_400()
    {
        await using var server = await WorkspaceServer.StartAsync(new ServerOptions { Exports = new() { KeepHours = 1 } });
        var task = await server.ExportAsync(server.Users, "{}");
        foreach (var id in (string[])[Unknown, "x", "..%2F..%2Fserver.key", new('a', 3000)])
            (await server.GetAsync($"{server.Tasks}/{id}/download")).As(404, Refused.NotFound);

        server.Clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(1));
        await server.TaskAsync(IdOf(task), status => status is "EXPIRED");

        (await server.GetAsync($"{server.Tasks}/{IdOf(task)}/download")).As(400, Refused.Parameter, "EXPIRED");
        Assert.Equal([IdOf(task)], await IdsAsync(server, "status=EXPIRED"));
    }

    [Fact]
    public async Task A_download_asks_again_for_the_permission_to_make_such_a_file()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var sessions = IdOf(await server.ExportAsync(server.Sessions + "/export", "{}"));
        var users = IdOf(await server.ExportAsync(server.Users, "{}"));

        Assert.True((await server.GetAsync($"{server.Tasks}/{sessions}/download", "helpdesk")).As(403, Refused.NotAllowed).TryGetProperty("encoded_authorization_message", out _));
        Assert.Empty(await IdsAsync(server, "is_download=true"));
        (await server.GetAsync($"{server.Tasks}/{users}/download", "helpdesk")).Is(200);
        (await server.GetAsync($"{server.Tasks}/{sessions}/download", "auditor")).Is(200);
    }

    [Fact]
    public async Task Another_tenants_task_is_unknown_here_and_survives_a_deletion_here()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var first = server.Server.Bootstrap;
        var other = await server.Server.Native.AddTenantAsync("other");
        var token = await server.IssueAsync(first.OperatorName, first.Password, "{\"project\":{\"id\":\"" + other + "\"}}");
        var foreign = (await Ask.Post($"/v3/{other}/users/export", "{}", token).SendAsync(server.Http)).Is(200).Json.GetProperty("task_id").GetString();

        (await server.GetAsync($"{server.Tasks}/{foreign}/download")).As(404, Refused.NotFound);
        Assert.Empty(await IdsAsync(server, $"task_id={foreign}"));
        (await server.PostAsync(server.Tasks + "/batch-delete", $"{{\"task_ids\":[\"{foreign}\"]}}")).Is(200);
        var list = (await Ask.Get($"/v2/{other}/export-tasks", token).SendAsync(server.Http)).Is(200).Json;
        Assert.Equal(foreign, IdOf(Assert.Single(list.GetProperty("export_tasks").EnumerateArray())));
    }

    [Fact]
    public async Task Tasks_are_deleted_together_and_unknown_ones_do_not_matter()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var first = IdOf(await server.ExportAsync(server.Users, "{}"));
        var second = IdOf(await server.ExportAsync(server.Users, "{}"));
        var third = IdOf(await server.ExportAsync(server.Users, "{}"));
        var token = await server.TokenAsync();
        var body = $"{{\"task_ids\":[\"{first}\",\"{Unknown}\",\"not an id\",\"{third}\"],\"nobody\":\"knows\"}}";

        var answer = await (Ask.Post(server.Tasks + "/batch-delete", body, token) with { ContentType = "application/json;charset=UTF-8" }).SendAsync(server.Http);

        Assert.Empty(answer.Is(200).Bytes);
        Assert.Equal([second], await IdsAsync(server, ""));
        (await server.GetAsync($"{server.Tasks}/{first}/download")).As(404, Refused.NotFound);
        (await server.PostAsync(server.Tasks + "/batch-delete", body)).Is(200);
        var most = string.Join(',', Enumerable.Range(0, 200).Select(id => $"\"{id}\""));
        (await server.PostAsync(server.Tasks + "/batch-delete", $"{{\"task_ids\":[{most}]}}")).Is(200);
    }

    [Fact]
    public async Task One_more_unfinished_export_than_the_setting_allows_is_refused()
    {
        await using var server = await WorkspaceServer.StartAsync(new ServerOptions { Exports = new() { UnfinishedMax = 0 } });

        var answer = await server.PostAsync(server.Users, "{}");

        answer.As(429, "APIGW.0308");
        Assert.NotNull(answer.Header("Retry-After"));
        Assert.Empty(await server.TaskIdsAsync());
    }

    private static async Task<IReadOnlyList<string>> IdsAsync(WorkspaceServer server, string query) =>
        [.. (await server.GetAsync($"{server.Tasks}?{query}")).Is(200).Json.GetProperty("export_tasks").EnumerateArray().Select(IdOf)];

    private static string IdOf(JsonElement task) => task.GetProperty("task_id").GetString()!;

    [GeneratedRegex("^[0-9a-f]{32}$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TaskId();
}
