using Rollcall.Server.Identity;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.Iam;

/// <summary>
/// A token as it is handed out: 256 random bits and, behind points, what it has to say of itself. The ledger keeps the hash of the
/// whole text, so that nobody can change what stands behind the points.
/// </summary>
internal sealed record TokenText(string Value)
{
    private const char Separator = '.'; // in no base64url text
    private const string UnscopedMark = "u";

    /// <summary>Good for no project and not for the domain: its holder may look around and exchange it.</summary>
    public bool IsUnscoped => Marks.Contains(UnscopedMark, StringComparer.Ordinal);

    /// <summary>The sign-in by password at the head of a chain of exchanges; null when this token is that one.</summary>
    public Guid? FirstId => Marks.Select(mark => Guid.TryParseExact(mark, "N", out var id) ? id : (Guid?)null).FirstOrDefault(id => id is not null);

    private IEnumerable<string> Marks => Value.Split(Separator).Skip(1);

    public static TokenText New(bool isUnscoped, Guid? firstId) =>
        new(string.Join(Separator, ((string?[])[Secrets.NewToken(), isUnscoped ? UnscopedMark : null, firstId?.ToString("N")]).OfType<string>()));
}
