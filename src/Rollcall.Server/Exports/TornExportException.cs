using System.Globalization;

namespace Rollcall.Server.Exports;

/// <summary>The place where an exported file was written to has not kept all of it.</summary>
/// <param name="writtenBytes">What was sent.</param>
/// <param name="keptBytes">What is there.</param>
internal sealed class TornExportException(long writtenBytes, long keptBytes) : IOException(string.Create(
    CultureInfo.InvariantCulture, $"The store of exported files kept {keptBytes} of the {writtenBytes} bytes that were sent, so the file is not whole"));
