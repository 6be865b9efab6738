using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.OpenApi;

namespace Rollcall.Server.Operations;

/// <summary>One OpenAPI 3.1 document a dialect, generated from the routes, and a page to read them.</summary>
internal static class ApiDocuments
{
    private static readonly (string Name, string Title)[] All =
    [
        ("native", "Rollcall native API"),
        ("huawei-workspace", "Huawei Cloud Workspace dialect"),
        ("commvault", "Commvault dialect"),
    ];

    private const string Page = "/docs";

    public static void Add(IServiceCollection services)
    {
        // For the documents alone: every dialect writes its JSON by a context of its own.
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict; // or every number would also be described as text
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower));
        });
        foreach (var (name, title) in All)
        {
            services.AddOpenApi(name, options =>
            {
                options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
                options.AddOperationTransformer<AnswerSchemas>();
                options.AddDocumentTransformer((document, _, _) =>
                {
                    document.Info.Title = title;
                    document.Info.Version = typeof(ApiDocuments).Assembly.GetName().Version!.ToString(3);
                    document.Servers = [];
                    return Task.CompletedTask;
                });
            });
        }
    }

    public static void Map(WebApplication app)
    {
        app.MapOpenApi("/openapi/{documentName}.json");
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Page, StringComparison.OrdinalIgnoreCase), page => page.Use(ProtectAsync));
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = Page[1..];
            page.DocumentTitle = "Rollcall API";
            foreach (var (name, title) in All)
                page.SwaggerEndpoint($"/openapi/{name}.json", title);
        });
    }

    /// <summary>Scripts of the server's own files alone. The page styles its elements one by one, which only the word inline allows.</summary>
    private static Task ProtectAsync(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        context.Response.Headers.XFrameOptions = "DENY";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    }
}
