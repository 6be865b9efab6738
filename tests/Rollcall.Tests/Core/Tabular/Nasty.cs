using FsCheck;
using FsCheck.Fluent;

namespace Rollcall.Tests.Core.Tabular;

/// <summary>Texts that have broken spreadsheets, and text made of their pieces.</summary>
internal static class Nasty
{
    public static readonly string[] Texts =
    [
        "=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "\rx", "\nx", " =1", "a\r\nb\rc\nd", "昇", "😀", "مرحبا", "שלום", "123456789012345678", "007",
        "_x0041_", "_x0041_x0042_", "_x005F_x0041_", "_x0041\r", "_x004", "pos_x1_y2", "_x1F_", "_x\r", "_x1\r", "_x00001_", "_X0041_", "_x00e9_", "]]>", "&<>\"'", "&amp;", " lead", "trail ", "two  blanks", " ",
        "\uD800", "\uDC00", "a\uD83Db", "\uDC00\uD800", "\uFFFE\uFFFF", "\uFEFFx", "\u0085\u2028", "1/2", "TRUE", "#N/A", "1E5", "'quoted", "a,b;c|d\te", "\"\"",
        .. Enumerable.Range(1, 31).Append(0).Append(0x7F).Append(0x9F).Select(c => $"a{(char)c}b{(char)c}"),
    ];

    private static readonly string[] _pieces =
    [
        .. Texts, "_", "_x", "x0041_", "0041", "000D_", "x", " ", "\r", "\n", "\t", "\0", "=", "+", "-", "@", "'", "\"", ",", "<", ">", "&", "é", "a", "\u00A0", "＝",
    ];

    /// <summary>Any text, null included; half of them pieced together so that escapes, pairs and quotation marks meet.</summary>
    public static Gen<string?> AnyText =>
        Gen.OneOf(
            Gen.Elements(_pieces).ArrayOf().Select(string? (pieces) => string.Concat(pieces)),
            Gen.Choose(0, char.MaxValue).Select(c => (char)c).ArrayOf().Select(string? (chars) => new string(chars)),
            Gen.Constant<string?>(null));
}
