using System.Text;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>Wrong bodies (design 3b): none of them leaves a task behind.</summary>
public sealed class BodyRefusalTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private static readonly string[] NoStrings = ["7", "true", "[]", "{}", "[\"a\"]", "1.5"];

    private static readonly string[] Operations = ["sessions", "users", "delete"];

    private static readonly string[] Controls = ["\"a\\u0000\"", "\"\\n\"", "\"a\\tb\"", "\"\\u007f\"", "\"\\ud800\""];

    public static TheoryData<string, string> Unreadable => Refused.Rows(Operations.Select(operation => (operation, new[]
    {
        "x", "{", "{\"user_name\":", "{\"user_name\":\"a\"", "[]", "[{}]", "\"a\"", "7", "true", "{}{}", "{} x", "{\"a\":1,}", "{'a':1}", "{\"a\":NaN}", " ", "\0", "\uFEFF{}",
        "{\"a\":" + new string('[', 40) + new string(']', 40) + "}", "{\"\\ud800\":1}", "{\"user_name\\udc00\":1}", "// {}\n{}",
    })));

    public static TheoryData<string, string> WrongInSessions => Refused.Rows(
        ("user_name", [.. NoStrings, .. Controls, Text(65)]),
        ("app_server_group_id", [.. NoStrings, .. Controls, Text(65)]),
        ("vm_ip", [.. NoStrings, .. Controls, Text(65)]),
        ("public_ip", [.. NoStrings, .. Controls, Text(65)]),
        ("machine_name", [.. NoStrings, .. Controls, Text(129)]),
        ("session_state", [.. NoStrings, .. Controls, Text(257), "\"active\"", "\"Active,\"", "\"Active,Gone\""]),
        ("is_success", [.. NoStrings, "false", "\"TRUE\"", "\"1\"", "\" true\"", "\"true\\u0000\""]),
        ("query_begin_time", [.. NoStrings, .. Refused.Times.Select(Quoted)]),
        ("query_end_time", [.. NoStrings, .. Refused.Times.Select(Quoted)]));

    public static TheoryData<string, string> WrongInUsers => Refused.Rows(
        ("user_name", [.. NoStrings, .. Controls, Text(21), "\"1anna\"", "\"٣anna\"", "\"an na\"", "\"jy01@local.com\"", "\"CORP\\\\anna\"", "\"a*\"", "\"a/b\"", "\"😀\"", "\"a%\"", "\"'\"", "\" \""]),
        ("description", [.. NoStrings, .. Controls, Text(256)]),
        ("active_type", [.. NoStrings, .. Controls, Text(65), "\"self\"", "\"ADMIN\"", "\"USER_ACTIVATE \""]),
        ("language", [.. NoStrings, .. Controls, "\"en\"", "\"EN_us\"", "\"fr_FR\"", Text(64)]),
        ("enterprise_project_id", [.. NoStrings, .. Controls, Text(65)]),
        ("share_space_subscription", ["\"true\"", "1", "0", "[]", "{}", "\"\""]),
        ("share_space_desktops", ["\"false\"", "1", "2", "[true]", "{}", "\"\""]));

    public static TheoryData<string> WrongIds => [
        "{}", "{\"task_ids\":null}", "{\"task_ids\":[]}", "{\"task_ids\":\"a\"}", "{\"task_ids\":{}}", "{\"task_ids\":7}", "{\"task_ids\":[7]}", "{\"task_ids\":[null]}",
        "{\"task_ids\":[\"\"]}", "{\"task_ids\":[[\"a\"]]}", "{\"task_ids\":[\"a\",\"a\"]}", "{\"task_ids\":[\"\\ud800\"]}", "{\"Task_ids\":[\"a\"]}",
        "{\"task_ids\":[" + Text(65) + "]}", "{\"task_ids\":[" + string.Join(',', Enumerable.Range(0, 201).Select(id => $"\"{id}\"")) + "]}"];

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task A_body_that_is_no_JSON_object_cannot_be_read(string operation, string body)
    {
        var answer = await shared.PostAsync(PathOf(operation), body);

        answer.As(400, Refused.Body, "body");
        Assert.Empty(await shared.TaskIdsAsync());
    }

    [Theory]
    [MemberData(nameof(WrongInSessions))]
    public async Task ExportSessions_refuses_a_wrong_member_by_its_name(string name, string value)
    {
        var other = name switch { "query_begin_time" => "query_end_time", "query_end_time" => "query_begin_time", _ => null };

        var answer = await shared.PostAsync(PathOf("sessions"), $"{{\"{name}\":{value}{(other is null ? "" : $",\"{other}\":\"2024-02-27T03:47:51Z\"")}}}");

        answer.As(400, Refused.Parameter, name);
        Assert.Empty(await shared.TaskIdsAsync());
    }

    [Theory]
    [MemberData(nameof(WrongInUsers))]
    public async Task Users_export_refuses_a_wrong_member_by_its_name(string name, string value)
    {
        var answer = await shared.PostAsync(shared.Users, $"{{\"{name}\":{value}}}");

        answer.As(400, Refused.Parameter, name);
        Assert.Empty(await shared.TaskIdsAsync());
    }

    [Theory]
    [MemberData(nameof(WrongIds))]
    public async Task Batch_delete_wants_1_to_200_different_ids(string body) => (await shared.PostAsync(PathOf("delete"), body)).As(400, Refused.Parameter, "task_ids");

    [Theory]
    [InlineData("""{"query_begin_time":"2030-02-27T03:47:51Z"}""", "query_end_time")]
    [InlineData("""{"query_end_time":"2030-02-27T03:47:51Z","query_begin_time":""}""", "query_begin_time")]
    [InlineData("""{"query_begin_time":"2030-02-27T03:47:52Z","query_end_time":"2030-02-27T03:47:51Z"}""", "query_begin_time")]
    [InlineData("""{"query_begin_time":"2030-01-01T00:00:00Z","query_end_time":"2030-01-31T00:00:01Z"}""", "query_end_time")]
    public async Task ExportSessions_wants_both_times_or_neither_in_their_order_and_30_days_apart_at_most(string body, string word)
    {
        (await shared.PostAsync(PathOf("sessions"), body)).As(400, Refused.Parameter, word);
        Assert.Empty(await shared.TaskIdsAsync());
    }

    [Theory]
    [InlineData("sessions", null)]
    [InlineData("sessions", "text/plain")]
    [InlineData("sessions", "application/x-www-form-urlencoded")]
    [InlineData("sessions", "application/jsonp")]
    [InlineData("sessions", "nonsense")]
    [InlineData("delete", "text/plain")]
    [InlineData("delete", null)]
    public async Task A_body_that_says_it_is_not_JSON_is_415(string operation, string? type) => await AssertMediaTypeAsync(operation, type);

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    public async Task D0011_users_export_refuses_a_body_that_is_not_json_with_415(string? type) => await AssertMediaTypeAsync("users", type);

    [Theory]
    [InlineData("sessions")]
    [InlineData("users")]
    [InlineData("delete")]
    public async Task A_body_over_the_limit_is_413(string operation)
    {
        var body = "{\"x\":\"" + new string('a', 256 * 1024) + "\"}";
        (await shared.PostAsync(PathOf(operation), body)).As(413, Refused.TooLarge, "262144");

        var announced = await Ask.Post(PathOf(operation), body, await shared.TokenAsync()).With("Transfer-Encoding", "chunked").SendAsync(shared.Http);

        announced.As(413, Refused.TooLarge, "262144");
        Assert.Empty(await shared.TaskIdsAsync());
    }

    private static string Text(int length) => $"\"{Refused.Long(length)}\"";

    private static string Quoted(string escaped) => System.Text.Json.JsonSerializer.Serialize(Uri.UnescapeDataString(escaped));

    private async Task AssertMediaTypeAsync(string operation, string? type)
    {
        var ask = new Ask("POST", PathOf(operation)) { Token = await shared.TokenAsync(), Body = Encoding.UTF8.GetBytes("{}"), ContentType = type };

        (await ask.SendAsync(shared.Http)).As(415, Refused.MediaType, "application/json");
        Assert.Empty(await shared.TaskIdsAsync());
    }

    private string PathOf(string operation) => operation switch
    {
        "sessions" => shared.Sessions + "/export",
        "users" => shared.Users,
        _ => shared.Tasks + "/batch-delete",
    };
}
