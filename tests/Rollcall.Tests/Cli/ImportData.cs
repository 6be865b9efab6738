using System.Globalization;
using Rollcall.Cli.Events;
using Rollcall.Cli.Imports;

namespace Rollcall.Tests.Cli;

/// <summary>Recorded logs, golden lists, and events as a person reads them.</summary>
internal static class ImportData
{
    public static string Root { get; } = FindRoot();

    public static LogFile Recorded(string name) => LogFile.At(Path.Combine(Root, "samples", "hosts", name));

    public static LogFile Written(string name) => LogFile.At(Path.Combine(Root, "tests", "data", "import", name));

    public static LogFile Lines(string name, params string[] lines) =>
        LogFile.Of(name, System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));

    public static List<LedgerEvent> Read(ILogImporter importer, params LogFile[] files) => Read(importer, new Tally(), files);

    public static List<LedgerEvent> Read(ILogImporter importer, Tally tally, params LogFile[] files) =>
        [.. importer.Read(files, tally).Select(i => i.Event)];

    public static TimeZoneInfo Zone(string id) => TimeZoneInfo.FindSystemTimeZoneById(id);

    public static long Skipped(Tally tally, string words) =>
        tally.Skipped.Where(r => r.Reason.Contains(words, StringComparison.Ordinal)).Sum(r => r.Count);

    /// <summary>The events in the order the ledger gives them, against a golden list; lines with # are for people.</summary>
    public static void AssertGolden(string name, IEnumerable<LedgerEvent> events)
    {
        var path = Path.Combine(Root, "tests", "data", "import", name);
        var expected = File.ReadAllLines(path).Where(l => l.Length > 0 && !l.StartsWith('#'));
        var actual = InLedgerOrder(events).Select(Text);
        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
    }

    public static IEnumerable<LedgerEvent> InLedgerOrder(IEnumerable<LedgerEvent> events) =>
        events.OrderBy(e => e.Time).ThenBy(e => e.Id, StringComparer.Ordinal);

    public static string Text(LedgerEvent e)
    {
        var parts = new List<string?>
        {
            e.Time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.fff", CultureInfo.InvariantCulture),
            e.Type["rollcall.".Length..],
            e.Data.Host.Name,
            e.Data.OsSessionId,
            e.Data.User,
            e.Data.Protocol,
            e.Data.Client is { } client ? $"from {client.Ip}{(client.Name is null ? "" : $" ({client.Name})")}" : null,
            e.Data.Failure is { } failure ? $"failed: {failure.Code}" : null,
            e.Data.Reason is null ? null : $"because: {e.Data.Reason}",
            e.Data.EndTimeSource is null ? null : $"at a time {e.Data.EndTimeSource}",
        };
        return string.Join(" | ", parts.OfType<string>());
    }

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Rollcall.slnx")))
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Rollcall.slnx is in no folder above the tests.");

        return folder;
    }
}
