using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core;
using Rollcall.Server.Dialects.HuaweiWorkspace;
using Rollcall.Server.Dialects.HuaweiWorkspace.Iam;
using Rollcall.Server.Dialects.HuaweiWorkspace.V1;
using Rollcall.Server.Dialects.HuaweiWorkspace.V3;
using Rollcall.Server.Operations;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>What is read from untrusted text: any of it is read or refused, and nothing else happens.</summary>
public sealed class WorkspaceParsingTests
{
    private const int Tries = 4000;

    [Fact]
    public void A_time_of_any_text_is_read_or_refused()
    {
        var read = 0;
        Prop.ForAll(Broken.Text("2024-02-27T03:47:51.182Z", "2016-08-20 21:11", "9999-12-31T23:59:59.999999999+14:00", "0001-01-01T00:00-14:00").ToArbitrary(), text =>
        {
            if (!WorkspaceTime.TryParse(text, out var time))
                return;

            read++;
            Assert.Equal(TimeSpan.Zero, time.At.Offset);
            Assert.True(time.AfterUnit > time.At || time.AfterUnit == DateTimeOffset.MaxValue);
            Assert.True(text.All(character => char.IsAscii(character) && !char.IsControl(character)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Tries));

        Assert.NotEqual(0, read);
    }

    [Fact]
    public void A_time_that_was_printed_is_read_as_the_same_instant() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).Two().Select(pair => (pair.Item1 * 1000L) + (pair.Item2 % 1000)).ToArbitrary(), milliseconds =>
        {
            var at = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            Assert.True(WorkspaceTime.TryParse(WorkspaceTime.Milliseconds(at)!, out var exact) && exact.At == at);
            Assert.True(WorkspaceTime.TryParse(WorkspaceTime.Seconds(at)!, out var whole) && whole.At <= at && at < whole.AfterUnit);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Session_filters_of_any_text_are_read_or_refused()
    {
        var read = 0;
        Prop.ForAll(Broken.Text("Active, Disconnected ,AppcInit,SignedOut,InitFail", "true", "anna").ToArbitrary(), text =>
        {
            foreach (var name in (string[])["session_state", "is_success", "user_name"])
            {
                var states = OrRefused(() => SessionFilter.Of(asked => asked == name ? text : null).States);
                read += states?.Count ?? 0;
                Assert.All(states ?? [], state => Assert.True(Enum.IsDefined(state)));
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Tries));

        Assert.NotEqual(0, read);
    }

    [Fact]
    public void A_request_for_a_token_of_any_bytes_is_read_or_refused() => AssertReadOrRefused(
        TokenRequest.Read,
        """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"U","id":"7","password":"\u0050😀","domain":{"name":"D"}}}},"scope":{"project":{"name":"R","domain":{"id":"x"}}}}}""",
        """{"auth":{"identity":{"methods":["tok\u0065n"],"token":{"id":"abc.u.0123456789abcdef0123456789abcdef"}},"scope":"unscoped"}}""",
        """{"auth":{"identity":{"methods":["token"],"token":{"id":"abc"}},"scope":{"unscoped":{}}}}""");

    [Fact]
    public void A_filter_of_users_of_any_bytes_is_read_or_refused() => AssertReadOrRefused(
        body => UserExportFilter.Read(body).ToQuery(TenantId.New()),
        """{"user_name":"str\u0069ng","description":"string","active_type":"admin_activate","language":"zh_CN","share_space_subscription":true,"share_space_desktops":null}""");

    [Fact]
    public void A_filter_of_sessions_of_any_bytes_is_read_or_refused() => AssertReadOrRefused(
        body => SessionExportFilter.Read(body, new(), FakeClock.AtNine().GetUtcNow()).ToQuery(TenantId.New()),
        """{"user_name":"昇","query_begin_time":"2024-02-27T03:47:51.182Z","query_end_time":"2024-02-28T03:47Z","session_state":"Active,InitFail","is_success":"true","vm_ip":""}""");

    private static void AssertReadOrRefused(Func<JsonElement, object?> read, params string[] good)
    {
        var count = 0;
        Prop.ForAll(Broken.Bytes(good).ToArbitrary(), bytes =>
        {
            var request = new Microsoft.AspNetCore.Http.DefaultHttpContext().Request;
            request.Body = new MemoryStream(bytes);
            request.ContentType = "application/json";
            var found = OrRefused(() =>
            {
                using var body = RequestBody.ReadObjectAsync(request, CancellationToken.None).GetAwaiter().GetResult();
                return read(body.RootElement);
            });
            count += found is null ? 0 : 1;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Tries));

        Assert.NotEqual(0, count); // some were only scratched
    }

    private static T? OrRefused<T>(Func<T> read)
        where T : class?
    {
        try
        {
            return read();
        }
        catch (FaultException fault)
        {
            Assert.Contains(fault.Code, (FaultCode[])[FaultCode.Malformed, FaultCode.Unreadable, FaultCode.MediaType]);
            return null;
        }
    }
}
