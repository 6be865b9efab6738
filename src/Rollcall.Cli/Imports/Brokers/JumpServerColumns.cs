using System.Collections.Frozen;

namespace Rollcall.Cli.Imports.Brokers;

/// <summary>The columns of JumpServer's session export that are of use here, by what their header is called in each language.</summary>
/// <remarks>Names: docs/contracts/session-brokers.md, section 2. Required fields are marked with an asterisk, which is no part of the name.</remarks>
internal static class JumpServerColumns
{
    public const string Id = "id", User = "user", Asset = "asset", Protocol = "protocol", LoginFrom = "login from", RemoteAddress = "remote addr",
        IsSuccess = "is success", IsFinished = "is finished", Start = "date start", End = "date end", ErrorReason = "error reason";

    public static readonly string[] Required = [User, Asset, Start];

    private static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
    {
        [Id] = Id,
        [User] = User,
        ["用户"] = User,
        ["用戶"] = User,
        [Asset] = Asset,
        ["资产"] = Asset,
        ["資產"] = Asset,
        [Protocol] = Protocol,
        ["协议"] = Protocol,
        ["協議"] = Protocol,
        [LoginFrom] = LoginFrom,
        ["登录来源"] = LoginFrom,
        ["登錄來源"] = LoginFrom,
        [RemoteAddress] = RemoteAddress,
        ["远端地址"] = RemoteAddress,
        ["遠端地址"] = RemoteAddress,
        [IsSuccess] = IsSuccess,
        ["是否成功"] = IsSuccess,
        [IsFinished] = IsFinished,
        ["是否完成"] = IsFinished,
        [Start] = Start,
        ["开始日期"] = Start,
        ["開始日期"] = Start,
        [End] = End,
        ["结束日期"] = End,
        ["結束日期"] = End,
        [ErrorReason] = ErrorReason,
        ["错误原因"] = ErrorReason,
        ["錯誤原因"] = ErrorReason,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>Null for a column of no use here. Also the field's own name (<c>date_start</c>) is known.</summary>
    public static string? Of(string header) => Names.GetValueOrDefault(header.Trim('*', ' ').Replace('_', ' '));
}
