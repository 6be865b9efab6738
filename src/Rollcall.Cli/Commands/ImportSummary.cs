using Rollcall.Cli.Imports;

namespace Rollcall.Cli.Commands;

/// <summary>Tells what an import took, what it passed over and why, and what the server made of it.</summary>
internal static class ImportSummary
{
    public static void WriteRead(TextWriter to, EventCount taken, Tally tally)
    {
        to.WriteLine($"Taken: {taken.Total} events");
        foreach (var (type, count) in taken.ByType)
            to.WriteLine($"  {count,8}  {TextTable.Clean(type)}");

        WriteRows(to, "Skipped", tally.Skipped);
        WriteRows(to, "Note", tally.Notes);
    }

    public static void WriteSent(TextWriter to, EventUpload upload)
    {
        var rejected = upload.Rejected.Skipped.Sum(r => r.Count);
        to.WriteLine($"Sent: {upload.Accepted} accepted, {upload.Duplicate} known already, {rejected} rejected");
        WriteRows(to, "Rejected by the server", upload.Rejected.Skipped);
    }

    private static void WriteRows(TextWriter to, string title, IReadOnlyList<TallyRow> rows)
    {
        if (rows.Count == 0)
            return;

        to.WriteLine($"{title}: {rows.Sum(r => r.Count)}");
        foreach (var row in rows)
            to.WriteLine($"  {row.Count,8}  {TextTable.Clean(row.Reason)} (first: {TextTable.Clean(row.Example.ToString())})");
    }
}
