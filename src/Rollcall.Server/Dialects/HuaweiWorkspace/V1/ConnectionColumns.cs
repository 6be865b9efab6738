using Rollcall.Core.Connections;
using Rollcall.Core.Tabular;
using Rollcall.Server.Exports;

namespace Rollcall.Server.Dialects.HuaweiWorkspace.V1;

/// <summary>Columns of the two files of connections that this version exports.</summary>
internal static class ConnectionColumns
{
    private const int InstantWidthChars = 24;

    public static ExportColumn<Connection> Text(string header, int width, Func<Connection, string?> value) =>
        new(header, TableKind.Text, width, connection => TableCell.Of(value(connection)));

    public static ExportColumn<Connection> Instant(string header, Func<Connection, DateTimeOffset?> value) =>
        new(header, TableKind.Instant, InstantWidthChars, connection => TableCell.Of(WorkspaceTime.WholeSeconds(value(connection))));
}
