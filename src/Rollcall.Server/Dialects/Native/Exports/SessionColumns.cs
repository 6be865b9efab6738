using Rollcall.Core.Sessions;
using Rollcall.Server.Ingest;
using static Rollcall.Server.Dialects.Native.Exports.Column;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>A session's members as columns, in the order of the API.</summary>
internal static class SessionColumns
{
    /// <param name="asOf">The instant for which durations hold.</param>
    public static IReadOnlyList<NativeColumn<ScannedSession>> At(DateTimeOffset asOf) =>
    [
        Text<ScannedSession>("id", "ID", "会话ID", 34, session => session.Text(SessionFact.Id)),
        Text<ScannedSession>("user", "User", "用户", 28, session => session.Text(SessionFact.User)),
        Word<ScannedSession>("kind", "Kind", "类型", 12, session => SessionWords.Of(session.Kind)),
        Word<ScannedSession>("state", "State", "状态", 14, session => SessionWords.Of(session.State)),
        Text<ScannedSession>("host", "Host", "主机", 20, session => session.Text(SessionFact.HostName)),
        Text<ScannedSession>("host_sid", "Host SID", "主机SID", 44, session => session.Text(SessionFact.HostSid)),
        Text<ScannedSession>("host_ip", "Host address", "主机地址", 18, session => session.Text(SessionFact.HostIp)),
        Text<ScannedSession>("host_group_id", "Host group ID", "主机组ID", 38, session => session.Text(SessionFact.GroupId)),
        Text<ScannedSession>("host_group_name", "Host group", "主机组", 24, session => session.Text(SessionFact.GroupName)),
        Text<ScannedSession>("os_session_id", "OS session ID", "操作系统会话ID", 14, session => session.Text(SessionFact.OsSessionId)),
        Text<ScannedSession>("protocol", "Protocol", "协议", 10, session => session.Text(SessionFact.Protocol)),
        Text<ScannedSession>("app_name", "Application", "应用", 24, session => session.Text(SessionFact.AppName)),
        Text<ScannedSession>("client_name", "Client name", "客户端名称", 24, session => session.Text(SessionFact.ClientName)),
        Text<ScannedSession>("client_ip", "Client address", "客户端地址", 18, session => session.Text(SessionFact.ClientIp)),
        Text<ScannedSession>("client_public_ip", "Egress address", "出口地址", 18, session => session.Text(SessionFact.ClientPublicIp)),
        Text<ScannedSession>("client_source_ip", "Peer address", "对端地址", 18, session => session.Text(SessionFact.ClientSourceIp)),
        Text<ScannedSession>("client_mac", "Client MAC", "客户端MAC", 20, session => session.Text(SessionFact.ClientMac)),
        Text<ScannedSession>("client_type", "Client type", "客户端类型", 14, session => session.Text(SessionFact.ClientType)),
        Text<ScannedSession>("client_version", "Client version", "客户端版本", 16, session => session.Text(SessionFact.ClientVersion)),
        Instant<ScannedSession>("requested_at", "Requested", "请求时间", session => session.Instant(SessionFact.RequestedAt)),
        Instant<ScannedSession>("start_time", "Start", "开始时间", session => session.Instant(SessionFact.StartedAt)),
        Instant<ScannedSession>("end_time", "End", "结束时间", session => session.Instant(SessionFact.EndedAt)),
        Word<ScannedSession>("end_time_source", "End known by", "结束时间来源", 16, session => session.EndSource is { } source ? SessionJson.WordOf(source) : null),
        Instant<ScannedSession>("end_time_earliest", "End not before", "结束时间下限", session => session.Instant(SessionFact.EndEarliest)),
        Instant<ScannedSession>("end_time_latest", "End not after", "结束时间上限", session => session.Instant(SessionFact.EndLatest)),
        Text<ScannedSession>("end_reason", "End reason", "结束原因", 30, session => session.Text(SessionFact.EndReason)),
        Number<ScannedSession>("duration_ms", "Duration (ms)", "时长 (ms)", 16, session => session.DurationMsAt(asOf)),
        Number<ScannedSession>("connected_ms", "Connected (ms)", "已连接 (ms)", 16, session => session.ConnectedMsAt(asOf)),
        Number<ScannedSession>("disconnected_ms", "Disconnected (ms)", "已断开 (ms)", 18, session => session.DisconnectedMsAt(asOf)),
        Text<ScannedSession>("failure_code", "Failure code", "失败代码", 16, session => session.Text(SessionFact.FailureCode)),
        Text<ScannedSession>("failure_reason", "Failure reason", "失败原因", 30, session => session.Text(SessionFact.FailureReason)),
        Instant<ScannedSession>("last_change_at", "Last change", "最近变化", session => session.Instant(SessionFact.ChangedAt)),
        Text<ScannedSession>("agent_version", "Agent version", "代理版本", 16, session => session.Text(SessionFact.AgentVersion)),
        Number<ScannedSession>("revision", "Revision", "修订", 10, session => session.Revision),
    ];
}
