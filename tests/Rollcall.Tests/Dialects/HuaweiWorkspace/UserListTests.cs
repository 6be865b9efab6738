using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>ListUsers and ListUserDetail, over a few users and one of another project.</summary>
public sealed class UserListTests(UserListTests.Directory directory) : IClassFixture<UserListTests.Directory>
{
    private const string Everybody = "Anna berta cäsar dora 昇";

    private WorkspaceServer Server => directory.Server;

    public static TheoryData<string, string> Wrong => Refused.Rows(
        ("limit", [.. Refused.Limits.Except(["101"])]),
        ("offset", Refused.Offsets),
        ("user_name", [Refused.Long(256), .. Refused.Controls]),
        ("user_names", [Refused.Long(256), .. Refused.Controls]),
        ("description", [Refused.Long(101), .. Refused.Controls]),
        ("active_type", ["ACTIVE", "USER", "USER_ACTIVATE,ADMIN_ACTIVATE", "%20", Refused.Long(41), .. Refused.Controls]),
        ("group_name", [Refused.Long(65), .. Refused.Controls]),
        ("share_space_subscription", Refused.Flags),
        ("share_space_desktops", ["2", .. Refused.Flags]),
        ("is_query_total_desktops", Refused.Flags),
        ("enterprise_project_id", [Refused.Long(256), .. Refused.Controls]),
        ("disabled", Refused.Flags),
        ("domain", [Refused.Long(256), .. Refused.Controls]),
        ("platform_type", ["AD", "ad", "LDAP", "%20", .. Refused.Controls]));

    [Fact]
    public async Task A_user_has_every_known_member_in_the_order_of_the_contract()
    {
        var list = (await Server.GetAsync($"{directory.Users}?user_name=berta")).Is(200);

        Assert.Equal("application/json; charset=utf-8", list.ContentType);
        Assert.Equal(
            $$$"""{"total_count":1,"users":[{"id":"{{{directory.IdOfBerta}}}","sid":"S-1-5-21-7-1105","user_name":"berta","user_email":"b@example.org","total_desktops":2,"user_phone":"\u002B49 30 1234567","active_type":"ADMIN_ACTIVATE","is_pre_user":true,"account_expires":"1924992000000","password_never_expired":true,"account_expired":false,"enable_change_password":false,"next_login_change_password":true,"description":"Ärztin \u003Cb\u003E","locked":true,"disabled":true,"share_space_subscription":true,"share_space_desktops":3,"group_names":["Finance","昇"],"enterprise_project_id":"ep-1","domain":"CORP"}]}""",
            list.Text);
    }

    [Fact]
    public async Task What_is_not_known_of_a_user_is_left_out()
    {
        var anna = Assert.Single((await ListAsync("user_names=Anna")).GetProperty("users").EnumerateArray());

        Assert.Equal(
            ["id", "user_name", "total_desktops", "active_type", "is_pre_user", "account_expires", "password_never_expired", "account_expired", "enable_change_password",
                "next_login_change_password", "locked", "disabled", "share_space_subscription", "share_space_desktops", "group_names"],
            anna.EnumerateObject().Select(member => member.Name));
        Assert.Equal("[]", anna.GetProperty("group_names").GetRawText());
        Assert.Equal("USER_ACTIVATE", anna.GetProperty("active_type").GetString());
    }

    [Fact]
    public async Task A_detail_has_every_known_member_in_the_order_of_the_contract() => Assert.Equal(
        $$$"""{"user_detail":{"description":"Ärztin \u003Cb\u003E","id":"{{{directory.IdOfBerta}}}","user_name":"berta","user_email":"b@example.org","user_phone":"\u002B49 30 1234567","active_type":"ADMIN_ACTIVATE","object_sid":"S-1-5-21-7-1105","full_name":"Berta Ä.","account_type":0,"account_expires":1924992000000,"is_pre_user":true,"user_expired":false,"locked":true,"enable_change_password":false,"password_never_expired":true,"next_login_change_password":true,"disabled":true,"group_names":["Finance","昇"],"share_space_subscription":true,"share_space_desktops":3,"total_desktops":2}}""",
        (await Server.GetAsync($"{directory.Users}/{directory.IdOfBerta}")).Is(200).Text);

    [Theory]
    [InlineData("user_name=ERT", "berta")]
    [InlineData("user_name=%C3%84s", "cäsar")]
    [InlineData("user_name=%25", "")]
    [InlineData("user_name=_", "")]
    [InlineData("user_name=%E6%98%87", "昇")]
    [InlineData("user_name=9%20%40", "")]
    [InlineData("user_names=ERTA", "")]
    [InlineData("user_names=BERTA", "berta")]
    [InlineData("user_names=anna&user_names=C%C3%84SAR&user_names=nobody&user_names=", "Anna cäsar")]
    [InlineData("user_names=anna,berta", "")]
    [InlineData("user_names=anna&user_names=berta&user_name=ert", "berta")]
    [InlineData("user_names=&user_names=&user_name=", Everybody)]
    public async Task D0060_user_name_matches_in_part_and_each_of_user_names_the_whole_name(string query, string found) => await AssertFoundAsync(query, found);

