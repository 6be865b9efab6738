using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Rollcall.Server.Identity;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Clients;

/// <summary>The official Node.js clients in a process of their own, and a server for them. One call at a time.</summary>
public sealed class SdkProcess : IAsyncLifetime
{
    private const string AnswerWord = "answer ";

    /// <summary>The client has no time limit of its own.</summary>
    private static readonly TimeSpan CallMax = TimeSpan.FromMinutes(1);

    private static readonly string Folder = Checkout.PathOf("tests", "clients", "node");

    private readonly List<string> said = [];
    private Process? process;
    private Task<string>? errors;

    internal RunningServer Server { get; private set; } = null!;

    internal BootstrapFile Bootstrap => Server.Bootstrap;

    /// <summary>What the clients have written to their log so far; they log every answer that is an error, with its headers.</summary>
    internal string Log => string.Join('\n', said);

    public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        await Server.DisposeAsync();
    }

    /// <summary>Skips the test where Node.js or the clients are not installed, and fails it on CI.</summary>
    internal static void Require()
    {
        RealPart.Require("nodejs", () => RealPart.IsInPath("node"));
        RealPart.RequireNpm("tests/clients/node", () => File.Exists(Path.Combine(Folder, "node_modules", ".installed")));
    }

    /// <summary>What an operator's access key is to the client.</summary>
    internal JsonObject Key(string? secret = null, string? project = null) => new()
    {
        ["kind"] = "basic",
        ["ak"] = Bootstrap.AccessKey,
        ["sk"] = secret ?? Bootstrap.SecretKey,
        ["projectId"] = project ?? Bootstrap.TenantId,
    };

    internal Task<SdkAnswer> GetAsync(string url, JsonObject? query = null, JsonObject? headers = null, string? responseType = null) =>
        SendAsync(Key(), Request("GET", url, query, headers, responseType));

    /// <param name="body">Null leaves the body out. The client signs a JSON null as nothing and sends it, so that is no call to make.</param>
    internal Task<SdkAnswer> PostAsync(string url, JsonObject? body)
    {
        var request = Request("POST", url);
        if (body is not null)
            request["data"] = body;
        return SendAsync(Key(), request);
    }

    /// <summary>A call by the core client, signed by the vendor's code.</summary>
    internal Task<SdkAnswer> SendAsync(JsonObject? credentials, JsonObject request, string? region = null) =>
        CallAsync(new JsonObject { ["credentials"] = credentials, ["request"] = request, ["region"] = region });

    /// <summary>A call by a method of the IAM client.</summary>
    internal Task<SdkAnswer> IamAsync(string method, JsonObject? argument = null) =>
        CallAsync(new JsonObject { ["credentials"] = Key(), ["method"] = method, ["argument"] = argument });

    /// <summary>The options that the vendor's generated methods hand to their core client.</summary>
    internal static JsonObject Request(string method, string url, JsonObject? query = null, JsonObject? headers = null, string? responseType = null) => new()
    {
        ["method"] = method,
        ["url"] = url,
        ["contentType"] = "application/json",
        ["pathParams"] = new JsonObject(),
        ["queryParams"] = query ?? [],
        ["headers"] = headers ?? [],
        ["axiosRequestConfig"] = responseType is null ? null : new JsonObject { ["responseType"] = responseType },
    };

    private async Task<SdkAnswer> CallAsync(JsonObject call)
    {
        Start();
        call["endpoint"] = Server.BaseAddress.ToString().TrimEnd('/');
        using var limit = new CancellationTokenSource(CallMax);
        await process!.StandardInput.WriteLineAsync(call.ToJsonString().AsMemory(), limit.Token);
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            if (line.StartsWith(AnswerWord, StringComparison.Ordinal))
                return SdkAnswer.Read(JsonElement.Parse(line[AnswerWord.Length..]));

            said.Add(line);
        }

        throw new InvalidOperationException($"the clients ended: {await errors!}");
    }

    private void Start()
    {
        Require();
        if (process is not null)
            return;

        var start = new ProcessStartInfo("node", ["sdk.js"])
        {
            WorkingDirectory = Folder,
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HUAWEICLOUD_SDK_AK"] = Bootstrap.AccessKey;
        start.Environment["HUAWEICLOUD_SDK_SK"] = Bootstrap.SecretKey;
        start.Environment["HUAWEICLOUD_SDK_IAM_ENDPOINT"] = Server.BaseAddress.ToString().TrimEnd('/');
        process = Process.Start(start)!;
        errors = process.StandardError.ReadToEndAsync();
    }
}

/// <summary>What the client handed to its caller.</summary>
/// <param name="Kind">The type of the value or of the exception; buffer and stream for bytes.</param>
/// <param name="Value">The object of an answer, or the members of an exception; undefined for bytes.</param>
internal sealed record SdkAnswer(string Kind, int? Status, JsonElement Value, byte[]? Bytes)
{
    public static SdkAnswer Read(JsonElement line) => new(
        line.GetProperty("kind").GetString()!,
        line.TryGetProperty("status", out var status) && status.ValueKind is JsonValueKind.Number ? status.GetInt32() : null,
        line.TryGetProperty("value", out var value) || line.TryGetProperty("error", out value) ? value : default,
        line.TryGetProperty("bytes", out var bytes) ? bytes.GetBytesFromBase64() : null);

    /// <summary>The answer's object, when the call went well.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.True(Kind is "Object" && Status is 200 or 201, $"{Kind} {Status} {Value}");
            return Value;
        }
    }

    /// <summary>A member of the exception; null when it has none of that name.</summary>
    public string? Error(string member) => Value.TryGetProperty(member, out var value) ? value.ToString() : null;
}
