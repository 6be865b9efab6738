using System.Text;
using System.Text.Json.Nodes;
using Rollcall.Tests.Core.Tabular;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>Texts that have broken spreadsheets, sent as events and users, are in the files what they are in the ledger (design 6).</summary>
public sealed class ExportedTextTests
{
    /// <summary>What an event can hold: half a surrogate pair is refused before.</summary>
    private static readonly string[] Texts = [.. Nasty.Texts.Where(IsUnicode), "00000000000000000042", "-0", "=1+1", "\t=1", "x\r=1", "\u202Eabc", "昇😀مرحبا"];

    [Fact]
    public async Task A_client_may_call_itself_anything_in_every_file()
    {
        await using var server = await WorkspaceServer.StartAsync();
        string[] names = [.. Texts, new('a', 40_000)];
        await SendAsync(server, names);
        string[] cut = [.. Texts, new string('a', 32_766) + '…'];

        var sessions = await server.DownloadAsync(await server.ExportAsync(server.Sessions + "/export", "{}"));
        var connections = (await server.GetAsync(server.Connections)).Is(200).Bytes;

        await AssertColumnAsync(sessions, 19, cut);
        await AssertColumnAsync(connections, 5, cut);
    }

    [Fact]
    public async Task In_CSV_nothing_is_cut_and_what_could_run_as_a_formula_has_an_apostrophe()
    {
        await using var server = await WorkspaceServer.StartAsync();
        string[] names = [.. Texts, new('a', 40_000)];
        await SendAsync(server, names);

        var csv = await Ask.Get(server.Connections, await server.TokenAsync()).With("Accept", "text/csv").SendAsync(server.Http);

        var read = Rfc4180.Read(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(csv.Is(200).Bytes).TrimStart('\uFEFF'), ',').Skip(1).Select(row => row[5]).ToList();
        Assert.Equal(names, read.Select((cell, index) => cell == names[index] ? cell : cell[1..]));
        Assert.All(read.Where((cell, index) => cell != names[index]), cell => Assert.StartsWith("'", cell, StringComparison.Ordinal));
        foreach (var formula in (string[])["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "\rx", "=1+1"])
            Assert.Contains("'" + formula, read);
        Assert.Contains("007", read);
        Assert.Contains("123456789012345678", read);
    }

    [Fact]
    public async Task A_user_may_be_described_by_anything()
    {
        await using var server = await WorkspaceServer.StartAsync();
        var token = await server.TokenAsync();
        foreach (var (text, index) in Texts.Select((text, index) => (text, index)))
        {
            var body = new JsonObject { ["description"] = text }.ToJsonString();
            (await (Ask.Post($"/api/v1/tenants/{server.Project}/users/u{index:000}", body, token) with { Method = "PUT" }).SendAsync(server.Http)).Is(201);
        }

        var users = await server.DownloadAsync(await server.ExportAsync(server.Users, "{}"));

        await AssertColumnAsync(users, 13, Texts);
    }

    private static bool IsUnicode(string text) => text.EnumerateRunes().All(rune => rune.Value != 0xFFFD);

    /// <summary>The first text is the newest session's, so that the files have the order of the texts.</summary>
    private static async Task SendAsync(WorkspaceServer server, string[] names)
    {
        var nine = server.Clock.GetUtcNow();
        await server.Server.Native.SendAsync([.. names.Select((name, index) =>
        {
            var data = WorkspaceServer.Bare($"{index}");
            data["client"] = new JsonObject { ["name"] = name };
            return WorkspaceServer.Event("started", nine.AddSeconds(-index), data);
        })]);
    }

    private static async Task AssertColumnAsync(byte[] file, int column, string[] expected)
    {
        Assert.Equal(expected, Assert.Single(OpenXmlReading.Read(file)).Rows.Skip(1).Select(row => row[column]));
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder.File("x.xlsx"), file);
        var book = await Openpyxl.ReadAsync(folder.File("x.xlsx"));
        Assert.Equal(expected, Assert.Single(book.Sheets).Rows.Skip(1).Select(row => Openpyxl.TextOf(row[column])));
    }
}
