using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>The directory: put, get, delete, import.</summary>
public sealed class UserTests(NativeServer shared) : IClassFixture<NativeServer>
{
    [Fact]
    public async Task A_user_is_made_changed_and_taken_out_and_members_left_out_stay()
    {
        var made = (await shared.SendAsync("PUT", "users/Anna", """{"email":"a@example.org","groups":["A","昇"],"desktops":2}""")).Is(201).Json;
        var changed = (await shared.SendAsync("PUT", "users/anna", """{"description":"x","desktops":null}""")).Is(200).Json;
        var read = (await shared.GetAsync("users/ANNA")).Is(200).Json;

        Assert.Equal(changed.GetRawText(), read.GetRawText());
        Assert.Equal(made.GetProperty("id").GetString(), read.GetProperty("id").GetString());
        Assert.Equal(("Anna", "a@example.org", "x", 0), (read.GetProperty("name").GetString(), read.GetProperty("email").GetString(), read.GetProperty("description").GetString(), read.GetProperty("desktops").GetInt32()));
        Assert.Equal(["A", "昇"], read.GetProperty("groups").EnumerateArray().Select(group => group.GetString()));
        (await shared.SendAsync("DELETE", "users/ANNA")).Is(204);
        (await shared.SendAsync("DELETE", "users/anna")).As(404, "not-found");
        (await shared.GetAsync("users/anna")).As(404, "not-found");
    }

    [Theory]
    [InlineData("""{"name":"x"}""", "name")]
    [InlineData("""{"nobody":1}""", "nobody")]
    [InlineData("""{"desktops":-1}""", "desktops")]
    [InlineData("""{"desktops":1.5}""", "desktops")]
    [InlineData("""{"desktops":"1\u0000"}""", "desktops")]
    [InlineData("""{"enabled":"maybe"}""", "enabled")]
    [InlineData("""{"groups":"A"}""", "groups")]
    [InlineData("""{"groups":[""]}""", "groups")]
    [InlineData("""{"email":{}}""", "email")]
    [InlineData("""{"email":5}""", "email")]
    [InlineData("""{"enabled":"true"}""", "enabled")]
    [InlineData("""{"desktops":"1"}""", "desktops")]
    [InlineData("""{"groups":["a;b"]}""", "groups")]
    [InlineData("""{"expires_at":"tomorrow"}""", "expires_at")]
    [InlineData("""{"activation":"both"}""", "activation")]
    public async Task A_wrong_member_is_refused_by_its_name(string body, string field)
    {
        (await shared.SendAsync("PUT", "users/wrong", body)).As(400, "malformed", field);
        (await shared.GetAsync("users/wrong")).As(404, "not-found");
    }

    [Fact]
    public async Task A_file_changes_the_members_it_has_columns_for_and_no_others()
    {
        (await shared.SendAsync("PUT", "users/kept", """{"email":"k@example.org","locked":true}""")).Is(201);

        var receipt = (await shared.SendAsync("POST", "users:import", "name,description\nKEPT,new\n", type: "text/csv")).Is(200).Json;

        var read = (await shared.GetAsync("users/kept")).Is(200).Json;
        Assert.Equal((0, 1, 0), Counts(receipt));
        Assert.Equal(("kept", "k@example.org", "new"), (read.GetProperty("name").GetString(), read.GetProperty("email").GetString(), read.GetProperty("description").GetString()));
        Assert.True(read.GetProperty("locked").GetBoolean());
    }

    [Fact]
    public async Task A_file_of_users_is_imported_line_by_line()
    {
        const string Csv = "\uFEFFname,description,groups,enabled\r\nimp1,\"a \"\"b\"\"\nc\",A; B,true\r\nimp2,,,maybe\r\nimp3,x\r\nimp1,last,,\r\n,x,,\r\n";

        var receipt = (await shared.SendAsync("POST", "users:import", Csv, type: "text/csv; charset=utf-8")).Is(200).Json;
        var again = (await shared.SendAsync("POST", "users:import", Csv, type: "text/csv")).Is(200).Json;

        Assert.Equal((1, 0, 0), Counts(receipt));
        Assert.Equal((0, 0, 1), Counts(again));
        Assert.Equal(
            [(4, "enabled"), (5, "(row)"), (7, "name")],
            receipt.GetProperty("rejected").EnumerateArray().Select(line => (line.GetProperty("line").GetInt32(), line.GetProperty("field").GetString())));
        Assert.Equal("last", (await shared.GetAsync("users/imp1")).Is(200).Json.GetProperty("description").GetString());
        (await shared.SendAsync("POST", "users:import", "", type: "text/csv")).As(400, "unreadable");
        (await shared.SendAsync("POST", "users:import", "name,nobody\na,b\n", type: "text/csv")).As(400, "malformed", "nobody");
        (await shared.SendAsync("POST", "users:import", "name\na\n", type: "application/json")).As(415, "media-type");
    }

    private static (int Created, int Updated, int Unchanged) Counts(JsonElement receipt) =>
        (receipt.GetProperty("created").GetInt32(), receipt.GetProperty("updated").GetInt32(), receipt.GetProperty("unchanged").GetInt32());
}
