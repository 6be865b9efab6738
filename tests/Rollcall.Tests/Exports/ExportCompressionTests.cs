using Rollcall.Core.Tabular;
using Rollcall.Server.Configuration;

namespace Rollcall.Tests.Exports;

public sealed class ExportCompressionTests
{
    [Theory]
    [InlineData("rows", XlsxCompression.Rows)]
    [InlineData("stream", XlsxCompression.Stream)]
    public void A_setting_chooses_the_deflate_of_workbooks(string value, XlsxCompression chosen) =>
        Assert.Equal(chosen, ServerConfiguration.Read(["--Exports:Compression", value]).Exports.XlsxCompression());

    [Fact]
    public void Another_value_stops_the_start_with_a_sentence() =>
        Assert.Equal("Exports:Compression must be rows or stream", Assert.Throws<SettingException>(() => ServerConfiguration.Read(["--Exports:Compression", "zip"])).Message);
}
