using System.Text;
using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>ListUsers over a directory that is larger than any buffer on the way.</summary>
public sealed class BigUserListTests
{
    private const int Total = 3000;

    [Fact]
    public async Task D0061_without_a_limit_all_users_come_in_one_answer_and_with_one_a_page()
    {
        await using var server = await WorkspaceServer.StartAsync();
        await ImportAsync(server);
        var users = $"/v2/{server.Project}/users";

        var all = (await server.GetAsync(users)).Is(200);
        var page = (await server.GetAsync($"{users}?limit=7&offset=1000")).Is(200);
        var rest = (await server.GetAsync($"{users}?offset=2999")).Is(200);
        var beyond = (await server.GetAsync($"{users}?limit=2147483647&offset=2147483647")).Is(200);

        Assert.True(all.Bytes.Length > 1024 * 1024, "larger than what is sent at once");
        Assert.Equal(Enumerable.Range(0, Total).Select(NameOf), Names(all.Json));
        Assert.Equal(Enumerable.Range(1000, 7).Select(NameOf), Names(page.Json));
        Assert.Equal([NameOf(Total - 1)], Names(rest.Json));
        Assert.Empty(Names(beyond.Json));
        Assert.All((Answer[])[all, page, rest, beyond], answer => Assert.Equal(Total, answer.Json.GetProperty("total_count").GetInt32()));
    }

    private static string NameOf(int number) => $"user {number:D5}";

    private static IEnumerable<string?> Names(JsonElement list) => list.GetProperty("users").EnumerateArray().Select(user => user.GetProperty("user_name").GetString());

    private static async Task ImportAsync(WorkspaceServer server)
    {
        var csv = new StringBuilder("name,description\n");
        foreach (var number in Enumerable.Range(0, Total).Reverse())
            csv.Append(NameOf(number)).Append(',').Append('x', 100).Append('\n');
        var ask = new Ask("POST", $"/api/v1/tenants/{server.Project}/users:import")
        {
            Token = await server.TokenAsync(), Body = Encoding.UTF8.GetBytes(csv.ToString()), ContentType = "text/csv",
        };
        Assert.Equal(Total, (await ask.SendAsync(server.Http)).Is(200).Json.GetProperty("created").GetInt32());
    }
}
