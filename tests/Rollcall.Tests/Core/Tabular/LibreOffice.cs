using System.Text;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Core.Tabular;

/// <summary>Opens a workbook with the real LibreOffice and has it written as CSV.</summary>
internal static class LibreOffice
{
    private const string Program = "/usr/bin/soffice";

    /// <summary>
    /// Comma, quotation mark, UTF-8, from line 1; language of the system; only where needed quoted; numbers and dates as the cell shows them; values
    /// instead of formulas; every sheet into a file of its own.
    /// </summary>
    /// <remarks>Source: LibreOffice Help, "CSV Filter Parameters", tokens 1 to 12.</remarks>
    private const string Csv = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1";

    /// <summary>The rows of a sheet, every cell as text.</summary>
    public static async Task<List<List<string>>> ReadAsync(byte[] workbook, string sheet)
    {
        RealPart.Require("libreoffice-calc", () => File.Exists(Program));
        using var folder = new TemporaryFolder();
        var path = folder.File("book.xlsx");
        await File.WriteAllBytesAsync(path, workbook);

        // A profile of its own: a second run with the same one would hand the file to the first.
        var printed = await RealPart.TryRunAsync(
            Program, $"-env:UserInstallation=file://{folder.File("profile")}", "--headless", "--norestore", "--convert-to", Csv, "--outdir", folder.File("out"), path);
        Assert.NotNull(printed);
        var text = await File.ReadAllTextAsync(Path.Combine(folder.File("out"), $"book-{sheet}.csv"), Encoding.UTF8);
        return Read(text);
    }

    /// <summary>LibreOffice ends rows with LF.</summary>
    private static List<List<string>> Read(string text)
    {
        var (rows, row, at) = (new List<List<string>>(), new List<string>(), 0);
        while (at < text.Length)
        {
            row.Add(Field(text, ref at));
            if (at < text.Length && text[at++] == ',')
                continue;

            rows.Add(row);
            row = [];
        }

        return rows;
    }

    private static string Field(string text, ref int at)
    {
        var field = new StringBuilder();
        if (text[at] != '"')
        {
            while (at < text.Length && text[at] is not (',' or '\n'))
                field.Append(text[at++]);

            return field.ToString();
        }

        for (at++; text[at] != '"' || (at + 1 < text.Length && text[at + 1] == '"'); at++)
        {
            field.Append(text[at]);
            if (text[at] == '"')
                at++;
        }

        at++;
        return field.ToString();
    }
}
