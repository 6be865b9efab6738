using System.Text.Json;
using System.Text.Json.Serialization;

namespace Rollcall.Cli.Native;

/// <summary>What the server wrote when it first started: the first tenant and the credentials for it.</summary>
internal sealed record Bootstrap
{
    [JsonPropertyName("tenant_id")] public string? TenantId { get; init; }
    [JsonPropertyName("operator")] public string? Operator { get; init; }
    [JsonPropertyName("password")] public string? Password { get; init; }
    [JsonPropertyName("agent_token")] public string? AgentToken { get; init; }
}

/// <summary>The answer to a batch of events.</summary>
internal sealed record Receipt
{
    [JsonPropertyName("accepted")] public long Accepted { get; init; }
    [JsonPropertyName("duplicate")] public long Duplicate { get; init; }
    /// <summary>Null when the answer has no such member.</summary>
    [JsonPropertyName("rejected")] public List<RejectedEvent>? Rejected { get; init; }
}

/// <summary>An event the server would not take. The index counts from 0 in the batch as sent.</summary>
internal sealed record RejectedEvent(
    [property: JsonPropertyName("index")] int Index,
    [property: JsonPropertyName("id")] string? Id,
    [property: JsonPropertyName("field")] string? Field,
    [property: JsonPropertyName("reason")] string? Reason);

/// <summary>The answer to a directory of users.</summary>
internal sealed record UsersReceipt
{
    [JsonPropertyName("created")] public long Created { get; init; }
    [JsonPropertyName("updated")] public long Updated { get; init; }
    [JsonPropertyName("unchanged")] public long Unchanged { get; init; }
    /// <summary>Null when the answer has no such member.</summary>
    [JsonPropertyName("rejected")] public List<RejectedUser>? Rejected { get; init; }
}

/// <summary>A user the server would not take. Lines count from 1, the header, in the file as sent.</summary>
internal sealed record RejectedUser(
    [property: JsonPropertyName("line")] long Line,
    [property: JsonPropertyName("field")] string? Field,
    [property: JsonPropertyName("reason")] string? Reason);

/// <summary>A refusal, RFC 9457.</summary>
internal sealed record ProblemJson
{
    [JsonPropertyName("title")] public string? Title { get; init; }
    [JsonPropertyName("detail")] public string? Detail { get; init; }

    /// <summary>Field to what was expected: a text, or a list of texts.</summary>
    [JsonPropertyName("errors")] public Dictionary<string, JsonElement>? Errors { get; init; }

    [JsonPropertyName("request_id")] public string? RequestId { get; init; }
}

internal sealed record SignInRequest(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("password")] string Password);

internal sealed record SignInAnswer([property: JsonPropertyName("token")] string? Token);

/// <summary>A session to close. Without an end the server takes its last proof of life.</summary>
internal sealed record CloseRequest(
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("end_time")] string? EndTime);

/// <summary>A session to correct.</summary>
internal sealed record CorrectRequest(
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("set")] CorrectedTimes Set);

/// <summary>What is corrected; null leaves it.</summary>
internal sealed record CorrectedTimes(
    [property: JsonPropertyName("start_time")] string? StartTime,
    [property: JsonPropertyName("end_time")] string? EndTime);

internal sealed record NewTenantRequest([property: JsonPropertyName("name")] string Name);

internal sealed record NewOperatorRequest(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("password")] string Password,
    [property: JsonPropertyName("roles")] IReadOnlyList<string> Roles);

/// <summary>A token to make. Without an expiry the server's default holds.</summary>
internal sealed record NewTokenRequest(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("roles")] IReadOnlyList<string> Roles,
    [property: JsonPropertyName("expires_at")] DateTimeOffset? ExpiresAt);

internal sealed record NewAccessKeyRequest([property: JsonPropertyName("operator_id")] string OperatorId);

/// <summary>The answer to anything created; each operation fills its own members.</summary>
internal sealed record CreatedAnswer
{
    /// <summary>A text or a number: operators have numeric ids.</summary>
    [JsonPropertyName("id")] public JsonElement Id { get; init; }

    [JsonPropertyName("name")] public string? Name { get; init; }
    [JsonPropertyName("token")] public string? Token { get; init; }
    [JsonPropertyName("access_key")] public string? AccessKey { get; init; }
    [JsonPropertyName("secret_key")] public string? SecretKey { get; init; }
}

/// <summary>What to write out. Null leaves a member to the server's default.</summary>
internal sealed record NewExportRequest
{
    [JsonPropertyName("what")] public required string What { get; init; }
    [JsonPropertyName("format")] public string? Format { get; init; }
    [JsonPropertyName("filter")] public IReadOnlyDictionary<string, string[]>? Filter { get; init; }
    [JsonPropertyName("columns")] public string[]? Columns { get; init; }
    [JsonPropertyName("language")] public string? Language { get; init; }
    [JsonPropertyName("time_zone")] public string? TimeZone { get; init; }
    [JsonPropertyName("bom")] public bool? ByteOrderMark { get; init; }
    [JsonPropertyName("delimiter")] public string? Delimiter { get; init; }
}

/// <summary>An export to order again and again. Null leaves a member to the server's default.</summary>
internal sealed record NewScheduleRequest(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("cron")] string Cron,
    [property: JsonPropertyName("time_zone")] string? TimeZone,
    [property: JsonPropertyName("period")] string? Period,
    [property: JsonPropertyName("mail_to")] IReadOnlyList<string>? MailTo,
    [property: JsonPropertyName("export")] NewExportRequest Export);

/// <summary>An export as the server shows it. Null means not known, or not yet.</summary>
internal sealed record ExportAnswer
{
    [JsonPropertyName("id")] public string? Id { get; init; }

    /// <summary>queued, running, finished, failed, expired or cancelled.</summary>
    [JsonPropertyName("state")] public string? State { get; init; }

    [JsonPropertyName("rows")] public long? Rows { get; init; }
    [JsonPropertyName("rows_expected")] public long? RowsExpected { get; init; }
    [JsonPropertyName("bytes")] public long? Bytes { get; init; }
    [JsonPropertyName("sha256")] public string? Sha256 { get; init; }
    [JsonPropertyName("file_name")] public string? FileName { get; init; }
    [JsonPropertyName("failure")] public string? Failure { get; init; }
}

/// <summary>A page of anything.</summary>
internal sealed record PageAnswer
{
    /// <summary>Null when the answer has no such member.</summary>
    [JsonPropertyName("items")] public List<JsonElement>? Items { get; init; }

    /// <summary>Null on the last page.</summary>
    [JsonPropertyName("next_cursor")] public string? NextCursor { get; init; }
}
