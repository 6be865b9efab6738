namespace Rollcall.Cli.Imports.Wtmp;

/// <summary>Reads login records. One logon is one terminal line: its name is the OS session id.</summary>
/// <param name="host">Whose records these are: the file does not say.</param>
/// <param name="withTerminals">Takes terminal windows inside an X display for logons too.</param>
internal sealed class WtmpImporter(string host, bool withTerminals) : ILogImporter
{
    private readonly WtmpDesk desk = new(host, withTerminals);

    public IEnumerable<ImportedEvent> Read(IReadOnlyList<LogFile> files, Tally tally)
    {
        // A logon of a rotated file may end in the next one, so the oldest is read first, however they were given.
        foreach (var file in files.OrderBy(FirstTime).ThenBy(f => f.Name, StringComparer.Ordinal))
        {
            var occurrences = new Occurrences();
            foreach (var (record, spot) in WtmpReader.Read(file, tally))
            {
                if (desk.Take(record, occurrences.Next, spot, tally) is { } taken)
                    yield return new ImportedEvent(taken, spot);
            }
        }
    }

    private static DateTimeOffset FirstTime(LogFile file) =>
        WtmpReader.Read(file, new Tally()).Select(r => r.Record.At).FirstOrDefault(at => at is not null) ?? DateTimeOffset.MaxValue;
}

/// <summary>Cuts a file into login records.</summary>
internal static class WtmpReader
{
    public static IEnumerable<(WtmpRecord Record, Spot Spot)> Read(LogFile file, Tally tally)
    {
        using var stream = file.Open();
        var bytes = new byte[WtmpRecord.SizeBytes];
        for (long number = 1; ; number++)
        {
            var spot = new Spot(file.Name, number);
            var count = TryFill(stream, bytes);
            if (count == 0)
                yield break;

            if (count < 0)
            {
                tally.Break("the file breaks off: it cannot be read further", spot);
                yield break;
            }

            if (count != bytes.Length)
            {
                tally.Skip("a record cut short at the end of the file", spot);
                yield break;
            }

            if (WtmpRecord.TryParse(bytes) is { } record)
                yield return (record, spot);
            else
                tally.Skip("not a login record", spot);
        }
    }

    /// <summary>Bytes read, less than the buffer at the end; -1 when the file cannot be read.</summary>
    private static int TryFill(Stream stream, byte[] bytes)
    {
        try
        {
            return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            return -1;
        }
    }
}
