using System.Text;

namespace Rollcall.Tests.Core.Tabular;

/// <summary>A strict reader of RFC 4180: what the grammar does not allow, it does not read.</summary>
internal static class Rfc4180
{
    public static List<List<string>> Read(string text, char delimiter)
    {
        var rows = new List<List<string>>();
        for (var at = 0; at < text.Length;)
        {
            var row = new List<string> { Field(text, delimiter, ref at) };
            while (text[at] == delimiter)
            {
                at++;
                row.Add(Field(text, delimiter, ref at));
            }

            Assert.Equal("\r\n", text.Substring(at, 2));
            at += 2;
            rows.Add(row);
        }

        return rows;
    }

    private static string Field(string text, char delimiter, ref int at)
    {
        if (text[at] != '"')
        {
            var end = text.IndexOfAny([delimiter, '\r', '\n', '"'], at);
            var bare = text[at..end];
            at = end;
            return bare;
        }

        var field = new StringBuilder();
        for (at++; text[at] != '"' || text[at + 1] == '"'; at++)
        {
            field.Append(text[at]);
            if (text[at] == '"')
                at++;
        }

        at++;
        return field.ToString();
    }
}
