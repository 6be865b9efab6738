using Rollcall.Core;

namespace Rollcall.Server.Dialects.Native.Exports;

/// <summary>The language of headers and enumerated values.</summary>
internal sealed record ExportLanguage
{
    public static readonly ExportLanguage English = new() { Tag = "en_US" };
    public static readonly ExportLanguage Chinese = new() { Tag = "zh_CN" };

    /// <summary>Machine words throughout: what programs read.</summary>
    public static readonly ExportLanguage None = new() { Tag = "none" };

    public required string Tag { get; init; }

    /// <exception cref="FaultException"><see cref="FaultCode.Malformed"/>.</exception>
    public static ExportLanguage Parse(string? text) => text switch
    {
        null or "en_US" => English,
        "zh_CN" => Chinese,
        _ => throw FaultException.Malformed("language", "en_US or zh_CN"),
    };

    /// <summary>A machine word of the API in this language; English keeps it, so that a filter can be copied from a cell.</summary>
    public string WordOf(string word) => this == Chinese ? ChineseOf(word) : word;

    private static string ChineseOf(string word) => word switch
    {
        "initializing" => "初始化",
        "active" => "活动",
        "disconnected" => "已断开",
        "ended" => "已结束",
        "failed" => "失败",
        "desktop" => "桌面",
        "application" => "应用",
        "reported" => "已报告",
        "heartbeat" => "心跳中断",
        "host_event" => "主机事件",
        "roster" => "名册缺失",
        "superseded" => "被新登录取代",
        "operator" => "操作员",
        "unknown" => "未知",
        "self" => "用户激活",
        "administrator" => "管理员激活",
        "foreign" => "其他控制台",
        "tenant" => "租户",
        "domain" => "域",
        "console" => "控制台",
        _ => word,
    };
}
