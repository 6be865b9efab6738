using System.IO.Compression;
using System.Text;

namespace Rollcall.Bench.Bars;

/// <summary>No writer wins by doing less: the first sheets' texts are compared, one by one and in order.</summary>
internal static class SameTexts
{
    private const string Opening = "<t";

    public static void Check(string one, string other)
    {
        long count = 0;
        using var texts = In(other).GetEnumerator();
        foreach (var text in In(one))
        {
            if (!texts.MoveNext() || texts.Current != text)
                throw new InvalidOperationException($"the files differ at text {count}: {text}");

            count++;
        }

        if (texts.MoveNext() || count == 0)
            throw new InvalidOperationException($"one file has {count} texts, the other more, or both have none");
    }

    /// <summary>Inline strings, as they stand in the XML. Neither writer breaks a line within a row of these rows.</summary>
    private static IEnumerable<string> In(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        using var reader = new StreamReader(zip.GetEntry("xl/worksheets/sheet1.xml")!.Open(), Encoding.UTF8);
        var text = new StringBuilder();
        while (SkipTo(reader, Opening))
        {
            // Both "<t>" and "<t xml:space…>" open a text; anything else that begins so does not.
            var next = reader.Read();
            if (next == ' ')
                SkipTo(reader, ">");
            else if (next != '>')
                continue;

            text.Clear();
            for (var c = reader.Read(); c is not (-1 or '<'); c = reader.Read())
                text.Append((char)c);

            yield return text.ToString();
        }
    }

    private static bool SkipTo(TextReader reader, string mark)
    {
        var met = 0;
        for (var c = reader.Read(); c >= 0; c = reader.Read())
        {
            met = c == mark[met] ? met + 1 : c == mark[0] ? 1 : 0;
            if (met == mark.Length)
                return true;
        }

        return false;
    }
}
