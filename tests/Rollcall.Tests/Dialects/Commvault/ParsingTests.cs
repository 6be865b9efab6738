using System.Text;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Rollcall.Core;
using Rollcall.Server.Dialects.Commvault;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.Commvault;

/// <summary>What is read from untrusted text: bodies of Login, Accept, paths.</summary>
public sealed class ParsingTests
{
    private static readonly string[] Bodies =
    [
        """{"mode":4,"username":"jsmith","password":"Y29ycmVjdA==","domain":"corp","timeout":30,"deviceId":"lt \ud83d\ude00"}""",
        """<?xml version="1.0" encoding="UTF-8"?><DM2ContentIndexing_CheckCredentialReq username="jsmith" password="Y29y" timeout="5">&#x41;</DM2ContentIndexing_CheckCredentialReq>""",
    ];

    private static readonly Gen<byte[]> Bytes = ArbMap.Default.GeneratorFor<byte[]>();

    /// <summary>A good body with some bytes of it replaced by others, or bytes without any order.</summary>
    private static readonly Gen<byte[]> BrokenBodies = Gen.OneOf(
        Bytes,
        from body in Gen.Elements(Bodies)
        from at in Gen.Choose(0, body.Length)
        from cut in Gen.Choose(0, 6)
        from put in Gen.OneOf(Bytes, Gen.Elements("\"", "<!DOCTYPE a []>", "&x;", "\\u", "null", "{", "]]>", "utf-7", "\uFEFF").Select(Encoding.UTF8.GetBytes))
        select Replaced(Encoding.UTF8.GetBytes(body), at, cut, put));

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/xml")]
    [InlineData("text/xml; charset=utf-16")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public void A_login_of_any_bytes_is_read_or_refused(string? type)
    {
        var read = 0;
        Prop.ForAll(BrokenBodies.ToArbitrary(), bytes =>
        {
            try
            {
                var request = LoginRequest.From(MemberBody.Read(type, bytes, LoginRequest.Body), "rollcall");
                Assert.InRange(request.Name.Length, 1, 256);
                read++;
            }
            catch (FaultException fault)
            {
                Assert.Contains(fault.Code, (FaultCode[])[FaultCode.Malformed, FaultCode.Unreadable, FaultCode.MediaType]);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

        Assert.Equal(type is "application/json" or "application/xml" or "text/xml; charset=utf-16", read > 0); // some were only scratched
    }

    [Theory]
    [InlineData("application/json", """{"sessions":[{"val":"EMCAE92D1DD-0C68-49A6-BEBB-404D96D7A4BF"},{"val":"x"}]}""")]
    [InlineData("application/xml", """<?xml version="1.0"?><Api_LogoffUsersRequest><sessions val="AE92D1DD-0C68-49A6-BEBB-404D96D7A4BF"/><sessions val="x"/></Api_LogoffUsersRequest >""")]
    public void A_logoff_of_any_bytes_is_read_or_refused(string type, string good)
    {
        var known = Guid.Parse("AE92D1DD-0C68-49A6-BEBB-404D96D7A4BF");
        Assert.Equal([known], LogoffRequest.Read(type, Encoding.UTF8.GetBytes(good)).SignIns);

        Prop.ForAll(Broken.Bytes(good).ToArbitrary(), bytes =>
        {
            try
            {
                LogoffRequest.Read(type, bytes);
            }
            catch (FaultException fault)
            {
                Assert.Contains(fault.Code, (FaultCode[])[FaultCode.Malformed, FaultCode.Unreadable]);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Fact]
    public void An_accept_header_of_any_text_is_read()
    {
        var part = Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Select(text => text ?? string.Empty),
            Gen.Elements("application/xml", "text/xml", "*/*", "application/json", ";q=", "0.5", "1", ",", ";", "\"", "q=2", "=", "/"));
        var preferred = 0;

        Prop.ForAll(part.ListOf().ToArbitrary(), parts =>
        {
            if (AcceptHeader.PrefersXml(string.Concat(parts)))
                preferred++;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

        Assert.NotEqual(0, preferred);
    }

    [Theory]
    [InlineData("application/xml", true)]
    [InlineData("text/xml;q=0.1", true)]
    [InlineData("application/json;q=0.5, application/xml;q=0.6", true)]
    [InlineData("application/json;q=0, application/xml;q=0.1, */*", true)]
    [InlineData("*/*;q=0.1, text/xml", true)]
    [InlineData("application/xml, application/json", false)]
    [InlineData("application/xml, */*", false)]
    [InlineData("application/xml;q=0.5, application/*", false)]
    [InlineData("application/xml;q=0", false)]
    [InlineData("application/soap+xml", false)]
    [InlineData("text/*", false)]
    [InlineData("", false)]
    public void Xml_must_be_named_and_outrank_json(string accept, bool isXml) => Assert.Equal(isXml, AcceptHeader.PrefersXml(accept));

    [Theory]
    [InlineData("//commandcenter///api//Session//", "/commandcenter/api/Session/")]
    [InlineData("/commandcenter/api/Session", "/commandcenter/api/Session")]
    [InlineData("", "")]
    public void Slashes_collapse(string path, string collapsed) => Assert.Equal(collapsed, CommvaultRoots.Collapse(new PathString(path)).Value);

    [Fact]
    public void Any_message_can_stand_in_xml() => Prop.ForAll(ArbMap.Default.GeneratorFor<char[]>().ToArbitrary(), characters =>
    {
        var text = new string(characters);

        var xml = Encoding.UTF8.GetString(CommvaultXml.Document(new CommvaultErrorJson(text, 1)));

        Assert.Equal(CommvaultXml.Legal(text), XElement.Parse(xml).Attribute("errorMessage")!.Value);
    }).QuickCheckThrowOnFailure();

    private static byte[] Replaced(byte[] body, int at, int cut, byte[] put) =>
        [.. body.Take(at), .. put, .. body.Skip(at + cut)];
}
