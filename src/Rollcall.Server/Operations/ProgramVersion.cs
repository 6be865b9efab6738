using System.Reflection;

namespace Rollcall.Server.Operations;

/// <summary>Which program this is.</summary>
internal static class ProgramVersion
{
    /// <summary>As built: <c>rollcalld</c>, the version and, behind a plus sign, the commit.</summary>
    public static string Text { get; } =
        "rollcalld " + (typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "of unknown version");
}
