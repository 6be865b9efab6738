using System.Globalization;
using System.Text;

namespace Rollcall.Core.Tabular;

/// <summary>The small parts of a workbook, as XML.</summary>
internal static class XlsxParts
{
    private const string Declaration = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>""";
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006";
    private const string Types = "application/vnd.openxmlformats-officedocument.spreadsheetml";

    /// <summary>
    /// Sheets are what ".xml" means unless said otherwise, so that this part can be written first, before anybody knows how many there will be.
    /// </summary>
    public const string ContentTypes = $"""
        {Declaration}
        <Types xmlns="{Package}/content-types">
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Default Extension="xml" ContentType="{Types}.worksheet+xml"/>
        <Override PartName="/xl/workbook.xml" ContentType="{Types}.sheet.main+xml"/>
        <Override PartName="/xl/styles.xml" ContentType="{Types}.styles+xml"/>
        <Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
        </Types>
        """;

    public const string PackageRelations = $"""
        {Declaration}
        <Relationships xmlns="{Package}/relationships">
        <Relationship Id="rId1" Type="{Office}/officeDocument" Target="xl/workbook.xml"/>
        <Relationship Id="rId2" Type="{Package}/relationships/metadata/core-properties" Target="docProps/core.xml"/>
        </Relationships>
        """;

    /// <summary>
    /// Cell formats by place, as <see cref="XlsxCells"/> names them: 0 general, 1 text, 2 header, 3 instant, 4 instant with milliseconds, 5 number.
    /// </summary>
    /// <remarks>Formats 1 ("0") and 49 ("@") are built in (§18.8.30); own ones begin at 164. The first two fills are fixed.</remarks>
    public const string Styles = $"""
        {Declaration}
        <styleSheet xmlns="{Main}">
        <numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/><numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss.000"/></numFmts>
        <fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font><font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>
        <fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
        <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
        <cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
        <cellXfs count="6">
        <xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
        <xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
        <xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>
        <xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
        <xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
        <xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
        </cellXfs>
        <cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
        </styleSheet>
        """;

    public static string CoreProperties(string? title, DateTimeOffset? createdAt)
    {
        var xml = new StringBuilder(Declaration);
        xml.Append($"""<cp:coreProperties xmlns:cp="{Package}/metadata/core-properties" """);
        xml.Append("""xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" """);
        xml.Append("""xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">""");
        if (title is not null)
            xml.Append($"<dc:title>{XmlText.Escape(title)}</dc:title>");

        if (createdAt is { } at)
            xml.Append(CultureInfo.InvariantCulture, $"""<dcterms:created xsi:type="dcterms:W3CDTF">{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss}Z</dcterms:created>""");

        return xml.Append("</cp:coreProperties>").ToString();
    }

    /// <summary>A sheet up to its first row. Only the first sheet is selected: edits go to all selected ones.</summary>
    public static string SheetHead(ReadOnlySpan<TableColumn> columns, int number)
    {
        var xml = new StringBuilder(Declaration);
        xml.Append($"""<worksheet xmlns="{Main}"><sheetViews><sheetView {(number == 1 ? "tabSelected=\"1\" " : "")}workbookViewId="0">""");
        xml.Append("""<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>""");

        // Five of seven pixels are padding: width counts them, a number of characters does not (§18.3.1.13).
        for (var i = 0; i < columns.Length; i++)
            xml.Append(CultureInfo.InvariantCulture, $"""<col min="{i + 1}" max="{i + 1}" width="{WidthOf(columns[i])}" customWidth="1"/>""");

        return xml.Append("</cols><sheetData>").ToString();
    }

    public static string Workbook(List<XlsxSheet> sheets)
    {
        var xml = new StringBuilder(Declaration);
        xml.Append($"""<workbook xmlns="{Main}" xmlns:r="{Office}"><bookViews><workbookView/></bookViews><sheets>""");
        for (var i = 0; i < sheets.Count; i++)
            xml.Append(CultureInfo.InvariantCulture, $"""<sheet name="{XmlText.Escape(sheets[i].Name)}" sheetId="{i + 1}" r:id="rId{i + 1}"/>""");

        // Excel keeps each filter's range a second time under this hidden name.
        xml.Append("</sheets><definedNames>");
        for (var i = 0; i < sheets.Count; i++)
        {
            var sheet = XmlText.Escape(sheets[i].Name.Replace("'", "''", StringComparison.Ordinal));
            xml.Append(CultureInfo.InvariantCulture, $"""<definedName name="_xlnm._FilterDatabase" localSheetId="{i}" hidden="1">""");
            xml.Append(CultureInfo.InvariantCulture, $"'{sheet}'!$A$1:${Letters(sheets[i].Columns)}${sheets[i].Rows}</definedName>");
        }

        return xml.Append("</definedNames></workbook>").ToString();
    }

    public static string WorkbookRelations(int sheets)
    {
        var xml = new StringBuilder(Declaration);
        xml.Append($"""<Relationships xmlns="{Package}/relationships">""");
        for (var i = 1; i <= sheets; i++)
            xml.Append(CultureInfo.InvariantCulture, $"""<Relationship Id="rId{i}" Type="{Office}/worksheet" Target="worksheets/sheet{i}.xml"/>""");

        return xml.Append($"""<Relationship Id="rId{sheets + 1}" Type="{Office}/styles" Target="styles.xml"/></Relationships>""").ToString();
    }

    public static string SheetPath(int number) => string.Create(CultureInfo.InvariantCulture, $"xl/worksheets/sheet{number}.xml");

    public static string Range(int columns, int rows) => string.Create(CultureInfo.InvariantCulture, $"A1:{Letters(columns)}{rows}");

    private static string WidthOf(TableColumn column) => Math.Min(column.WidthChars + 0.7109375, TableColumn.WidthCharsMax).ToString(CultureInfo.InvariantCulture);

    // Bijective base 26: A to Z, AA to XFD.
    private static string Letters(int column) =>
        column <= 26 ? ((char)('A' + column - 1)).ToString() : Letters((column - 1) / 26) + Letters(((column - 1) % 26) + 1);
}
