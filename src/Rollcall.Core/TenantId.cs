namespace Rollcall.Core;

/// <summary>The isolation unit: every key and every query carries one. 32 lower-case hexadecimal digits.</summary>
public readonly record struct TenantId
{
    private const int LengthChars = 32;

    private readonly string? value;

    private TenantId(string value) => this.value = value;

    /// <summary>The text; a default value has none and is refused here, so that a null tenant can never mean "all".</summary>
    public string Value => value ?? throw new InvalidOperationException("no tenant: a query without one would cross walls");

    public static bool TryParse(string? text, out TenantId tenant)
    {
        var good = text is { Length: LengthChars } && text.All(char.IsAsciiHexDigitLower);
        tenant = good ? new TenantId(text!) : default;
        return good;
    }

    public static TenantId Parse(string text) =>
        TryParse(text, out var tenant) ? tenant : throw new FormatException("a tenant id is 32 lower-case hexadecimal digits");

    public static TenantId New() => new(Guid.NewGuid().ToString("N"));

    public override string ToString() => Value;
}
