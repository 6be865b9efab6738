using System.Text.Json.Nodes;
using Rollcall.Tests.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>What ExportUsersNew writes out (design 3, point 7).</summary>
public sealed class UserExportTests(UserExportTests.Directory directory) : IClassFixture<UserExportTests.Directory>
{
    private const string Everybody = "anna berta cäsar हिन्दी 昇";

    [Theory]
    [InlineData("""{"user_name":"ANN"}""", "anna")]
    [InlineData("""{"user_name":"Ä"}""", "cäsar")]
    [InlineData("""{"user_name":"昇"}""", "昇")]
    [InlineData("""{"user_name":"हिन्दी"}""", "हिन्दी")]
    [InlineData("""{"user_name":"n_a"}""", "")]
    [InlineData("""{"user_name":"a-b_c.d9"}""", "")]
    [InlineData("""{"user_name":"𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷𠮷"}""", "")]
    [InlineData("""{"user_name":""}""", Everybody)]
    [InlineData("""{"user_name":null}""", Everybody)]
    public async Task A_user_name_matches_in_part_ignoring_case_in_any_script(string body, string found) => await AssertFoundAsync(body, found);

    [Theory]
    [InlineData("1anna")]
    [InlineData("٣anna")]
    [InlineData("jy01@local.com")]
    [InlineData("an na")]
    [InlineData("%")]
    [InlineData("a*")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("\u0301a")]
    public async Task D0015_a_user_name_with_special_characters_or_a_leading_digit_is_refused(string name) => (await directory.Server.PostAsync(
        directory.Server.Users, new JsonObject { ["user_name"] = name }.ToJsonString())).As(400, Refused.Parameter, "user_name");

    [Theory]
    [InlineData("{}", Everybody)]
    [InlineData("""{"active_type":""}""", Everybody)]
    [InlineData("""{"active_type":"admin_activate"}""", "berta")]
    [InlineData("""{"active_type":"ADMIN_ACTIVATE"}""", "berta")]
    [InlineData("""{"active_type":"User_Activate"}""", "anna cäsar हिन्दी 昇")]
    public async Task D0016_without_active_type_users_of_both_kinds_are_exported(string body, string found) => await AssertFoundAsync(body, found);

    [Theory]
    [InlineData("""{"share_space_subscription":true}""", "anna")]
    [InlineData("""{"share_space_subscription":false}""", "berta cäsar हिन्दी 昇")]
    [InlineData("""{"share_space_desktops":true}""", "berta")]
    [InlineData("""{"share_space_desktops":false,"share_space_subscription":null}""", "anna cäsar हिन्दी 昇")]
    [InlineData("""{"share_space_desktops":true,"share_space_subscription":true}""", "")]
    public async Task D0014_the_share_space_members_of_the_sample_filter_the_users(string body, string found) => await AssertFoundAsync(body, found);

    [Theory]
    [InlineData("""{"description":"SALES 100%"}""", "anna")]
    [InlineData("""{"description":"%"}""", "anna")]
    [InlineData("""{"description":"_"}""", "")]
    [InlineData("""{"description":"ä"}""", "cäsar")]
    [InlineData("""{"enterprise_project_id":"ep-1"}""", "berta")]
    [InlineData("""{"enterprise_project_id":"EP-1"}""", "")]
    [InlineData("""{"enterprise_project_id":"0"}""", "anna cäsar हिन्दी 昇")]
    public async Task A_description_matches_in_part_ignoring_case_and_a_subproject_exactly(string body, string found) => await AssertFoundAsync(body, found);

    [Fact]
    public async Task D0013_an_unknown_member_is_ignored_and_a_known_one_of_the_wrong_type_is_refused()
    {
        await AssertFoundAsync("""{"nobody":[1],"User_Name":"anna","people":["anna"]}""", Everybody);
        (await directory.Server.PostAsync(directory.Server.Users, """{"nobody":1,"user_name":1}""")).As(400, Refused.Parameter, "user_name");
    }

