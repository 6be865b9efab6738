namespace Rollcall.Server.Exports;

/// <summary>Media types of the files that exports write.</summary>
internal static class TabularFormats
{
    /// <summary>IANA's media type for Office Open XML workbooks.</summary>
    public const string XlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}