    [Theory]
    [InlineData("description=%C3%A4RZT", "berta")]
    [InlineData("description=100%25", "dora")]
    [InlineData("description=%25", "dora")]
    [InlineData("active_type=admin_activate", "berta")]
    [InlineData("active_type=User_Activate", "Anna cäsar dora 昇")]
    [InlineData("active_type=", Everybody)]
    [InlineData("group_name=Finance", "berta cäsar")]
    [InlineData("group_name=finance", "")]
    [InlineData("group_name=Financ", "")]
    [InlineData("group_name=%E6%98%87", "berta")]
    [InlineData("group_name=Finance%201", "dora")]
    [InlineData("share_space_subscription=true", "berta")]
    [InlineData("share_space_subscription=false", "Anna cäsar dora 昇")]
    [InlineData("share_space_desktops=true", "berta dora")]
    [InlineData("share_space_desktops=false", "Anna cäsar 昇")]
    [InlineData("disabled=true", "berta")]
    [InlineData("disabled=false", "Anna cäsar dora 昇")]
    [InlineData("share_space_desktops=true&disabled=false&group_name=Finance%201&nobody=knows", "dora")]
    public async Task Each_filter_narrows_the_list_and_all_are_joined_by_and(string query, string found) => await AssertFoundAsync(query, found);

    [Theory]
    [InlineData("domain=corp", "berta")]
    [InlineData("domain=CORP", "berta")]
    [InlineData("domain=COR", "")]
    [InlineData("domain=%25", "")]
    public async Task D0071_a_domain_matches_whole_ignoring_case_by_the_directory(string query, string found) => await AssertFoundAsync(query, found);

    [Theory]
    [InlineData("enterprise_project_id=ep-1", "berta")]
    [InlineData("enterprise_project_id=EP-1", "")]
    [InlineData("enterprise_project_id=0", "Anna cäsar dora 昇")]
    [InlineData("enterprise_project_id=", Everybody)]
    public async Task D0065_users_without_an_enterprise_project_are_in_the_default_one(string query, string found) => await AssertFoundAsync(query, found);

