using Rollcall.Core.Connections;
using Rollcall.Server.Ingest;
using static Rollcall.Server.Dialects.Native.Exports.Column;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>A connection's members as columns.</summary>
internal static class ConnectionColumns
{
    public static readonly IReadOnlyList<NativeColumn<Connection>> All =
    [
        Text<Connection>("id", "ID", "连接ID", 34, connection => connection.Id),
        Text<Connection>("session_id", "Session ID", "会话ID", 34, connection => connection.SessionId),
        Text<Connection>("user", "User", "用户", 28, connection => connection.User),
        Text<Connection>("subproject", "Subproject", "子项目", 34, connection => connection.Subproject),
        Word<Connection>("kind", "Kind", "类型", 12, connection => SessionWords.Of(connection.Kind)),
        Text<Connection>("host", "Host", "主机", 20, connection => connection.Host.Name),
        Text<Connection>("host_sid", "Host SID", "主机SID", 44, connection => connection.Host.Sid),
        Text<Connection>("host_ip", "Host address", "主机地址", 18, connection => connection.Host.Ip),
        Text<Connection>("host_group_id", "Host group ID", "主机组ID", 38, connection => connection.Host.GroupId),
        Text<Connection>("host_group_name", "Host group", "主机组", 24, connection => connection.Host.GroupName),
        Text<Connection>("app_name", "Application", "应用", 24, connection => connection.AppName),
        Text<Connection>("client_name", "Client name", "客户端名称", 24, connection => connection.Client?.Name),
        Text<Connection>("client_ip", "Client address", "客户端地址", 18, connection => connection.Client?.Ip),
        Text<Connection>("client_public_ip", "Egress address", "出口地址", 18, connection => connection.Client?.PublicIp),
        Text<Connection>("client_source_ip", "Peer address", "对端地址", 18, connection => connection.Client?.SourceIp),
        Text<Connection>("client_mac", "Client MAC", "客户端MAC", 20, connection => connection.Client?.Mac),
        Text<Connection>("client_type", "Client type", "客户端类型", 14, connection => connection.Client?.Type),
        Text<Connection>("client_version", "Client version", "客户端版本", 16, connection => connection.Client?.Version),
        Instant<Connection>("requested_at", "Requested", "请求时间", connection => connection.RequestedAt),
        Instant<Connection>("established_at", "Established", "建立时间", connection => connection.EstablishedAt),
        Instant<Connection>("ended_at", "Ended", "结束时间", connection => connection.EndedAt),
        Flag<Connection>("is_reconnect", "Reconnect", "是否重连", 12, connection => connection.IsReconnect),
        Text<Connection>("failure_code", "Failure code", "失败代码", 16, connection => connection.Failure?.Code),
        Text<Connection>("failure_reason", "Failure reason", "失败原因", 30, connection => connection.Failure?.Reason),
        Text<Connection>("transaction_id", "Transaction ID", "事务ID", 34, connection => connection.TransactionId),
        Number<Connection>("network_rtt_ms", "Network RTT (ms)", "网络时延 (ms)", 16, connection => connection.NetworkRttMs),
        Number<Connection>("e2e_rtt_ms", "End-to-end RTT (ms)", "端到端时延 (ms)", 20, connection => connection.EndToEndRttMs),
        Text<Connection>("agent_version", "Agent version", "代理版本", 16, connection => connection.AgentVersion),
    ];
}
