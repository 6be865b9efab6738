using System.Runtime.InteropServices;
using System.Text.Json;
using Rollcall.Tests.Support;

namespace Rollcall.Tests.Core.Tabular;

/// <summary>Reads a workbook back with openpyxl.</summary>
internal static class Openpyxl
{
    // Debian's own interpreter: the package is not seen by any other.
    private const string Python = "/usr/bin/python3";

    // Text travels as hexadecimal UTF-16: JSON has no lone surrogates. openpyxl undoes _xHHHH_ only when asked.
    private const string Script = """
        import sys, json, datetime, openpyxl
        from openpyxl.utils.escape import unescape
        def plain(c):
            v = c.value
            if v is None: return None
            if isinstance(v, bool): return 'b:' + str(v).lower()
            if isinstance(v, str):
                assert c.data_type == 's', c.data_type
                return 's:' + unescape(v).encode('utf-16-le', 'surrogatepass').hex()
            if isinstance(v, datetime.datetime): return 'd:' + v.isoformat(timespec='milliseconds')
            return 'n:' + repr(v)
        book = openpyxl.load_workbook(sys.argv[1])
        made = book.properties.created
        print(json.dumps({'title': book.properties.title, 'created': made and made.isoformat(), 'sheets': [{
            'name': s.title, 'frozen': s.freeze_panes, 'filter': s.auto_filter.ref, 'width': s.column_dimensions['A'].width,
            'bold': s['A1'].font.b, 'rows': [[plain(c) for c in r] for r in s.iter_rows()],
        } for s in book.worksheets]}))
        """;

    private static readonly Lazy<Task<bool>> _isHere = new(async () => await RealPart.TryRunAsync(Python, "-c", "import openpyxl") is not null);

    public static async Task<Book> ReadAsync(string path)
    {
        var here = await _isHere.Value;
        RealPart.Require("python3-openpyxl", () => here);
        var json = await RealPart.TryRunAsync(Python, "-c", Script, path);
        Assert.NotNull(json);
        return JsonSerializer.Deserialize<Book>(json, JsonSerializerOptions.Web)!;
    }

    /// <summary>The text in one value, or null if it is none.</summary>
    public static string? TextOf(string? value) => value is ['s', ':', .. var hex]
        ? new string(MemoryMarshal.Cast<byte, char>(Convert.FromHexString(hex)))
        : null;

    internal sealed record Book(string? Title, string? Created, IReadOnlyList<Sheet> Sheets);

    /// <param name="Rows">Values with their kind in front: s: text in hexadecimal, d: date, n: number, b: boolean; null is empty.</param>
    internal sealed record Sheet(string Name, string? Frozen, string? Filter, double Width, bool Bold, IReadOnlyList<string?[]> Rows);
}
