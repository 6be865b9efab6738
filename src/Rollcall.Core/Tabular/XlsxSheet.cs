using System.Globalization;

namespace Rollcall.Core.Tabular;

/// <summary>One sheet of a workbook: its name, its columns, and its rows with the header.</summary>
internal sealed record XlsxSheet(string Name, int Columns, int Rows)
{
    /// <summary>In UTF-16 code units.</summary>
    /// <remarks>Source of this and of what <see cref="NameOf"/> replaces: Microsoft Support, "Rename a worksheet", "Important".</remarks>
    public const int NameLengthMax = 31;

    private const char Instead = '_';

    /// <summary>The name of the sheet with this number, from 1: what the caller asked for, made fit, and from 2 on with the number.</summary>
    public static string NameOf(string wanted, int number)
    {
        var name = Fit(wanted);
        var first = Cut(name, NameLengthMax);
        if (number == 1)
            return first;

        var suffix = string.Create(CultureInfo.InvariantCulture, $" {number}");
        var stem = Cut(name, NameLengthMax - suffix.Length);

        // A long name may end, once cut, as if it were numbered already.
        return stem + suffix == first ? stem[..^1] + Instead + suffix : stem + suffix;
    }

    private static string Fit(string wanted)
    {
        var fit = string.Create(wanted.Length, wanted, static (name, from) =>
        {
            for (var i = 0; i < name.Length; i++)
                name[i] = IsAllowed(from, i) ? from[i] : Instead;
        });

        // Excel keeps "History" for itself and takes no blank name; both would only show when somebody opens the file.
        if (string.IsNullOrWhiteSpace(fit) || fit.Equals("History", StringComparison.OrdinalIgnoreCase))
            return fit.Trim() + Instead;

        return fit;
    }

    private static bool IsAllowed(string text, int i) => text[i] switch
    {
        '\\' or '/' or '?' or '*' or '[' or ']' or ':' => false,
        '\'' => i > 0,
        var c => !char.IsControl(c) && c < '\uFFFE' && !XmlText.IsLoneSurrogate(text, i),
    };

    // A name may not end in an apostrophe, and which character ends it is known only now.
    private static string Cut(string name, int lengthMax)
    {
        var head = XmlText.Head(name, lengthMax).ToString();
        return head.EndsWith('\'') ? head[..^1] + Instead : head;
    }
}
