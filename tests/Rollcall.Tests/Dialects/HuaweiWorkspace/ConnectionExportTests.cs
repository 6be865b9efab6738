using System.Text.Json.Nodes;
using Rollcall.Tests.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>The file that ExportUserLoginInfoNew answers with (design 3, point 6).</summary>
public sealed class ConnectionExportTests(ConnectionExportTests.Fleet fleet) : IClassFixture<ConnectionExportTests.Fleet>
{
    private const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    private static readonly DateTimeOffset Ten = new(2030, 1, 7, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("", "昇 anna anna")]
    [InlineData("start_time=2030-01-07T10:05Z&end_time=2030-01-07T10:59Z", "anna")]
    [InlineData("start_time=2030-01-07T10:00Z&end_time=2030-01-07T10:00Z", "anna")]
    [InlineData("start_time=2030-01-07T11:00:00.001Z&end_time=2030-01-08T00:00Z", "")]
    [InlineData("start_time=&end_time=&user_name=&computer_name=&terminal_type=&language=", "昇 anna anna")]
    [InlineData("user_name=corp%5CANNA", "anna anna")]
    [InlineData("user_name=anna", "")]
    [InlineData("computer_name=rds-07", "anna anna")]
    [InlineData("computer_name=rds", "")]
    public async Task Times_bound_the_start_and_names_are_whole_and_ignore_case(string query, string users) =>
        Assert.Equal(users, string.Join(' ', (await SheetAsync(query)).Rows.Skip(1).Select(row => ((string)row[3]!).Split('\\')[^1])));

    [Theory]
    [InlineData("terminal_type=WINDOWS", 1)]
    [InlineData("terminal_type=Window", 0)]
    [InlineData("terminal_type=mac", 1)]
    public async Task D0021_terminal_type_matches_the_whole_value(string query, int count) => Assert.Equal(count, (await SheetAsync(query)).Rows.Count - 1);

    [Theory]
    [InlineData("", "Connections", "Connection ID", "No")]
    [InlineData("language=en_US", "Connections", "Connection ID", "No")]
    [InlineData("language=zh_CN", "连接记录", "连接ID", "否")]
    public async Task A_record_has_every_member_typed_in_the_language_asked_for(string language, string name, string header, string no)
    {
        var sheet = await SheetAsync($"{language}&start_time=2030-01-07T10:00Z&end_time=2030-01-07T10:00Z");

        Assert.Equal((name, header, 21), (sheet.Name, sheet.Rows[0][0], sheet.Rows[0].Length));
        object?[] expected =
        [
            "t-1", "RDS-07", @"CORP\anna", "00-ac-9c-c7-9a-df", "LT-2211", "10.9.1.4", "23.5.1", "Windows", "23.5.0", "10.2.0.17", Ten.UtcDateTime, Ten.UtcDateTime,
            Ten.AddMinutes(5).UtcDateTime, no, null, 12d, 34d, "10.9.1.5", "203.0.113.9", "ep-7",
        ];
        Assert.Equal(expected, sheet.Rows[1].Skip(1));
        Assert.Matches("^[0-9a-f]{32}$", (string)sheet.Rows[1][0]!);
    }

    [Fact]
    public async Task D0024_the_login_export_is_a_workbook_and_csv_on_request()
    {
        var workbook = (await AskAsync("", accept: null)).Is(200);
        var csv = (await AskAsync("", "text/csv")).Is(200);

        Assert.Equal((Xlsx, "attachment; filename=connections-20300301T090000Z.xlsx", 32), Head(workbook));
        Assert.Equal(("text/csv; charset=utf-8", "attachment; filename=connections-20300301T090000Z.csv", 32), Head(csv));
        var rows = Rfc4180.Read(csv.Text.TrimStart('\uFEFF'), ',');
        Assert.Equal(Assert.Single(OpenXmlReading.Read(workbook.Bytes)).Rows.Select(row => row[3]), rows.Select(row => row[3]));
        Assert.Equal("2030-01-07T11:00:00Z", rows[1][11]);
        foreach (var accept in (string[])["*/*", "application/json", Xlsx, "text/csv;q=0", "text/plain", "nonsense"])
            Assert.Equal(Xlsx, (await AskAsync("", accept)).Is(200).ContentType);
        Assert.StartsWith("text/csv", (await AskAsync("", "application/json, text/csv;q=0.5")).Is(200).ContentType, StringComparison.Ordinal);
        (await AskAsync("?language=x", "text/csv")).As(400, Refused.Parameter, "language");
    }

    private static (string?, string?, int) Head(Answer answer) => (answer.ContentType, answer.Header("Content-Disposition"), answer.Header("X-Request-Id")!.Length);

    private async Task<Answer> AskAsync(string query, string? accept)
    {
        var ask = Ask.Get(fleet.Server.Connections + query, await fleet.Server.TokenAsync());
        return await (accept is null ? ask : ask.With("Accept", accept)).SendAsync(fleet.Server.Http);
    }

    private async Task<OpenXmlReading.Sheet> SheetAsync(string query) =>
        Assert.Single(OpenXmlReading.Read((await AskAsync("?" + query, accept: null)).Is(200).Bytes));

    /// <summary>A server with a session of two connections and another one.</summary>
    public sealed class Fleet : IAsyncLifetime
    {
        internal WorkspaceServer Server { get; } = new();

        public async ValueTask InitializeAsync()
        {
            await Server.InitializeAsync();
            var first = WorkspaceServer.Full("1", new JsonObject { ["transaction_id"] = "t-1", ["network_rtt_ms"] = 12, ["e2e_rtt_ms"] = 34 });
            var again = WorkspaceServer.Full("1");
            again["client"]!["type"] = "Mac";
            await Server.Server.Native.PutUserAsync("anna", new JsonObject { ["subproject"] = "ep-7" });
            await Server.Server.Native.SendAsync(
                WorkspaceServer.Event("started", Ten, first),
                WorkspaceServer.Event("disconnected", Ten.AddMinutes(5), first.DeepClone().AsObject()),
                WorkspaceServer.Event("reconnected", Ten.AddMinutes(10), again),
                WorkspaceServer.Event("started", Ten.AddHours(1), WorkspaceServer.Bare("2", "昇", "RDS-08")));
        }

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