    [Theory]
    [InlineData("""{"user_names":["ANNA","cäsar","nobody",""]}""", "anna cäsar")]
    [InlineData("""{"user_names":["ann"]}""", "")]
    [InlineData("""{"user_names":[]}""", Everybody)]
    [InlineData("""{"user_names":null}""", Everybody)]
    public async Task D0060_user_names_of_the_export_are_whole_names_too(string body, string found) => await AssertFoundAsync(body, found);

    [Theory]
    [InlineData("\"anna\"")]
    [InlineData("[1]")]
    [InlineData("[\"a\\u0000\"]")]
    [InlineData("{}")]
    public async Task User_names_that_are_no_list_of_texts_are_refused(string names) =>
        (await directory.Server.PostAsync(directory.Server.Users, "{\"user_names\":" + names + "}")).As(400, Refused.Parameter, "user_names");

    [Fact]
    public async Task The_published_sample_is_taken() => await AssertFoundAsync(
        """{"user_name":"string","description":"string","active_type":"admin_activate","language":"zh_CN","share_space_subscription":true,"share_space_desktops":true}""", "");

    [Theory]
    [InlineData("en_US", "Users", "Username", "Activated by administrator", "No")]
    [InlineData("zh_CN", "用户", "用户名", "管理员激活", "否")]
    [InlineData("", "Users", "Username", "Activated by administrator", "No")]
    public async Task The_language_sets_headers_and_enumerated_values(string language, string sheetName, string header, string activation, string no)
    {
        var sheet = await SheetAsync($$"""{"user_name":"berta","language":"{{language}}"}""");

        Assert.Equal((sheetName, header), (sheet.Name, sheet.Rows[0][2]));
        object?[] expected =
        [
            directory.IdOfBerta, "S-1-5-21-7-1105", "berta", "b@example.org", 2d, "+49 30 1234567", activation, no, new DateTime(2031, 1, 1, 0, 0, 0, DateTimeKind.Utc), no, no, no, no,
            null, no, no, no, 3d, "Finance; 昇", "ep-1", "CORP",
        ];
        Assert.Equal(expected, sheet.Rows[1]);
    }

    private async Task AssertFoundAsync(string body, string found) =>
        Assert.Equal(found, string.Join(' ', (await SheetAsync(body)).Rows.Skip(1).Select(row => row[2])));

    private async Task<OpenXmlReading.Sheet> SheetAsync(string body) =>
        Assert.Single(OpenXmlReading.Read(await directory.Server.DownloadAsync(await directory.Server.ExportAsync(directory.Server.Users, body))));

    /// <summary>A server with a few users.</summary>
    public sealed class Directory : IAsyncLifetime
    {
        internal WorkspaceServer Server { get; } = new();

        internal string IdOfBerta { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            await Server.InitializeAsync();
            await PutAsync("anna", """{"description":"Sales 100% remote","sharing":true}""");
            var berta = await PutAsync(
                "berta",
                """
                {"activation":"administrator","sid":"S-1-5-21-7-1105","email":"b@example.org","desktops":2,"phone":"+49 30 1234567","expires_at":"2031-01-01T00:00:00Z",
                 "may_change_password":false,"shared_desktops":3,"groups":["Finance","昇"],"subproject":"ep-1","domain":"CORP"}
                """);
            await PutAsync("cäsar", """{"description":"Ärztin"}""");
            await PutAsync("昇", "{}");
            await PutAsync("हिन्दी", "{}");
            IdOfBerta = berta.Json.GetProperty("id").GetString()!;
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();

        private async Task<Answer> PutAsync(string name, string body)
        {
            var ask = Ask.Post($"/api/v1/tenants/{Server.Project}/users/{Uri.EscapeDataString(name)}", body, await Server.TokenAsync()) with { Method = "PUT" };
            return (await ask.SendAsync(Server.Http)).Is(201);
        }
    }
}