    [Theory]
    [InlineData("AD")]
    [InlineData("LOCAL")]
    [InlineData("UOS")]
    public async Task D0062_platform_type_is_refused_rather_than_ignored(string type)
    {
        (await Server.GetAsync($"{directory.Users}?platform_type={type}")).As(400, Refused.Parameter, "platform_type must be absent");
        await AssertFoundAsync("platform_type=", Everybody);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task ListUsers_refuses_a_wrong_parameter_by_its_name(string name, string value) =>
        (await Server.GetAsync($"{directory.Users}?{name}={value}")).As(400, Refused.Parameter, name);

    [Fact]
    public async Task Only_a_parameter_that_is_a_list_may_be_repeated()
    {
        (await Server.GetAsync($"{directory.Users}?user_name=a&user_name=b")).As(400, Refused.Parameter, "user_name");
        (await Server.GetAsync($"{directory.Users}?user_names=a&user_names=b&limit=1&limit=1")).As(400, Refused.Parameter, "limit");
        (await Server.GetAsync($"{Server.Tasks}?user_names=a&user_names=b")).As(400, Refused.Parameter, "user_names");
        await AssertFoundAsync("user_names=anna&USER_NAMES=berta", "Anna berta");
    }

    [Fact]
    public async Task A_list_of_names_has_an_end()
    {
        var hundred = string.Join('&', Enumerable.Range(0, 100).Select(number => $"user_names=n{number}"));

        await AssertFoundAsync(hundred, "");
        await AssertFoundAsync(hundred + "&user_names=", "");
        (await Server.GetAsync($"{directory.Users}?{hundred}&user_names=x")).As(400, Refused.Parameter, "user_names");
    }

    [Fact]
    public async Task Desktops_are_not_counted_when_nobody_asks()
    {
        foreach (var (query, isThere) in new[] { ("is_query_total_desktops=false", false), ("is_query_total_desktops=true", true), ("is_query_total_desktops=", true), ("", true) })
            Assert.All((await ListAsync(query)).GetProperty("users").EnumerateArray(), user => Assert.Equal(isThere, user.TryGetProperty("total_desktops", out _)));
    }

    [Fact]
    public async Task D0063_the_end_of_an_account_is_in_milliseconds_as_text_in_the_list_and_as_a_number_in_the_detail()
    {
        await using var own = await WorkspaceServer.StartAsync();
        var users = $"/v2/{own.Project}/users";
        await own.Server.Native.PutUserAsync("never", []);
        await own.Server.Native.PutUserAsync("noon", new JsonObject { ["expires_at"] = "2030-03-01T12:00:00Z" });

        Assert.Equal([("never", "0", false), ("noon", "1898596800000", false)], await ReadAsync());
        own.Clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal([("never", "0", false), ("noon", "1898596800000", true)], await ReadAsync());

        async Task<IReadOnlyList<(string?, string?, bool)>> ReadAsync()
        {
            var rows = new List<(string?, string?, bool)>();
            foreach (var user in (await own.GetAsync(users)).Is(200).Json.GetProperty("users").EnumerateArray())
            {
                var detail = (await own.GetAsync($"{users}/{user.GetProperty("id").GetString()}")).Is(200).Json.GetProperty("user_detail");
                var expires = user.GetProperty("account_expires").GetString();
                Assert.Equal(expires, detail.GetProperty("account_expires").GetInt64().ToString());
                Assert.Equal(user.GetProperty("account_expired").GetBoolean(), detail.GetProperty("user_expired").GetBoolean());
                rows.Add((user.GetProperty("user_name").GetString(), expires, user.GetProperty("account_expired").GetBoolean()));
            }

            return rows;
        }
    }

    [Theory]
    [InlineData("0123456789abcdef0123456789abcdef")]
    [InlineData("berta")]
    [InlineData("%25")]
    [InlineData("a%2Fb")]
    [InlineData("'%20OR%201=1%20--")]
    public async Task D0064_an_unknown_user_is_404(string id) =>
        (await Server.GetAsync($"{directory.Users}/{id}")).As(404, Refused.NotFound, "no user");

    [Fact]
    public async Task An_id_that_can_be_none_is_400()
    {
        // The web server itself refuses a path with a NUL.
        foreach (var id in (string[])[Refused.Long(256), .. Refused.Controls.Where(value => !value.Contains("%00", StringComparison.Ordinal))])
            (await Server.GetAsync($"{directory.Users}/{id}")).As(400, Refused.Parameter, "user_id");
    }

    [Fact]
    public async Task Users_of_another_project_are_in_no_answer()
    {
        await AssertFoundAsync("user_names=stranger", "");
        await AssertFoundAsync("user_name=stranger", "");
        (await Server.GetAsync($"{directory.Users}/{directory.IdOfStranger}")).As(404, Refused.NotFound);
        var there = await Server.IssueAsync(
            Server.Server.Bootstrap.OperatorName, Server.Server.Bootstrap.Password, $$$"""{"project":{"id":"{{{directory.OtherProject}}}"}}""");
        var list = (await Ask.Get($"/v2/{directory.OtherProject}/users", there).SendAsync(Server.Http)).Is(200).Json;
        Assert.Equal(directory.IdOfStranger, Assert.Single(list.GetProperty("users").EnumerateArray()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Who_reads_users_reads_them_whatever_else_the_role_may()
    {
        foreach (var role in (string[])["administrator", "auditor", "helpdesk"])
        {
            (await Server.GetAsync(directory.Users, role)).Is(200);
            (await Server.GetAsync($"{directory.Users}/{directory.IdOfBerta}", role)).Is(200);
        }
    }

    private async Task AssertFoundAsync(string query, string found)
    {
        var list = await ListAsync(query);

        Assert.Equal(found, string.Join(' ', list.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("user_name").GetString())));
        Assert.Equal(found.Length == 0 ? 0 : found.Split(' ').Length, list.GetProperty("total_count").GetInt64());
    }

    private async Task<JsonElement> ListAsync(string query) => (await Server.GetAsync($"{directory.Users}?{query}")).Is(200).Json;

    /// <summary>A server with a few users, and one in another project.</summary>
    public sealed class Directory : IAsyncLifetime
    {
        internal WorkspaceServer Server { get; } = new();

        internal string Users => $"/v2/{Server.Project}/users";

        internal string IdOfBerta { get; private set; } = null!;

        internal string OtherProject { get; private set; } = null!;

        internal string IdOfStranger { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await Server.InitializeAsync();
            OtherProject = await Server.Server.Native.AddTenantAsync("elsewhere");
            IdOfStranger = await PutAsync(OtherProject, "stranger", "{}");
            await PutAsync(Server.Project, "昇", "{}");
            await PutAsync(Server.Project, "dora", """{"description":"100% remote","shared_desktops":1,"groups":["Finance 1","x"]}""");
            await PutAsync(Server.Project, "cäsar", """{"groups":["Sales","Finance"]}""");
            IdOfBerta = await PutAsync(
                Server.Project,
                "berta",
                """
                {"activation":"administrator","sid":"S-1-5-21-7-1105","email":"b@example.org","desktops":2,"phone":"+49 30 1234567","expires_at":"2031-01-01T00:00:00Z",
                 "may_change_password":false,"must_change_password":true,"password_never_expires":true,"shared_desktops":3,"sharing":true,"groups":["Finance","昇"],
                 "subproject":"ep-1","domain":"CORP","description":"Ärztin <b>","locked":true,"enabled":false,"invited":true,"full_name":"Berta Ä."}
                """);
            await PutAsync(Server.Project, "Anna", "{}");
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();

        private async Task<string> PutAsync(string project, string name, string body)
        {
            var ask = Ask.Post($"/api/v1/tenants/{project}/users/{Uri.EscapeDataString(name)}", body, await Server.TokenAsync()) with { Method = "PUT" };
            return (await ask.SendAsync(Server.Http)).Is(201).Json.GetProperty("id").GetString()!;
        }
    }
}
