using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Rollcall.Cli.Events;

namespace Rollcall.Cli.Native;

/// <summary>Every JSON shape the command line reads or writes.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(UtcMillisecondsConverter)])]
[JsonSerializable(typeof(LedgerEvent))]
[JsonSerializable(typeof(List<EventRosterEntry>))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(Bootstrap))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(UsersReceipt))]
[JsonSerializable(typeof(ProblemJson))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(SignInAnswer))]
[JsonSerializable(typeof(NewTenantRequest))]
[JsonSerializable(typeof(NewOperatorRequest))]
[JsonSerializable(typeof(NewTokenRequest))]
[JsonSerializable(typeof(NewAccessKeyRequest))]
[JsonSerializable(typeof(CloseRequest))]
[JsonSerializable(typeof(CorrectRequest))]
[JsonSerializable(typeof(NewExportRequest))]
[JsonSerializable(typeof(NewScheduleRequest))]
[JsonSerializable(typeof(ExportAnswer))]
[JsonSerializable(typeof(CreatedAnswer))]
[JsonSerializable(typeof(PageAnswer))]
internal sealed partial class NativeJson : JsonSerializerContext;

/// <summary>RFC 3339, UTC, milliseconds: the only form of time on the native wire.</summary>
internal sealed class UtcMillisecondsConverter : JsonConverter<DateTimeOffset>
{
    public const string Format = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.GetDateTimeOffset();

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture));
}
