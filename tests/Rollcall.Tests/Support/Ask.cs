using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Rollcall.Tests.Support;

/// <summary>One request as a client writes it: nothing is checked, corrected or added on the way.</summary>
internal sealed record Ask(string Method, string Path)
{
    /// <summary>Goes out as X-Auth-Token; null sends none.</summary>
    public string? Token { get; init; }

    /// <summary>Null sends no body at all.</summary>
    public byte[]? Body { get; init; }

    public string? ContentType { get; init; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public static Ask Get(string path, string? token = null) => new("GET", path) { Token = token };

    public static Ask Post(string path, string body, string? token = null) => new("POST", path) { Token = token, Body = Encoding.UTF8.GetBytes(body), ContentType = "application/json" };

    public Ask With(string name, string value) => this with { Headers = [.. Headers, (name, value)] };

    public async Task<Answer> SendAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(new HttpMethod(Method), Path);
        if (Body is not null)
            request.Content = new ByteArrayContent(Body);
        if (ContentType is not null)
            (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation("Content-Type", ContentType);
        if (Token is not null)
            request.Headers.TryAddWithoutValidation("X-Auth-Token", Token);
        foreach (var (name, value) in Headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(), response.Headers, response.Content.Headers);
    }
}

/// <summary>What came back, whole.</summary>
internal sealed record Answer(int Status, byte[] Bytes, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public JsonElement Json => JsonElement.Parse(Text);

    public string? ContentType => ContentHeaders.ContentType?.ToString();

    /// <summary>The one value of a header; null when it is not there.</summary>
    public string? Header(string name) =>
        Headers.TryGetValues(name, out var values) || ContentHeaders.TryGetValues(name, out values) ? Assert.Single(values) : null;

    /// <summary>This answer, when it has the status; else the test fails with what was said.</summary>
    public Answer Is(int status)
    {
        Assert.True(Status == status, string.Create(CultureInfo.InvariantCulture, $"expected {status}, got {Status}: {Text}"));
        return this;
    }
}
