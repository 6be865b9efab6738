using Rollcall.Core;
using Rollcall.Core.Connections;
using Rollcall.Core.Tabular;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V2;

/// <summary>The columns of an exported connection record, in the order of design 3a: the same in v2 and v3.</summary>
internal static class ConnectionSheet
{
    public static ExportSheet Of(IAsyncEnumerable<Connection> rows, WorkspaceLanguage language) =>
        ExportSheets.Of(NameIn(language), ColumnsIn(language), rows);

    public static OpenedExport Open(RowStream<Connection> rows, WorkspaceLanguage language) =>
        ExportSheets.Open(NameIn(language), ColumnsIn(language), rows);

    private static string NameIn(WorkspaceLanguage language) => language.Pick("Connections", "连接记录");

    public static IReadOnlyList<ExportColumn<Connection>> ColumnsIn(WorkspaceLanguage language) =>
    [
        Text(language.Pick("Connection ID", "连接ID"), 34, connection => connection.Id),
        Text(language.Pick("Transaction ID", "事务ID"), 34, connection => connection.TransactionId),
        Text(language.Pick("Computer name", "计算机名"), 20, connection => connection.Host.Name),
        Text(language.Pick("Username", "用户名"), 28, connection => connection.User),
        Text(language.Pick("Terminal MAC address", "终端MAC地址"), 21, connection => connection.Client?.Mac),
        Text(language.Pick("Terminal name", "终端名称"), 24, connection => connection.Client?.Name),
        Text(language.Pick("Terminal IP address", "终端IP地址"), 20, connection => connection.Client?.Ip),
        Text(language.Pick("Client version", "客户端版本"), 16, connection => connection.Client?.Version),
        Text(language.Pick("Terminal type", "终端类型"), 16, connection => connection.Client?.Type),
        Text(language.Pick("Agent version", "代理版本"), 18, connection => connection.AgentVersion),
        Text(language.Pick("Desktop IP address", "桌面IP地址"), 20, connection => connection.Host.Ip),
        Instant(language.Pick("Connection start time (UTC)", "连接开始时间 (UTC)"), connection => connection.RequestedAt),
        Instant(language.Pick("Connection setup time (UTC)", "连接建立时间 (UTC)"), connection => connection.EstablishedAt),
        Instant(language.Pick("Connection end time (UTC)", "连接结束时间 (UTC)"), connection => connection.EndedAt),
        Text(language.Pick("Reconnection", "是否重连"), 13, connection => language.YesOrNo(connection.IsReconnect)),
        Text(language.Pick("Connection failure cause", "连接失败原因"), 30, ConnectionRecordJson.CauseOf),
        Number(language.Pick("Network RTT (ms)", "网络时延 (ms)"), connection => connection.NetworkRttMs),
        Number(language.Pick("End-to-end RTT (ms)", "端到端时延 (ms)"), connection => connection.EndToEndRttMs),
        Text(language.Pick("Source IP address", "源IP地址"), 20, connection => connection.Client?.SourceIp),
        Text(language.Pick("Egress IP address", "出口IP地址"), 20, connection => connection.Client?.PublicIp),
        Text(language.Pick("Enterprise project ID", "企业项目ID"), 34, connection => connection.Subproject),
    ];

    private static ExportColumn<Connection> Text(string header, int width, Func<Connection, string?> value) =>
        new(header, TableKind.Text, width, connection => TableCell.Of(value(connection)));

    private static ExportColumn<Connection> Instant(string header, Func<Connection, DateTimeOffset?> value) =>
        new(header, TableKind.Instant, 27, connection => TableCell.Of(WorkspaceTime.WholeSeconds(value(connection))));

    private static ExportColumn<Connection> Number(string header, Func<Connection, int?> value) =>
        new(header, TableKind.Number, 19, connection => TableCell.Of((long?)value(connection)));
}
