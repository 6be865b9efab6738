using System.Text;
using Rollcall.Server.Dialects.HuaweiWorkspace.Signatures;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace.Signatures;

/// <summary>What a signature covers, against the vendor's vectors and the bytes its SDKs sent.</summary>
public sealed class SignedRequestTests
{
    private const string GuideKey = "QTWAOYTTINDUT2QVKYUC";
    private const string GuideSecret = "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc";
    private const string Listing = "/v1/a4da8115c9d8464ead3a38309130523f/session/list-sessions?limit=10&offset=0&query_begin_time=2024-02-26T03%3A47%3A51.182Z&query_end_time=2024-02-28T17%3A47%3A51.182Z";

    /// <summary>Contract 6.4, vectors A to D: access key, secret, method, target, headers signed in this order, body, signature.</summary>
    public static TheoryData<string, string, string, string, string, string, string> Vectors => new()
    {
        { "A", GuideSecret, "GET", "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0", "content-type:application/json|host:service.region.example.com|x-sdk-date:20191115T033655Z", "", "7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe" },
        { "B", "SecretKey", "GET", "/resources?size=1", "host:service.endpoint.myhuaweicloud.com|x-sdk-date:20200608T023900Z", "", "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842" },
        { "B with a body", "SecretKey", "POST", "/resources?size=1", "host:service.endpoint.myhuaweicloud.com|x-sdk-date:20200608T023900Z", """{"name":"test","id":1}""", "436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f" },
        { "C", "SecretKey", "GET", "/path?limit=1", "x-sdk-date:20060102T150405Z", "", "5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624" },
        { "D as Python signs", GuideSecret, "GET", Listing, "content-type:application/json|host:127.0.0.1:8080|user-agent:ua/1|x-project-id:a4da8115c9d8464ead3a38309130523f|x-sdk-date:20240301T000000Z", "", "fb4c4b29769d70d284ee6fadbc8bb04a63aa2ff0708bd7f3be5131b7de14accd" },
        { "D as Go signs", GuideSecret, "GET", Listing, "user-agent:ua/1|x-project-id:a4da8115c9d8464ead3a38309130523f|x-sdk-date:20240301T000000Z", "", "a696000449e57be98efba095a672ae5b36e05c3b4e357ce2fe93d707683b263a" },
        { "D as .NET signs", GuideSecret, "GET", Listing, "host:127.0.0.1|user-agent:ua/1|x-project-id:a4da8115c9d8464ead3a38309130523f|x-sdk-date:20240301T000000Z", "", "f411e20899ef6e3e7631eef36669d7e40c24c8a58235d19899607e993cc2fee8" },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void The_vendors_vectors_verify(string vector, string secret, string method, string target, string headers, string body, string signature)
    {
        var values = headers.Split('|').Select(header => header.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        var request = new SignedRequest(method, target, name => values.GetValueOrDefault(name, ""), Encoding.UTF8.GetBytes(body));
        var authorization = $"SDK-HMAC-SHA256 Access={GuideKey}, SignedHeaders={string.Join(';', values.Keys)}, Signature={signature}";
        var header = SignatureHeader.TryRead(authorization, values["x-sdk-date"])!;

        Assert.True(request.IsSignedWith(Encoding.UTF8.GetBytes(secret), header), vector);
        Assert.False(request.IsSignedWith(Encoding.UTF8.GetBytes(secret + "x"), header), vector);
    }

    [Theory]
    [MemberData(nameof(RecordedRequest.Names), MemberType = typeof(RecordedRequest))]
    public void Every_request_that_an_sdk_sent_verifies(string name)
    {
        var recorded = RecordedRequest.Read(name);

        Assert.True(Verifies(recorded));
    }

    [Theory]
    [MemberData(nameof(RecordedRequest.Names), MemberType = typeof(RecordedRequest))]
    public void No_request_verifies_once_any_signed_byte_is_another(string name)
    {
        var recorded = RecordedRequest.Read(name);
        var positions = recorded.SignedPositions.ToArray();

        Assert.True(positions.Length > 100);
        foreach (var by in "x~0Z\""u8.ToArray())
            Assert.All(positions.Where(position => recorded.Bytes[position] != by), position => Assert.False(Verifies(recorded.Changed(position, by)), $"byte {position} by {(char)by}"));
    }

    [Theory]
    [InlineData("/a?x=1&y", "/a?y=&x=1")]
    [InlineData("/a?t=2024-02-26T03:47:51Z&s=a,b", "/a?s=a%2Cb&t=2024-02-26T03%3a47%3A51Z")]
    [InlineData("/a?n=one two", "/a?n=one+two")]
    [InlineData("/a?n=one%20two", "/a?n=one+two")]
    [InlineData("/a/?x=1", "/a?x=1")]
    [InlineData("/a%7Eb/ü", "/a~b/%C3%BC")]
    [InlineData("/a?u=b&u=a", "/a?u=a&u=b")]
    [InlineData("/a?", "/a")]
    [InlineData("/a?x=%zz%4", "/a?x=%25zz%254")]
    [InlineData("/a?x=a=b", "/a?x=a%3Db")]
    public void Targets_that_sdks_write_differently_are_signed_alike(string one, string other) => Assert.Equal(CanonicalOf(one), CanonicalOf(other));

    [Theory]
    [InlineData("/a?x=1", "/a?x=2")]
    [InlineData("/a/b", "/a%2Fc")]
    [InlineData("/a//b", "/a/b")]
    [InlineData("/a?x=1&x=1", "/a?x=1")]
    [InlineData("/a?x=%C3%BC", "/a?x=%FC")]
    [InlineData("/A", "/a")]
    [InlineData("/a+b", "/a%20b")]
    public void Targets_that_mean_something_else_are_not(string one, string other) => Assert.NotEqual(CanonicalOf(one), CanonicalOf(other));

    [Theory]
    [InlineData("")]
    [InlineData("SDK-HMAC-SHA256")]
    [InlineData("SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date")]
    [InlineData("SDK-HMAC-SHA256 Access=, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Access=a, SignedHeaders=, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Access=a, Access=b, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=S, More=x")]
    [InlineData("SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=123")]
    [InlineData("SDK-HMAC-SM3 Access=a, SignedHeaders=x-sdk-date, Signature=S")]
    [InlineData("sdk-hmac-sha256 Access=a, SignedHeaders=x-sdk-date, Signature=S")]
    public void A_header_out_of_form_is_none(string authorization) =>
        Assert.Null(SignatureHeader.TryRead(authorization.Replace("=S", "=" + new string('0', 64), StringComparison.Ordinal), "20240301T000000Z"));

    [Theory]
    [InlineData("")]
    [InlineData("2024-03-01T00:00:00Z")]
    [InlineData("20240301T000000")]
    [InlineData("20240231T000000Z")]
    [InlineData(" 20240301T000000Z")]
    public void A_date_out_of_form_is_none(string date) =>
        Assert.Null(SignatureHeader.TryRead("SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature=" + new string('0', 64), date));

    private static bool Verifies(RecordedRequest recorded) =>
        recorded.Signature is { } signature && recorded.Request.IsSignedWith(Encoding.UTF8.GetBytes(RecordedRequest.SecretKey), signature);

    private static string CanonicalOf(string target) => new SignedRequest("GET", target, _ => "", ReadOnlyMemory<byte>.Empty).Canonical(["x-sdk-date"], "");
}
