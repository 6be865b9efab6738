using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Core;
using Rollcall.Server.Dialects.Native.Exports;
using Rollcall.Core.Identity;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native;

/// <summary>The API of our own: refusals are problem details (RFC 9457).</summary>
internal sealed class NativeDialect : IDialect
{
    private const string ContentType = "application/problem+json";

    /// <summary>The last resort: what no vendor's prefix claims is ours.</summary>
    public bool Owns(PathString path) => true;

    public Task RefuseAsync(HttpContext context, FaultException fault)
    {
        var status = StatusOf(fault.Code);
        context.Response.StatusCode = status;
        if (fault.Code is FaultCode.NotSignedIn)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        var problem = new Problem(
            $"urn:rollcall:refusal:{JsonNamingPolicy.KebabCaseLower.ConvertName(fault.Code.ToString())}",
            TitleOf(fault.Code),
            status,
            fault.Missing is { } missing ? $"{fault.Message}: {WordOf(missing)} is missing" : fault.Message,
            fault.Field is { } field ? new Dictionary<string, string>(StringComparer.Ordinal) { [field] = fault.Message } : null,
            context.TraceIdentifier);
        return context.Response.WriteAsJsonAsync(problem, NativeJson.Wire.Problem, ContentType, context.RequestAborted);
    }

    /// <summary>The permission as the native API spells it.</summary>
    public static string WordOf(Permission permission) => JsonNamingPolicy.KebabCaseLower.ConvertName(permission.ToString());

    private static int StatusOf(FaultCode code) => code switch
    {
        FaultCode.Malformed or FaultCode.Unreadable => StatusCodes.Status400BadRequest,
        FaultCode.NotSignedIn => StatusCodes.Status401Unauthorized,
        FaultCode.NotAllowed => StatusCodes.Status403Forbidden,
        FaultCode.NoSuchPath or FaultCode.NotFound => StatusCodes.Status404NotFound,
        FaultCode.Method => StatusCodes.Status405MethodNotAllowed,
        FaultCode.Conflict => StatusCodes.Status409Conflict,
        FaultCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        FaultCode.MediaType => StatusCodes.Status415UnsupportedMediaType,
        FaultCode.TooBusy => StatusCodes.Status429TooManyRequests,
        FaultCode.Failed => StatusCodes.Status500InternalServerError,
        FaultCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
        FaultCode.None => throw new ArgumentOutOfRangeException(nameof(code), code, "not a refusal"),
    };

    private static string TitleOf(FaultCode code) => code switch
    {
        FaultCode.Malformed => "A parameter is wrong",
        FaultCode.Unreadable => "The body cannot be read",
        FaultCode.NotSignedIn => "Not signed in",
        FaultCode.NotAllowed => "Not allowed",
        FaultCode.NoSuchPath => "No such path",
        FaultCode.NotFound => "Not found",
        FaultCode.Method => "Method not allowed",
        FaultCode.Conflict => "Conflict",
        FaultCode.TooLarge => "Too large",
        FaultCode.MediaType => "Unsupported media type",
        FaultCode.TooBusy => "Too many requests",
        FaultCode.Failed => "Failed",
        FaultCode.Unavailable => "Unavailable",
        FaultCode.None => throw new ArgumentOutOfRangeException(nameof(code), code, "not a refusal"),
    };
}

/// <summary>RFC 9457 problem details with the fields at fault and the request's id.</summary>
internal sealed record Problem(
    string Type, string Title, int Status, string Detail, IReadOnlyDictionary<string, string>? Errors, string RequestId);

/// <summary>Instants as RFC 3339, UTC, milliseconds.</summary>
internal sealed class InstantJson : JsonConverter<DateTimeOffset>
{
    private const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("the native API reads times as text and says itself what is wrong with them");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never,
    Converters = [typeof(InstantJson)])]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(ReceiptJson))]
[JsonSerializable(typeof(RemovedJson))]
[JsonSerializable(typeof(RetentionJson))]
[JsonSerializable(typeof(SessionListJson))]
[JsonSerializable(typeof(SessionDetailJson))]
[JsonSerializable(typeof(SessionJson))]
[JsonSerializable(typeof(JoinedJson))]
[JsonSerializable(typeof(ResetJson))]
[JsonSerializable(typeof(ListJson<FleetHostJson>))]
[JsonSerializable(typeof(FleetHostDetailJson))]
[JsonSerializable(typeof(ListJson<HostGroupJson>))]
[JsonSerializable(typeof(FleetHealthJson))]
[JsonSerializable(typeof(ConnectionListJson))]
[JsonSerializable(typeof(SignInListJson))]
[JsonSerializable(typeof(ConcurrencyJson))]
[JsonSerializable(typeof(SummaryJson))]
[JsonSerializable(typeof(UsageJson))]
[JsonSerializable(typeof(UserListJson))]
[JsonSerializable(typeof(UserJson))]
[JsonSerializable(typeof(UserImportJson))]
[JsonSerializable(typeof(ListJson<TenantJson>))]
[JsonSerializable(typeof(ListJson<OperatorJson>))]
[JsonSerializable(typeof(ListJson<ApiTokenJson>))]
[JsonSerializable(typeof(ListJson<AccessKeyJson>))]
[JsonSerializable(typeof(NewApiTokenJson))]
[JsonSerializable(typeof(NewAccessKeyJson))]
[JsonSerializable(typeof(ExportJson))]
[JsonSerializable(typeof(ListJson<ExportJson>))]
[JsonSerializable(typeof(ManifestJson))]
[JsonSerializable(typeof(ScheduleJson))]
[JsonSerializable(typeof(ScheduleListJson))]
[JsonSerializable(typeof(SignedInJson))]
[JsonSerializable(typeof(MeJson))]
[JsonSerializable(typeof(TenantJson))]
[JsonSerializable(typeof(OperatorJson))]
internal sealed partial class NativeJson : JsonSerializerContext
{
    /// <summary>As it goes out: names in every script as themselves.</summary>
    public static NativeJson Wire => field ??= new(JsonText.Readable(Default.Options));
}
