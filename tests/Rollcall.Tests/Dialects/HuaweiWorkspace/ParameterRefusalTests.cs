using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>Wrong parameters in addresses (design 3 and 3b): each is refused by its name.</summary>
public sealed class ParameterRefusalTests(WorkspaceServer shared) : IClassFixture<WorkspaceServer>
{
    private const string Range = "query_begin_time=2024-01-01T00:00Z&query_end_time=2024-03-01T00:00Z";

    private static readonly string[] States = ["active", "ACTIVE", "Running", "Active,", ",", "Active,,Disconnected", "Active;Disconnected", "Active,InitFail2", "1", "%20"];

    public static TheoryData<string, string> WrongInLists => Refused.Rows(
        ("limit", Refused.Limits),
        ("offset", Refused.Offsets),
        ("user_name", [Refused.Long(65), .. Refused.Controls]),
        ("app_server_group_id", [Refused.Long(65), .. Refused.Controls]),
        ("vm_ip", [Refused.Long(65), .. Refused.Controls]),
        ("public_ip", [Refused.Long(65), .. Refused.Controls]),
        ("machine_name", [Refused.Long(129), .. Refused.Controls]),
        ("session_state", [Refused.Long(257), .. States, .. Refused.Controls]),
        ("is_success", Refused.Flags),
        ("query_begin_time", ["", .. Refused.Times]),
        ("query_end_time", ["", .. Refused.Times]));

    public static TheoryData<string, string> WrongInConnections => Refused.Rows(
        ("start_time", ["", .. Refused.Times]),
        ("end_time", ["", .. Refused.Times]),
        ("user_name", [Refused.Long(256), .. Refused.Controls]),
        ("computer_name", [Refused.Long(256), .. Refused.Controls]),
        ("terminal_type", [Refused.Long(256), .. Refused.Controls]),
        ("language", ["en", "en-US", "EN_US", "zh_cn", "de_DE", "en_US,zh_CN", Refused.Long(100), .. Refused.Controls]));

    public static TheoryData<string, string> WrongInTasks => Refused.Rows(
        ("limit", Refused.Limits),
        ("offset", Refused.Offsets),
        ("file_name", [Refused.Long(256), .. Refused.Controls]),
        ("task_id", [Refused.Long(256), .. Refused.Controls]),
        ("status", ["success", "RUNNING", "SUCCESS,FAIL", "%20", .. Refused.Controls]),
        ("is_download", Refused.Flags),
        ("sort_field", ["create_time", "file_name", "CREATE_TIME", .. Refused.Controls]),
        ("sort_type", ["ASC", "DESC", "asc", .. Refused.Controls]));

    [Theory]
    [MemberData(nameof(WrongInLists))]
    public async Task ListSessions_refuses_a_wrong_parameter_by_its_name(string name, string value)
    {
        var others = string.Join('&', Range.Split('&').Where(pair => !pair.StartsWith(name, StringComparison.Ordinal)));

        var answer = await shared.GetAsync($"{shared.Sessions}?{others}&{name}={value}");

        answer.As(400, Refused.Parameter, name);
    }

    [Theory]
    [MemberData(nameof(WrongInConnections))]
    public async Task ExportUserLoginInfoNew_refuses_a_wrong_parameter_by_its_name(string name, string value)
    {
        var other = name switch { "start_time" => "&end_time=2024-03-01T00:00Z", "end_time" => "&start_time=2024-01-01T00:00Z", _ => "" };

        (await shared.GetAsync($"{shared.Connections}?{name}={value}{other}")).As(400, Refused.Parameter, name);
    }

    [Theory]
    [MemberData(nameof(WrongInTasks))]
    public async Task ListExportTasks_refuses_a_wrong_parameter_by_its_name(string name, string value)
    {
        // A good one alone is wrong for want of the other, whose name is said then.
        var word = (name, value) switch { ("sort_field", "create_time") => "sort_type", ("sort_type", "ASC" or "DESC" or "asc") => "sort_field", _ => name };

        (await shared.GetAsync($"{shared.Tasks}?{name}={value}")).As(400, Refused.Parameter, word);
    }

    [Theory]
    [InlineData("sort_field=create_time&sort_type=asc", "sort_type")]
    [InlineData("sort_field=create_time&sort_type=", "sort_type")]
    [InlineData("sort_field=&sort_type=DESC", "sort_field")]
    [InlineData("sort_field=file_name&sort_type=DESC", "sort_field")]
    public async Task Both_parts_of_a_sort_must_be_there_and_right(string query, string word) =>
        (await shared.GetAsync($"{shared.Tasks}?{query}")).As(400, Refused.Parameter, word);

    [Theory]
    [InlineData("", "query_begin_time")]
    [InlineData("?query_begin_time=2024-01-01T00:00Z", "query_end_time")]
    [InlineData("?query_end_time=2024-01-01T00:00Z", "query_begin_time")]
    [InlineData("?query_begin_time=2024-01-01T00:00:01Z&query_end_time=2024-01-01T00:00:00Z", "query_begin_time")]
    [InlineData("?query_begin_time=2024-01-01T00:00:01Z&query_end_time=2024-01-01T00:00Z", "query_begin_time")]
    public async Task ListSessions_wants_both_times_in_their_order(string query, string word) =>
        (await shared.GetAsync(shared.Sessions + query)).As(400, Refused.Parameter, word);

    [Theory]
    [InlineData("start_time=2024-01-01T00:00Z", "end_time")]
    [InlineData("end_time=2024-01-01T00:00Z", "start_time")]
    [InlineData("start_time=2024-01-01T00:01Z&end_time=2024-01-01T00:00Z", "start_time")]
    public async Task D0005_one_time_without_the_other_is_refused(string query, string word) =>
        (await shared.GetAsync($"{shared.Connections}?{query}")).As(400, Refused.Parameter, word);

    [Fact]
    public async Task D0008_a_limit_of_zero_is_refused()
    {
        (await shared.GetAsync($"{shared.Sessions}?{Range}&limit=0")).As(400, Refused.Parameter, "limit");
        (await shared.GetAsync($"{shared.Tasks}?limit=0")).As(400, Refused.Parameter, "limit");
    }

    [Theory]
    [InlineData("")]
    [InlineData("%00")]
    [InlineData("x%20y")]
    [InlineData("../../../etc/passwd")]
    public async Task D0022_an_unknown_language_is_refused(string more) =>
        (await shared.GetAsync($"{shared.Connections}?language=fr_FR{more}")).As(400, Refused.Parameter, "language");

    [Fact]
    public async Task The_longest_value_allowed_is_taken()
    {
        var query = $"{Range}&user_name={Refused.Long(64)}&vm_ip={Refused.Long(64)}&public_ip={Refused.Long(64)}&app_server_group_id={Refused.Long(64)}"
            + $"&machine_name={Refused.Long(128)}&limit=100&offset=2147483647&session_state=Active,Disconnected,AppcInit,SignedOut,InitFail";

        Assert.Equal(0, (await shared.ListAsync(query)).GetProperty("count").GetInt64());
    }

    [Theory]
    [InlineData("0001-01-01T00:00Z", "9999-12-31T23:59Z")]
    [InlineData("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")]
    [InlineData("0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999999999Z")]
    [InlineData("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.9999999Z")]
    public async Task The_earliest_and_the_latest_time_there_are_bound_a_range(string begin, string end)
    {
        Assert.Equal(0, (await shared.ListAsync($"query_begin_time={begin}&query_end_time={end}")).GetProperty("count").GetInt64());
        (await shared.GetAsync($"{shared.Connections}?start_time={begin}&end_time={end}")).Is(200);
    }
}
