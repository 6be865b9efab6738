using System.Security;

namespace Rollcall.Core.Tabular;

/// <summary>What UTF-16 text needs before it can stand in XML 1.0.</summary>
internal static class XmlText
{
    public static bool IsLoneSurrogate(ReadOnlySpan<char> text, int i)
    {
        if (char.IsHighSurrogate(text[i]))
            return i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1]);

        return char.IsLowSurrogate(text[i]) && (i == 0 || !char.IsHighSurrogate(text[i - 1]));
    }

    /// <summary>The first code units, at most so many, without half a surrogate pair at the end.</summary>
    public static ReadOnlySpan<char> Head(ReadOnlySpan<char> text, int lengthMax)
    {
        if (text.Length <= lengthMax)
            return text;

        var splits = char.IsHighSurrogate(text[lengthMax - 1]) && char.IsLowSurrogate(text[lengthMax]);
        return text[..(splits ? lengthMax - 1 : lengthMax)];
    }

    /// <summary>For attributes and elements of the small parts; what XML cannot hold becomes U+FFFD.</summary>
    public static string Escape(string text)
    {
        var legal = string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
                to[i] = IsLegal(from, i) ? from[i] : '\uFFFD';
        });
        return SecurityElement.Escape(legal);
    }

    // XML 1.0, production 2.
    private static bool IsLegal(string text, int i) =>
        text[i] is '\t' or '\n' or '\r' or (>= ' ' and < '\uFFFE') && !IsLoneSurrogate(text, i);
}
