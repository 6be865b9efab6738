using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Rollcall.Cli.Commands;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Cli;

/// <summary>The command line and servers on https, with authorities of one's own: believed when named, never otherwise, and told in words.</summary>
public sealed class SafeConnectionTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly TestAuthority authority = new();
    private readonly StringWriter output = new();
    private readonly StringWriter errors = new();

    [Fact]
    public async Task A_server_of_a_private_authority_is_believed_when_the_authority_is_named()
    {
        authority.Write(folder);
        await using var server = await StartAsync();
        var root = folder.File("root.pem");
        await File.WriteAllTextAsync(root, authority.RootPem);

        Assert.Equal((ExitCode.Ok, ""), (await AskAsync(server, "--ca-cert", root), errors.ToString()));
        Assert.Equal((ExitCode.Ok, ""), (await AskAsync(server, new KeyValuePair<string, string>("ROLLCALL_CA_CERT", root)), errors.ToString()));
    }

    [Fact]
    public async Task A_server_that_signed_for_itself_is_believed_when_its_certificate_is_named()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var self = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllTextAsync(folder.File("cert.pem"), self.ExportCertificatePem());
        await File.WriteAllTextAsync(folder.File("key.pem"), key.ExportPkcs8PrivateKeyPem());
        await using var server = await StartAsync();

        Assert.Equal(ExitCode.Failed, await AskAsync(server));
        Assert.Equal(ExitCode.Ok, await AskAsync(server, "--ca-cert", folder.File("cert.pem")));
    }

    [Fact]
    public async Task An_unknown_authority_is_not_believed_and_the_words_say_what_to_do()
    {
        authority.Write(folder);
        await using var server = await StartAsync();
        using var stranger = new TestAuthority();
        await File.WriteAllTextAsync(folder.File("stranger.pem"), stranger.RootPem);

        foreach (var more in (string[][])[[], ["--ca-cert", folder.File("stranger.pem")]])
        {
            errors.GetStringBuilder().Clear();
            Assert.Equal(ExitCode.Failed, await AskAsync(server, more));
            Assert.Equal(
                $"No safe connection to {server.Urls[0]}: its certificate comes from an authority that is not trusted here. Name the authority's certificate with --ca-cert FILE or ROLLCALL_CA_CERT.\n",
                errors.ToString());
        }
    }

    [Theory]
    [InlineData("rollcall.example.com", 20, "its certificate is for another name")]
    [InlineData("127.0.0.1", -1, "its certificate has expired")]
    public async Task A_certificate_that_does_not_hold_is_not_believed_although_its_authority_is(string name, int validDays, string sentence)
    {
        authority.Write(folder, new IssueTerms { Names = [name], ValidDays = validDays });
        await File.WriteAllTextAsync(folder.File("root.pem"), authority.RootPem);
        await using var server = await StartAsync();

        Assert.Equal(ExitCode.Failed, await AskAsync(server, "--ca-cert", folder.File("root.pem")));
        Assert.Contains(sentence, errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_wrong_scheme_is_named_both_ways()
    {
        authority.Write(folder);
        await using var safe = await StartAsync();
        await using var plain = await ListeningProcess.StartAsync("--urls", "http://127.0.0.1:0");

        Assert.Equal(ExitCode.Failed, await RunAsync($"http://127.0.0.1:{safe.Port}", []));
        Assert.Contains("write https instead of http.", errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, await RunAsync($"https://127.0.0.1:{plain.Port}", []));
        Assert.Contains("write http instead of https.", errors.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none.pem")]
    [InlineData("none/at/all.pem")]
    [InlineData(".")]
    [InlineData("key.pem")]
    [InlineData("broken.pem")]
    public async Task A_file_without_authorities_is_a_mistake_in_the_command_line(string name)
    {
        authority.Write(folder);
        await File.WriteAllTextAsync(folder.File("broken.pem"), PemEncoding.WriteString("CERTIFICATE", [1, 2, 3]));

        Assert.Equal(ExitCode.Usage, await RunAsync("https://127.0.0.1:1", [], "--ca-cert", folder.File(name)));
        Assert.StartsWith($"--ca-cert {folder.File(name)} ", errors.ToString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        authority.Dispose();
        folder.Dispose();
        output.Dispose();
        errors.Dispose();
    }

    private Task<ListeningProcess> StartAsync() => ListeningProcess.StartAsync(
        "--urls", "https://127.0.0.1:0", "--tls-cert", folder.File("cert.pem"), "--tls-key", folder.File("key.pem"));

    private Task<int> AskAsync(ListeningProcess server, params string[] more) =>
        RunAsync(server.Urls[0].ToString(), [], [.. more, "--data", server.DataPath]);

    private Task<int> AskAsync(ListeningProcess server, KeyValuePair<string, string> variable) =>
        RunAsync(server.Urls[0].ToString(), [variable], "--data", server.DataPath);

    private Task<int> RunAsync(string server, IReadOnlyList<KeyValuePair<string, string>> variables, params string[] more)
    {
        var context = new CliContext
        {
            Out = output,
            Error = errors,
            Time = TimeProvider.System,
            Variable = name => variables.FirstOrDefault(variable => variable.Key == name).Value,
            IsWatched = false,
        };
        string[] who = more.Contains("--data", StringComparer.Ordinal) ? [] : ["--tenant", "t", "--token", "t"];
        return RollcallCommand.InvokeAsync(context, ["sessions", "--server", server, .. who, .. more], CancellationToken.None);
    }
}
