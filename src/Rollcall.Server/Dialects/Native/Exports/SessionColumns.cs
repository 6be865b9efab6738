using Rollcall.Core.Sessions;
using Rollcall.Server.Ingest;
using static Rollcall.Server.Dialects.Native.Exports.Column;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>A session's members as columns, in the order of the API.</summary>
internal static class SessionColumns
{
    /// <param name="asOf">The instant for which durations hold.</param>
    public static IReadOnlyList<NativeColumn<Session>> At(DateTimeOffset asOf) =>
    [
        Text<Session>("id", "ID", "会话ID", 34, session => session.Id),
        Text<Session>("user", "User", "用户", 28, session => session.User),
        Word<Session>("kind", "Kind", "类型", 12, session => SessionWords.Of(session.Kind)),
        Word<Session>("state", "State", "状态", 14, session => SessionWords.Of(session.State)),
        Text<Session>("host", "Host", "主机", 20, session => session.Host.Name),
        Text<Session>("host_sid", "Host SID", "主机SID", 44, session => session.Host.Sid),
        Text<Session>("host_ip", "Host address", "主机地址", 18, session => session.Host.Ip),
        Text<Session>("host_group_id", "Host group ID", "主机组ID", 38, session => session.Host.GroupId),
        Text<Session>("host_group_name", "Host group", "主机组", 24, session => session.Host.GroupName),
        Text<Session>("os_session_id", "OS session ID", "操作系统会话ID", 14, session => session.OsSessionId),
        Text<Session>("protocol", "Protocol", "协议", 10, session => session.Protocol),
        Text<Session>("app_name", "Application", "应用", 24, session => session.AppName),
        Text<Session>("client_name", "Client name", "客户端名称", 24, session => session.Client?.Name),
        Text<Session>("client_ip", "Client address", "客户端地址", 18, session => session.Client?.Ip),
        Text<Session>("client_public_ip", "Egress address", "出口地址", 18, session => session.Client?.PublicIp),
        Text<Session>("client_source_ip", "Peer address", "对端地址", 18, session => session.Client?.SourceIp),
        Text<Session>("client_mac", "Client MAC", "客户端MAC", 20, session => session.Client?.Mac),
        Text<Session>("client_type", "Client type", "客户端类型", 14, session => session.Client?.Type),
        Text<Session>("client_version", "Client version", "客户端版本", 16, session => session.Client?.Version),
        Instant<Session>("requested_at", "Requested", "请求时间", session => session.RequestedAt),
        Instant<Session>("start_time", "Start", "开始时间", session => session.StartedAt),
        Instant<Session>("end_time", "End", "结束时间", session => session.End?.At),
        Word<Session>("end_time_source", "End known by", "结束时间来源", 16, session => session.End is { } end ? SessionJson.WordOf(end.Source) : null),
        Instant<Session>("end_time_earliest", "End not before", "结束时间下限", session => session.End?.Earliest),
        Instant<Session>("end_time_latest", "End not after", "结束时间上限", session => session.End?.Latest),
        Text<Session>("end_reason", "End reason", "结束原因", 30, session => session.End?.Reason),
        Number<Session>("duration_ms", "Duration (ms)", "时长 (ms)", 16, session => session.DurationMsAt(asOf)),
        Number<Session>("connected_ms", "Connected (ms)", "已连接 (ms)", 16, session => session.ConnectedMsAt(asOf)),
        Number<Session>("disconnected_ms", "Disconnected (ms)", "已断开 (ms)", 18, session => session.DisconnectedMsAt(asOf)),
        Text<Session>("failure_code", "Failure code", "失败代码", 16, session => session.Failure?.Code),
        Text<Session>("failure_reason", "Failure reason", "失败原因", 30, session => session.Failure?.Reason),
        Instant<Session>("last_change_at", "Last change", "最近变化", session => session.ChangedAt),
        Text<Session>("agent_version", "Agent version", "代理版本", 16, session => session.AgentVersion),
        Number<Session>("revision", "Revision", "修订", 10, session => session.Revision),
    ];
}
