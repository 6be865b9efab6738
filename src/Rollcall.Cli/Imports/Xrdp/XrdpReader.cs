namespace Rollcall.Cli.Imports.Xrdp;

/// <summary>Reads the logs of one xrdp host, of any kind and in any order, into facts.</summary>
/// <param name="zone">Of the host; null refuses lines that carry no offset.</param>
/// <param name="tally">Counts the lines that say nothing of use.</param>
internal sealed class XrdpReader(TimeZoneInfo? zone, Tally tally)
{
    /// <summary>Facts held at once, for the three logs have to be joined. A host with more has years of logs: import them in parts.</summary>
    private const int FactsMax = 4_000_000;

    private readonly HashSet<(string Content, int Occurrence)> seen = [];
    private readonly List<XrdpFact> facts = [];

    /// <summary>The facts of each file in the file's order, the oldest file first; a line that two files share counts once.</summary>
    public List<XrdpFact> Read(IReadOnlyList<LogFile> files)
    {
        var parts = new List<List<XrdpFact>>();
        foreach (var file in files.OrderBy(f => f.Name, StringComparer.Ordinal))
            parts.Add(ReadOne(file));

        foreach (var part in parts.Where(p => p.Count > 0).OrderBy(p => p[0].At))
            facts.AddRange(part.Where(IsNew));

        return facts;
    }

    private bool IsNew(XrdpFact fact)
    {
        if (seen.Add((fact.Line.Content, fact.Line.Occurrence)))
            return true;

        tally.Skip("read already in another of the files", fact.Line.Spot);
        return false;
    }

    private List<XrdpFact> ReadOne(LogFile file)
    {
        var part = new List<XrdpFact>();
        var log = new XrdpLog(zone, tally, new Occurrences().Next);
        foreach (var line in LineReader.Read(file, tally))
        {
            if (part.Count >= FactsMax)
                throw new UsageException($"{file.Name} holds more than {FactsMax} lines about sessions: import it in parts.");

            if (log.Take(line) is { } fact)
                part.Add(fact);
        }

        return part;
    }
}
