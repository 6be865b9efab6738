using System.Text;
using System.Text.Json;

namespace Rollcall.Cli.Native;

/// <summary>Puts a refusal of the server into words.</summary>
internal static class Refusal
{
    /// <summary>Longest text of the server repeated, in characters.</summary>
    private const int TextLengthMax = 2_000;

    public static async Task<NativeException> FromAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var status = (int)answer.StatusCode;
        var problem = TryParse(await answer.Content.ReadAsByteArrayAsync(cancel));
        var text = new StringBuilder($"The server refused ({status}): {problem?.Detail ?? problem?.Title ?? answer.ReasonPhrase}");
        foreach (var (field, expected) in problem?.Errors ?? [])
            text.Append($"\n  {field}: {WordsOf(expected)}");

        if (AdviceFor(status) is { } advice)
            text.Append($"\n{advice}");

        if (problem?.RequestId is { } id)
            text.Append($"\nRequest {id}");

        return new NativeException(text.Length > TextLengthMax ? text.ToString(0, TextLengthMax) : text.ToString(), status);
    }

    private static string? AdviceFor(int status) => status switch
    {
        401 => "Check --token (ROLLCALL_TOKEN), or --operator and --password (ROLLCALL_OPERATOR, ROLLCALL_PASSWORD).",
        403 => "Check --tenant (ROLLCALL_TENANT), and that the caller has the role this needs.",
        404 => "Check --tenant and the id. An older server may not know this path.",
        429 or 503 => "The server stayed busy. What was sent before is stored; run the same command again, nothing is stored twice.",
        _ => null,
    };

    private static string WordsOf(JsonElement expected) => expected.ValueKind == JsonValueKind.Array
        ? string.Join("; ", expected.EnumerateArray())
        : expected.ToString();

    private static ProblemJson? TryParse(byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, NativeJson.Default.ProblemJson);
        }
        catch (JsonException)
        {
            // A proxy in between answers in its own words; the status says enough.
            return null;
        }
    }
}
