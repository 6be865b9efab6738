using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Rollcall.Tests.Support;

/// <summary>A bad store of objects: in front of a real one, it loses the last part of every upload and says that all is well.</summary>
internal sealed class LosingS3Proxy : IAsyncDisposable
{
    private readonly HttpClient store;
    private readonly WebApplication app;

    private LosingS3Proxy(Uri address)
    {
        store = new HttpClient { BaseAddress = address };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        app.Run(PassAsync);
    }

    public string Address => app.Urls.Single();

    /// <param name="store">The real one.</param>
    public static async Task<LosingS3Proxy> StartAsync(Uri store)
    {
        var proxy = new LosingS3Proxy(store);
        await proxy.app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        store.Dispose();
    }

    private async Task PassAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var isEnd = context.Request.Method == HttpMethods.Post && context.Request.Query.ContainsKey("uploadId");
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), context.Request.Path + context.Request.QueryString)
        {
            Content = new ByteArrayContent(isEnd ? WithoutLastPart(body) : body.ToArray()),
        };
        foreach (var (name, values) in context.Request.Headers.Where(header => header.Key is not ("Host" or "Content-Length")))
        {
            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                request.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        using var answer = await store.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Connection" or "Keep-Alive")))
            context.Response.Headers[name] = values.ToArray();
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private static byte[] WithoutLastPart(MemoryStream body)
    {
        body.Position = 0;
        var parts = XDocument.Load(body);
        parts.Root!.Elements().Last(element => element.Name.LocalName == "Part").Remove();
        using var rest = new MemoryStream();
        parts.Save(rest);
        return rest.ToArray();
    }
}
