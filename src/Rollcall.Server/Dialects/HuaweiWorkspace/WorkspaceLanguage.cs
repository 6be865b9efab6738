using Rollcall.Core;

namespace Rollcall.Server.Dialects.HuaweiWorkspace;

/// <summary>The language of headers and enumerated values in exported files.</summary>
internal enum WorkspaceLanguage
{
    English,
    Chinese,
}

internal static class WorkspaceLanguages
{
    /// <summary>How the seeds spell it.</summary>
    public const string English = "en_US", Chinese = "zh_CN";

    private const int LengthMax = 16;

    public static string Tag(this WorkspaceLanguage language) => language is WorkspaceLanguage.Chinese ? Chinese : English;

    /// <summary>English when absent or empty.</summary>
    public static WorkspaceLanguage Parse(string? text) => WorkspaceText.Optional("language", text, LengthMax) switch
    {
        null or English => WorkspaceLanguage.English,
        Chinese => WorkspaceLanguage.Chinese,
        _ => throw FaultException.Malformed("language", "zh_CN or en_US"),
    };

    public static string Pick(this WorkspaceLanguage language, string english, string chinese) =>
        language is WorkspaceLanguage.Chinese ? chinese : english;

    public static string YesOrNo(this WorkspaceLanguage language, bool value) =>
        value ? language.Pick("Yes", "是") : language.Pick("No", "否");
}
