using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Dialects.HuaweiWorkspace;

/// <summary>What every refusal of this dialect looks like (design 3b), and the values that are wrong everywhere.</summary>
internal static class Refused
{
    public const string Parameter = "WKS.00211102", Body = "WKS.00139901", NotSignedIn = "APIGW.0301", NotAllowed = "WKS.00081102", NoPath = "APIGW.0101",
        NotFound = "WKS.00211902", Method = "WKS.00000405", TooLarge = "APIGW.0201", MediaType = "WKS.00000415";

    /// <summary>As they stand in an address. The first is misprinted on a page of the vendor.</summary>
    public static readonly string[] Times =
    [
        "2024-02-27T03:47.%2051.182Z", "2024-02-27", "2024-02-27T03Z", "2024-02-27T", "2024-13-01T00:00Z", "2024-00-01T00:00Z", "2024-01-00T00:00Z",
        "2024-02-30T00:00Z", "2023-02-29T00:00Z", "2024-02-27T24:00Z", "2024-02-27T23:60Z", "2024-02-27T23:59:60Z", "2024-02-27T03:47:51.1234567890Z",
        "2024-02-27T03:47:51ZZ", "2024-02-27T03:47:51Z%20", "%202024-02-27T03:47:51Z", "2024-2-27T3:47Z", "24-02-27T03:47Z", "1709005671", "now", "%2B2024-02-27T03:47Z",
        "2024-02-27T03:47:51%2B15:00", "2024-02-27T03:47:51%2B08:60", "2024-02-27T03:47:51%2B8", "2024-02-27T03:47:51%2B", "0000-01-01T00:00Z",
        "0001-01-01T00:00%2B14:00", "9999-12-31T23:59-14:00", "2024-02-27T03:47:5%00Z", "2024-02-27T03:4%00Z", "2024-02-27T03:47:51%2B08:0%00",
        "2024-02-27T03:47:51Z%00", "2024-02-27T03:47:51Z%0A", "%EF%BC%92024-02-27T03:47Z", "2024/02/27T03:47Z", "2024-02-27T03:47:51,5Z", "Tue,%2027%20Feb%202024%2003:47:51%20GMT",
        "2024-02-27T03:47:51.123456789%2B08:000000000000000",
    ];

    public static readonly string[] Limits =
        ["0", "-1", "-0", "101", "1.5", "1e1", "ten", "%2B5", "%205", "5%20", "2147483648", "99999999999999999999", "1%00", "%D9%A3", "0x10", "1,0", "%00"];

    public static readonly string[] Offsets = ["-1", "x", "2147483648", "1.0", "0%00", "%20", "NaN"];

    public static readonly string[] Flags = ["TRUE", "True", "1", "yes", "true%20", "true,false", "null", "true%00"];

    public static readonly string[] Controls = ["a%00", "%01", "a%0Ab", "a%0D", "a%09b", "a%7F", "%C2%85"];

    /// <summary>The refusal has this status and code, says <paramref name="word"/>, and tells nothing that it should not.</summary>
    public static JsonElement As(this Answer answer, int status, string code, string word = "")
    {
        var error = answer.Is(status).Json;
        Assert.Equal(code, error.GetProperty("error_code").GetString());
        Assert.Contains(word, error.GetProperty("error_msg").GetString(), StringComparison.Ordinal);
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal(32, answer.Header("X-Request-Id")!.Length);
        Assert.Equal(code.StartsWith("APIGW", StringComparison.Ordinal), error.TryGetProperty("request_id", out var id));
        if (id.ValueKind is JsonValueKind.String)
            Assert.Equal(answer.Header("X-Request-Id"), id.GetString());
        Assert.DoesNotContain("   at ", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", answer.Text, StringComparison.Ordinal);
        return error;
    }

    /// <summary>Every name with each of its values, as rows of a theory.</summary>
    public static TheoryData<string, string> Rows(params IEnumerable<(string Name, string[] Values)> all)
    {
        var rows = new TheoryData<string, string>();
        foreach (var (name, values) in all)
        {
            foreach (var value in values)
                rows.Add(name, value);
        }

        return rows;
    }

    public static string Long(int length) => new('a', length);
}
