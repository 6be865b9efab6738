using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core;
using Rollcall.Core.Users;
using Rollcall.Server.Dialects.Native;
using Rollcall.Server.Ingest;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Native;

/// <summary>What is read from untrusted text: any of it is read or refused, and nothing else happens.</summary>
public sealed class NativeParsingTests
{
    private const int Tries = 4000;

    [Fact]
    public void An_event_of_any_bytes_is_read_or_rejected_with_a_reason()
    {
        var good = NativeServer.Session("started", DateTimeOffset.UnixEpoch.AddYears(50), "3").ToJsonString();
        const string Beat = """{"specversion":"1.0","id":"1","source":"s","type":"rollcall.host.beat","time":"2030-01-07T10:00:00Z","data":{"host":{"name":"h"},"roster":[{"os_session_id":"1","state":"Active"}],"lease_seconds":60}}""";
        var read = 0;
        Prop.ForAll(Broken.Bytes(good, Beat).ToArbitrary(), bytes =>
        {
            try
            {
                using var document = JsonDocument.Parse(bytes);
                var (found, rejection) = EventReader.Read(document.RootElement);
                Assert.True(found is null != rejection is null);
                read += found is null ? 0 : 1;
            }
            catch (JsonException)
            {
                // The intake rejects the line before it is read.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Tries));

        Assert.NotEqual(0, read);
    }

    [Fact]
    public void A_file_of_users_of_any_bytes_is_read_or_refused()
    {
        var read = 0;
        var tenant = TenantId.New();
        Prop.ForAll(Broken.Bytes("name,description,groups,enabled,desktops,expires_at\r\nanna,\"a,\"\"b\",A;B,true,3,2030-01-01T00:00:00Z\nb,,,,,\n").ToArbitrary(), bytes =>
        {
            try
            {
                read += UserCsv.Read(bytes, name => new User { Tenant = tenant, Id = "1", Name = name }).Users.Count;
            }
            catch (FaultException)
            {
                // Refused as a whole.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Tries));

        Assert.NotEqual(0, read);
    }

    [Fact]
    public void An_instant_of_any_text_is_read_or_refused()
    {
        var read = 0;
        Prop.ForAll(Broken.Text("2026-03-03T14:07:00Z", "2026-03-03T14:07:00.123456789 01:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00").ToArbitrary(), text =>
        {
            try
            {
                Assert.Equal(TimeSpan.Zero, NativeQuery.Instant("from", text)!.Value.Offset);
                read++;
            }
            catch (FaultException)
            {
                // Refused.
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Tries));

        Assert.NotEqual(0, read);
    }

    [Fact]
    public async Task A_cursor_of_any_text_gives_a_page_or_is_refused()
    {
        await using var server = await NativeServer.StartAsync();
        foreach (var text in Broken.Text("AAAAAAAAAAAAAAAAAAAAAA", "f_____________________", "YW5uYQ").Sample(150))
        {
            foreach (var list in (string[])["sessions", "users", "operators"])
            {
                var answer = await server.GetAsync($"{list}?cursor={Uri.EscapeDataString(string.Concat(text.EnumerateRunes()))}");
                if (answer.Status is not 200)
                    answer.As(400, "malformed", "cursor");
            }
        }
    }
}
