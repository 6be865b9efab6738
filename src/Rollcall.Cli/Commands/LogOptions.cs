using System.CommandLine;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Brokers;

namespace Rollcall.Cli.Commands;

/// <summary>Options that several kinds of log share.</summary>
internal static class LogOptions
{
    public static Option<string> Host()
    {
        var host = new Option<string>("--host")
        {
            Description = "Name of the host the files are of: they do not say.",
            HelpName = "name",
            Required = true,
        };
        host.Validators.Add(result =>
        {
            if (EventCheck.WrongWith("host", result.GetValueOrDefault<string?>()) is { } wrong)
                result.AddError($"--host: {wrong}.");
        });
        return host;
    }

    public static Option<string?> TimeZone() => new("--time-zone")
    {
        Description = "IANA time zone of the host, such as Europe/Paris. Required where times carry no zone: a wrong guess would shift every session.",
        HelpName = "zone",
    };

    public static Option<int?> Year()
    {
        var year = new Option<int?>("--year")
        {
            Description = "Year of each file's first line. Required where times carry no year (RFC 3164); December to January counts on.",
            HelpName = "year",
        };
        year.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1990 or > 2100)
                result.AddError("--year must lie between 1990 and 2100.");
        });
        return year;
    }

    public static Option<string> RowsWithoutEnd()
    {
        var rows = new Option<string>("--rows-without-end")
        {
            Description = "What a row without an end is when the export does not say whether it goes on: over at an unknown time, or open.",
            DefaultValueFactory = _ => "unknown",
        };
        rows.AcceptOnlyFromAmong("unknown", "open");
        return rows;
    }

    public static UnsaidEnd UnsaidOf(string rows) => rows == "open" ? UnsaidEnd.Open : UnsaidEnd.Unknown;

    /// <summary>Null when the option was not given.</summary>
    public static TimeZoneInfo? ZoneOf(string? id)
    {
        if (id is null)
            return null;

        return TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone)
            ? zone
            : throw new UsageException($"\"{id}\" is no time zone this machine knows. Use an IANA name such as Europe/Paris, America/New_York or UTC.");
    }

    /// <summary>The events of an importer, ready for the wire.</summary>
    public static Func<IReadOnlyList<LogFile>, Tally, IEnumerable<OutgoingEvent>> Outgoing(ILogImporter importer) =>
        (files, tally) => importer.Read(files, tally).Where(one => IsFit(one, tally)).Select(OutgoingEvent.From);

    private static bool IsFit(ImportedEvent one, Tally tally)
    {
        if (EventCheck.WrongWith(one.Event) is not { } wrong)
            return true;

        tally.Skip(wrong, one.Spot);
        return false;
    }
}
