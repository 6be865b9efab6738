namespace Rollcall.Cli.Imports.WindowsLsm;

/// <summary>Reads the session log of Windows hosts. The Windows session id is the OS session id; it is reused after every boot.</summary>
/// <param name="zone">Of the hosts; null refuses times without an offset.</param>
/// <param name="form">Which tool wrote the files.</param>
internal sealed class LsmImporter(TimeZoneInfo? zone, WindowsForm form = WindowsForm.Auto) : ILogImporter
{
    public IEnumerable<ImportedEvent> Read(IReadOnlyList<LogFile> files, Tally tally)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var host in new LsmReader(zone, form, tally).Read(files))
        {
            var desk = new LsmDesk([.. host.Where(r => IsNew(r, seen, tally))], tally);
            foreach (var imported in desk.Read())
                yield return imported;
        }
    }

    private static bool IsNew(LsmRecord record, HashSet<string> seen, Tally tally)
    {
        // A record number names a record for good. Without one, two equal events of one second cannot be told apart.
        if (seen.Add($"{record.Host.ToLowerInvariant()}|{record.Content}"))
            return true;

        tally.Skip("the same record again", record.Spot);
        return false;
    }
}
