using System.Reflection;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Rollcall.Server.Operations;

/// <summary>A parameter that a handler reads from the request itself; put on a route group or a route for the OpenAPI document.</summary>
internal sealed record ApiParameter(string Name, ParameterLocation In, string Description);

/// <summary>Chapters of the page that shows the API.</summary>
internal static class ApiChapters
{
    public static RouteGroupBuilder Chapter(this RouteGroupBuilder group, string title) => group.MapGroup(string.Empty).WithTags(title);
}

/// <summary>
/// Completes what the framework sees of an operation: the answer from the handler's own return type, the path's parameters and
/// those that are bound with the caller. Taken from the routes, it cannot go stale.
/// </summary>
internal sealed class AnswerSchemas : IOpenApiOperationTransformer
{
    private const string Refused = "default";

    public async Task TransformAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellationToken)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        AddParameters(operation, context.Description.RelativePath ?? string.Empty, metadata.OfType<ApiParameter>());
        operation.Responses ??= [];
        operation.Responses[Refused] = new OpenApiResponse { Description = "A refusal, in this API's own error body" };
        if (metadata.OfType<MethodInfo>().FirstOrDefault() is not { } handler || AnswerOf(handler.ReturnType) is not { } answer)
            return;

        var schema = await context.GetOrCreateSchemaAsync(answer, parameterDescription: null, cancellationToken);
        var status = operation.Responses.Keys.FirstOrDefault(key => key.StartsWith('2')) ?? "200";
        operation.Responses[status] = new OpenApiResponse
        {
            Description = status is "201" ? "Created" : "OK",
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/json"] = new() { Schema = schema } },
        };
    }

    private static void AddParameters(OpenApiOperation operation, string path, IEnumerable<ApiParameter> own)
    {
        operation.Parameters ??= [];
        var inPath = path.Split('{').Skip(1).Select(part => new ApiParameter(part[..part.IndexOf('}', StringComparison.Ordinal)], ParameterLocation.Path, string.Empty));
        foreach (var parameter in inPath.Concat(own).Where(parameter => operation.Parameters.All(known => known.Name != parameter.Name)))
        {
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = parameter.In,
                Required = parameter.In is ParameterLocation.Path,
                Description = parameter.Description.Length > 0 ? parameter.Description : null,
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    private static Type? AnswerOf(Type type)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>))
            type = type.GetGenericArguments()[0];
        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(JsonHttpResult<>) ? type.GetGenericArguments()[0] : null;
    }
}
