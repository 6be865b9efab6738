namespace Rollcall.Core;

/// <summary>The form in which names are compared ignoring case, in every script and by every store.</summary>
public static class NameKey
{
    /// <summary>Upper case by Unicode's simple mapping: what <see cref="StringComparer.OrdinalIgnoreCase"/> compares.</summary>
    public static string Of(string name) => name.ToUpperInvariant();

    /// <summary>The key of the plain name in <c>DOMAIN\name</c> or <c>name@domain</c>; of the whole when there is no domain.</summary>
    public static string OfPlain(string user)
    {
        var slash = user.LastIndexOf('\\');
        if (slash >= 0 && slash < user.Length - 1)
            return Of(user[(slash + 1)..]);

        var at = user.IndexOf('@', StringComparison.Ordinal);
        return Of(at > 0 ? user[..at] : user);
    }
}
