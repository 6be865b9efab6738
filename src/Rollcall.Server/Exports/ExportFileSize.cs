using System.Globalization;
using Rollcall.Core;
using Rollcall.Core.Exports;

namespace Rollcall.Server.Exports;

/// <summary>Holds a stored file to the size it was written with: half a file must not look like a whole one.</summary>
internal static class ExportFileSize
{
    /// <summary>The file itself when it is as long as the task says; else it is closed.</summary>
    /// <exception cref="FaultException"><see cref="FaultCode.Failed"/>, naming the damage.</exception>
    public static Stream Check(ExportTask task, Stream file)
    {
        if (task.SizeBytes is null || file.Length == task.SizeBytes)
            return file;

        var length = file.Length;
        file.Dispose();
        throw FaultException.Damaged(string.Create(
            CultureInfo.InvariantCulture, $"The stored file of this export is damaged: it was written with {task.SizeBytes} bytes and has {length} now. Order the export again"));
    }
}
