using System.Text.RegularExpressions;
using Rollcall.Server.WebConsole;
using Rollcall.Tests.Dialects.Native;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.WebConsole;

/// <summary>How the console's page and files are served.</summary>
public sealed partial class ConsoleFileTests(NativeServer shared) : IClassFixture<NativeServer>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/sessions/0123456789abcdef")]
    [InlineData("/users/CORP%5Canna")]
    public async Task Every_view_is_the_one_page_under_a_policy_that_runs_nothing_inline(string path)
    {
        RequireBuilt();
        var first = (await Ask.Get(path).SendAsync(shared.Server.Http)).Is(200);
        var second = (await Ask.Get(path).SendAsync(shared.Server.Http)).Is(200);

        var policy = first.Header("Content-Security-Policy")!;
        var nonce = Nonce().Match(policy).Groups["nonce"].Value;
        Assert.Equal("text/html; charset=utf-8", first.ContentType);
        Assert.Equal("no-store", first.Header("Cache-Control"));
        Assert.Contains($"content=\"{nonce}\"", first.Text, StringComparison.Ordinal);
        Assert.NotEqual(policy, second.Header("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; ", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", first.Header("X-Content-Type-Options"));
        Assert.Equal("no-referrer", first.Header("Referrer-Policy"));
        Assert.DoesNotMatch("<script(?![^>]* src=)|<style| style=| on[a-z]+=", first.Text);
        Assert.DoesNotContain("://", first.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_are_kept_for_ever_and_sent_packed_to_who_takes_it()
    {
        RequireBuilt();
        var page = (await Ask.Get("/").SendAsync(shared.Server.Http)).Is(200).Text;
        var names = Asset().Matches(page).Select(match => match.Value).Distinct(StringComparer.Ordinal).ToList();

        Assert.NotEmpty(names);
        foreach (var name in names)
        {
            var plain = (await Ask.Get(name).SendAsync(shared.Server.Http)).Is(200);
            var packed = (await Ask.Get(name).With("Accept-Encoding", "br, gzip").SendAsync(shared.Server.Http)).Is(200);

            Assert.Equal("public, max-age=31536000, immutable", plain.Header("Cache-Control"));
            Assert.Equal("nosniff", plain.Header("X-Content-Type-Options"));
            Assert.Null(plain.Header("Content-Encoding"));
            Assert.Equal("gzip", packed.Header("Content-Encoding"));
            Assert.Equal("Accept-Encoding", packed.Header("Vary"));
            Assert.True(packed.Bytes.Length < plain.Bytes.Length);
        }
    }

    [Theory]
    [InlineData("/assets/nothing.js", "not-found")]
    [InlineData("/assets/..%2f..%2frollcalld.dll", "not-found")]
    [InlineData("/nowhere", "no-such-path")]
    public async Task What_the_console_does_not_have_is_a_problem_and_not_the_page(string path, string kind) =>
        (await Ask.Get(path).SendAsync(shared.Server.Http)).As(404, kind);

    [Fact]
    public void Without_a_build_there_is_no_page() =>
        Assert.Null(ConsoleFiles.Read(Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))).Page);

    private static void RequireBuilt() => RealPart.RequireNpm("web", () => File.Exists(Path.Combine(ConsoleFiles.Folder, "index.html")));

    [GeneratedRegex("'nonce-(?<nonce>[^']+)'", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Nonce();

    [GeneratedRegex("/assets/[^\"]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Asset();
}
