using Rollcall.Core.Identity;

namespace Rollcall.Core;

/// <summary>Why a request was refused: one closed set, for which every dialect has words (design 3b).</summary>
public enum FaultCode
{
    /// <summary>Never thrown; the value of a forgotten assignment.</summary>
    None = 0,

    /// <summary>A parameter or a member is wrong.</summary>
    Malformed,

    /// <summary>The body cannot be read at all.</summary>
    Unreadable,

    /// <summary>No way in was offered, or it is wrong, expired or locked.</summary>
    NotSignedIn,

    /// <summary>Known, but may not.</summary>
    NotAllowed,

    /// <summary>No operation lives at this path.</summary>
    NoSuchPath,

    /// <summary>The operation exists, the thing asked for does not.</summary>
    NotFound,

    /// <summary>The path exists, not with this method.</summary>
    Method,

    /// <summary>What is asked for contradicts what is stored.</summary>
    Conflict,

    /// <summary>The body is over its limit.</summary>
    TooLarge,

    /// <summary>The body is of a kind this operation does not read.</summary>
    MediaType,

    /// <summary>Asked too often, or the queue is full.</summary>
    TooBusy,

    /// <summary>A bug or an outage; the answer says nothing about its cause.</summary>
    Failed,

    /// <summary>Cannot be done now; later it may.</summary>
    Unavailable,
}

/// <summary>A refusal the caller can act on. Bugs and outages are ordinary exceptions, never this.</summary>
public sealed class FaultException : Exception
{
    private FaultException(FaultCode code, string detail, string? field = null)
        : base(detail)
    {
        Code = code;
        Field = field;
    }

    public FaultCode Code { get; }

    /// <summary>The wire field at fault, spelled as the caller spelled it; null if no one field is.</summary>
    public string? Field { get; }

    /// <summary>What the caller would need; set on <see cref="FaultCode.NotAllowed"/> only, and not always then.</summary>
    public Permission? Missing { get; private init; }

    /// <summary>Seconds after which asking again makes sense; set on <see cref="FaultCode.TooBusy"/> and <see cref="FaultCode.Unavailable"/>.</summary>
    public int? RetryAfterSeconds { get; private init; }

    public static FaultException Malformed(string field, string expected) =>
        new(FaultCode.Malformed, $"{field} must be {expected}", field);

    public static FaultException Unreadable(string detail) => new(FaultCode.Unreadable, detail);

    public static FaultException NotSignedIn(string detail) => new(FaultCode.NotSignedIn, detail);

    /// <summary>The caller lacks <paramref name="missing"/>.</summary>
    public static FaultException NotAllowed(Permission missing) =>
        new(FaultCode.NotAllowed, "No permission for this operation") { Missing = missing };

    /// <summary>The caller may not use this tenant; the same words whether it exists or not.</summary>
    public static FaultException ForeignTenant() => new(FaultCode.NotAllowed, "No permission for this operation");

    /// <summary>A change whose only proof of who asks is a cookie, which a page of another site may have made the browser send.</summary>
    public static FaultException Forgeable(string header) =>
        new(FaultCode.NotAllowed, $"A change by cookie needs the header {header}, as signing in and asking who one is answer it", header);

    public static FaultException NoSuchPath() => new(FaultCode.NoSuchPath, "The API does not exist or has not been published in the environment");

    public static FaultException NotFound(string detail) => new(FaultCode.NotFound, detail);

    public static FaultException Method() => new(FaultCode.Method, "The method specified in the request is not allowed for this path");

    public static FaultException Conflict(string detail, string? field = null) => new(FaultCode.Conflict, detail, field);

    public static FaultException TooLarge(long bytesMax) => new(FaultCode.TooLarge, $"The request body is larger than {bytesMax} bytes");

    public static FaultException TooMany(string detail) => new(FaultCode.TooLarge, detail);

    public static FaultException MediaType(string expected) => new(FaultCode.MediaType, $"The Content-Type must be {expected}");

    public static FaultException TooBusy(string detail, int retryAfterSeconds) =>
        new(FaultCode.TooBusy, detail) { RetryAfterSeconds = retryAfterSeconds };

    public static FaultException Failed() => new(FaultCode.Failed, "The operation failed; the server's log has the cause under this request's id");

    /// <summary>What is stored is not what was stored.</summary>
    public static FaultException Damaged(string detail) => new(FaultCode.Failed, detail);

    public static FaultException Unavailable(string detail, int retryAfterSeconds) =>
        new(FaultCode.Unavailable, detail) { RetryAfterSeconds = retryAfterSeconds };
}
