using System.Text;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>Wrong parameters and bodies of the operations on connections (design 3 and 3b): each refused by its name, and none leaves a task.</summary>
public sealed class ConnectionRefusalTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private static readonly string[] Text = [Refused.Long(256), .. Refused.Controls];

    private static readonly string[] Delays = ["-1", "1.5", "ten", "2147483648", "%2B5", "5%00", "0x10", "1e3"];

    private static readonly string[] NoStrings = ["7", "true", "[]", "{}", "[\"a\"]", "1.5"];

    private static readonly string[] Controls = ["\"a\\u0000\"", "\"\\n\"", "\"a\\tb\"", "\"\\u007f\"", "\"\\ud800\""];

    public static TheoryData<string, string> WrongInRecords => Refused.Rows(
        ("start_time", ["", .. Refused.Times]),
        ("end_time", ["", .. Refused.Times]),
        ("user_name", Text),
        ("computer_name", Text),
        ("terminal_type", Text),
        ("enterprise_project_id", Text),
        ("public_ip", Text),
        ("min_network_rtt", [.. Delays, "8"]),
        ("max_network_rtt", [.. Delays]),
        ("limit", [.. Refused.Limits.Except(["101"]), "1001"]),
        ("offset", Refused.Offsets));

    public static TheoryData<string, string> WrongInTask => Refused.Rows(
        ("start_time", Refused.Times),
        ("end_time", Refused.Times),
        ("user_name", Text),
        ("computer_name", Text),
        ("terminal_type", Text),
        ("language", ["en", "EN_US", "fr_FR", Refused.Long(100), .. Refused.Controls]),
        ("min_e2e_rtt", [.. Delays, "8"]),
        ("max_e2e_rtt", [.. Delays]),
        ("enterprise_project_id", Text),
        ("public_ip", Text),
        ("domain", Text));

    public static TheoryData<string, string> WrongInUserConnection => Wrong(
        [("id", 64), ("user_name", 255), ("machine_sid", 128), ("machine_name", 255), ("failed_reason", 255), ("failed_code", 255), ("client_name", 255), ("client_version", 255),
         ("client_type", 255), ("agent_version", 50), ("vm_ip", 50), ("connect_flag", 50), ("wi_ip", 50), ("public_ip", 50), ("virtual_ip", 50), ("tenant_id", 255)],
        ("connect_type", [.. NoStrings, .. Controls, "\"0\"", "\"3\"", "\"01\"", "\"desktop\"", "1", "2"]),
        ("update_time", [.. NoStrings, .. Refused.Times.Select(Quoted)]),
        ("login_start_time", [.. NoStrings, .. Refused.Times.Select(Quoted)]),
        ("login_end_time", [.. NoStrings, .. Refused.Times.Select(Quoted)]));

    public static TheoryData<string, string> WrongInAppConnection => Wrong(
        [("id", 64), ("sid", 128), ("machine_name", 1024), ("user_name", 1024), ("app_group_name", 1024), ("app_group_id", 64), ("app_name", 1024), ("failed_code", 255),
         ("connection_failure_reason", 1024), ("client_name", 1024), ("client_version", 50), ("client_type", 255), ("agent_version", 50), ("vm_ip", 50), ("wi_ip", 50), ("public_ip", 50),
         ("virtual_ip", 50), ("tenant_id", 255)],
        ("brokering_start_time", [.. NoStrings, .. Refused.Times.Select(Quoted)]),
        ("brokering_end_time", [.. NoStrings, .. Refused.Times.Select(Quoted)]));

    [Theory]
    [MemberData(nameof(WrongInRecords))]
    public async Task ListLoginRecordsNew_refuses_a_wrong_parameter_by_its_name(string name, string value)
    {
        var other = name switch
        {
            "start_time" => "&end_time=2024-03-01T00:00Z",
            "end_time" => "&start_time=2024-01-01T00:00Z",
            "min_network_rtt" => "&max_network_rtt=7",
            _ => "",
        };

        (await shared.GetAsync($"/v2/{shared.Project}/connections/desktops?{name}={value}{other}")).As(400, Refused.Parameter, name);
    }

    [Theory]
    [InlineData("start_time=2024-01-01T00:00Z", "end_time")]
    [InlineData("end_time=2024-01-01T00:00Z", "start_time")]
    [InlineData("start_time=2024-01-01T00:01Z&end_time=2024-01-01T00:00Z", "start_time")]
    [InlineData("user_name=a&user_name=b", "user_name")]
    public async Task ListLoginRecordsNew_wants_both_times_or_neither_and_each_parameter_once(string query, string word) =>
        (await shared.GetAsync($"/v2/{shared.Project}/connections/desktops?{query}")).As(400, Refused.Parameter, word);

    [Theory]
    [MemberData(nameof(WrongInTask))]
    public async Task ExportUserConnectionNew_refuses_a_wrong_parameter_by_its_name(string name, string value)
    {
        var answer = await shared.GetAsync($"/v3/{shared.Project}/desktops/connections/export?{name}={value}{(name is "min_e2e_rtt" ? "&max_e2e_rtt=7" : "")}");

        answer.As(400, Refused.Parameter, name);
        Assert.Empty(await shared.TaskIdsAsync());
    }

    [Theory]
    [MemberData(nameof(WrongInUserConnection))]
    public async Task User_connections_refuse_a_wrong_member_by_its_name(string name, string value) => await AssertRefusedAsync("user-connection", name, value);

    [Theory]
    [MemberData(nameof(WrongInAppConnection))]
    public async Task Application_connections_refuse_a_wrong_member_by_its_name(string name, string value) => await AssertRefusedAsync("app-connection", name, value);

    [Theory]
    [InlineData("user-connection")]
    [InlineData("app-connection")]
    public async Task A_list_by_POST_refuses_a_wrong_page(string operation)
    {
        foreach (var limit in Refused.Limits)
            (await shared.PostAsync($"{PathOf(operation)}?limit={limit}", "{}")).As(400, Refused.Parameter, "limit must be a whole number from 1 to 100");
        foreach (var offset in Refused.Offsets)
            (await shared.PostAsync($"{PathOf(operation)}?offset={offset}", "{}")).As(400, Refused.Parameter, "offset");
        (await shared.PostAsync($"{PathOf(operation)}?limit=100&offset=2147483647", "{}")).Is(200);
    }

    [Theory]
    [InlineData("user-connection")]
    [InlineData("user-connection/export")]
    [InlineData("app-connection")]
    [InlineData("app-connection/export")]
    public async Task A_body_that_is_no_JSON_object_of_fair_size_is_refused(string operation)
    {
        foreach (var body in (string[])["x", "{", "[]", "[{}]", "\"a\"", "7", "true", "{}{}", "{\"a\":1,}", "{\"\\ud800\":1}"])
            (await shared.PostAsync(PathOf(operation), body)).As(400, Refused.Body, "body");
        foreach (var type in (string?[])[null, "text/plain", "application/xml", "application/x-www-form-urlencoded"])
        {
            var ask = new Ask("POST", PathOf(operation)) { Token = await shared.TokenAsync(), Body = Encoding.UTF8.GetBytes("{}"), ContentType = type };
            (await ask.SendAsync(shared.Http)).As(415, Refused.MediaType, "application/json");
        }

        (await shared.PostAsync(PathOf(operation), "{\"x\":\"" + new string('a', 256 * 1024) + "\"}")).As(413, Refused.TooLarge);
        Assert.Empty(await shared.TaskIdsAsync());
    }

    [Fact]
    public async Task The_longest_value_allowed_is_taken()
    {
        var of255 = string.Join('&', new[] { "user_name", "computer_name", "terminal_type", "enterprise_project_id", "public_ip" }.Select(name => $"{name}={Refused.Long(255)}"));
        var user = $$"""{"id":"{{Refused.Long(64)}}","machine_sid":"{{Refused.Long(128)}}","user_name":"{{Refused.Long(255)}}","failed_reason":"{{Refused.Long(255)}}","agent_version":"{{Refused.Long(50)}}","public_ip":"{{Refused.Long(50)}}"}""";
        var app = $$"""{"user_name":"{{Refused.Long(1024)}}","app_name":"{{Refused.Long(1024)}}","app_group_name":"{{Refused.Long(1024)}}","client_name":"{{Refused.Long(1024)}}","machine_name":"{{Refused.Long(1024)}}"}""";

        Assert.Equal(0, (await shared.GetAsync($"/v2/{shared.Project}/connections/desktops?{of255}&min_network_rtt=0&max_network_rtt=2147483647")).Is(200).Json.GetProperty("total_count").GetInt32());
        Assert.Equal(0, (await shared.PostAsync(PathOf("user-connection"), user)).Is(200).Json.GetProperty("count").GetInt32());
        Assert.Equal(0, (await shared.PostAsync(PathOf("app-connection"), app)).Is(200).Json.GetProperty("count").GetInt32());
    }

    private static TheoryData<string, string> Wrong((string Name, int LengthMax)[] texts, params (string Name, string[] Values)[] others) =>
        Refused.Rows([.. texts.Select(text => (text.Name, (string[])[.. NoStrings, .. Controls, $"\"{Refused.Long(text.LengthMax + 1)}\""])), .. others]);

    private static string Quoted(string escaped) => System.Text.Json.JsonSerializer.Serialize(Uri.UnescapeDataString(escaped));

    private async Task AssertRefusedAsync(string operation, string name, string value)
    {
        var other = name switch
        {
            "login_start_time" or "brokering_start_time" => name.Replace("start", "end", StringComparison.Ordinal),
            "login_end_time" or "brokering_end_time" => name.Replace("end", "start", StringComparison.Ordinal),
            _ => null,
        };
        var body = $"{{\"{name}\":{value}{(other is null ? "" : $",\"{other}\":\"2024-02-27T03:47:51Z\"")}}}";

        (await shared.PostAsync(PathOf(operation), body)).As(400, Refused.Parameter, name);
        (await shared.PostAsync(PathOf(operation) + "/export", body)).As(400, Refused.Parameter, name);
        Assert.Empty(await shared.TaskIdsAsync());
    }

    private string PathOf(string operation) => $"/v1/{shared.Project}/session/{operation}";
}
