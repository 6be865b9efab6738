using System.Net.Mime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Rollcall.Bench.Work;

/// <summary><c>ready-made FILE</c>: Kestrel, as the server has it, with the file's bytes for every answer; prints where it listens.</summary>
internal static class ReadyMade
{
    public static async Task<int> RunAsync(string file, CancellationToken cancel)
    {
        var bytes = await File.ReadAllBytesAsync(file, cancel);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.Run(async context =>
        {
            context.Response.ContentType = MediaTypeNames.Application.Json;
            context.Response.ContentLength = bytes.Length;
            await context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted);
        });
        await app.StartAsync(cancel);
        Console.WriteLine(app.Urls.Single());
        await HostingAbstractionsHostExtensions.WaitForShutdownAsync(app, cancel);
        return 0;
    }
}
