using Rollcall.Core.Exports;
using Rollcall.Core.Tabular;
using Rollcall.Server.Exports;
using Rollcall.Server.Operations;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>The last sheet of a workbook: what the manifest says, but for what only the finished file can be asked, its size and SHA-256.</summary>
internal static class AboutSheet
{
    public static XlsxAbout Of(ExportTask task, ExportOrder order, DateTimeOffset snapshotAt, ITableWriter table)
    {
        var isChinese = order.Language == ExportLanguage.Chinese.Tag;
        (string, TableCell) Line(string english, string chinese, TableCell value) => (isChinese ? chinese : english, value);
        return new XlsxAbout(isChinese ? "关于" : "About", isChinese ? "项目" : "What", isChinese ? "值" : "Value",
        [
            Line("Export", "导出任务", TableCell.Of(task.Id)),
            Line("Rows of", "内容", TableCell.Of(ExportContents.RowsOf(task.Kind))),
            Line("Filter", "筛选条件", TableCell.Of(order.Filter)),
            Line("Columns", "列", TableCell.Of(string.Join(", ", order.Columns))),
            Line("Time zone", "时区", TableCell.Of(order.TimeZone)),
            Line("The ledger as of (UTC)", "账本时间点 (UTC)", TableCell.Of(snapshotAt)),
            Line("Rows", "行数", TableCell.Of(table.RowCount)),
            Line("Sheets", "工作表数", TableCell.Of((long)table.SheetCount)),
            Line("Rows cut", "截去的行数", TableCell.Of(0L)),
            Line("Cells cut", "截短的单元格数", TableCell.Of(table.CellsCut)),
            Line("Asked for by", "申请人", TableCell.Of(task.RequestedBy)),
            Line("Asked for at (UTC)", "申请时间 (UTC)", TableCell.Of(task.CreatedAt)),
            Line("Written by", "生成程序", TableCell.Of(ProgramVersion.Text)),
        ]);
    }
}
