using System.Text.Json;
using Rollcall.Cli.Imports.Tables;

namespace Rollcall.Cli.Imports.Brokers;

/// <summary>Reads the connection history of Apache Guacamole: the REST API's JSON, or its database table as CSV.</summary>
/// <remarks>Members and columns: docs/contracts/session-brokers.md, section 1. The host is the connection's name: the history knows no other.</remarks>
/// <param name="zone">Of a table's times that carry no offset; null refuses them. The JSON needs none.</param>
/// <param name="unsaid">What a row is taken for that has no end and does not say whether it goes on.</param>
internal sealed class GuacamoleImporter(TimeZoneInfo? zone, TimeProvider? clock = null, UnsaidEnd unsaid = UnsaidEnd.Unknown) : ILogImporter
{
    /// <summary>Blanks that may stand before the first bracket.</summary>
    private const int HeadBytesMax = 1024;

    private static readonly string[] Required = ["username", "connection_name", "start_date"];

    public IEnumerable<ImportedEvent> Read(IReadOnlyList<LogFile> files, Tally tally)
    {
        var events = new BrokerEvents("guacamole", (clock ?? TimeProvider.System).GetUtcNow(), unsaid, tally);
        return files
            .SelectMany(file => IsJson(file) ? ReadAnswer(file, tally) : ReadTable(file, tally))
            .Select(row => SessionOf(row, tally))
            .OfType<BrokerSession>()
            .SelectMany(events.Of);
    }

    private static bool IsJson(LogFile file) =>
        file.HeadOfText(HeadBytesMax).AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'[' or (byte)'{', ..];

    private static IEnumerable<Row> ReadAnswer(LogFile file, Tally tally)
    {
        foreach (var piece in PieceReader.Read(file, new JsonCut(), tally))
        {
            if (TryParse(piece.Text) is not { } json)
            {
                tally.Skip("not JSON", piece.Spot);
                continue;
            }

            string? Text(string name) => Texts.Of(JsonPath.Find(json, name));
            var isActive = JsonPath.Find(json, "active") is { ValueKind: JsonValueKind.True };
            yield return new Row(Text("identifier") ?? Text("uuid"), Text("connectionName"), Text("username"), Text("remoteHost"), piece.Spot)
            {
                StartAt = TimeOf(Text("startDate")),
                EndAt = TimeOf(Text("endDate")),
                WithoutEnd = isActive ? BrokerEnd.Open : BrokerEnd.Unknown,
            };
        }
    }

    private IEnumerable<Row> ReadTable(LogFile file, Tally tally)
    {
        var times = new WrittenTimes(zone, tally);
        foreach (var row in TableReader.Read(file, column => column.ToLowerInvariant(), ValueOf, Required, tally))
        {
            var told = new Row(row["history_id"], row["connection_name"], row["username"], row["remote_host"], row.Spot)
            {
                StartAt = row["start_date"] is { } start ? times.TryRead(start, row.Spot) : null,
                EndAt = row["end_date"] is { } end ? times.TryRead(end, row.Spot) : null,
                WithoutEnd = BrokerEnd.Unsaid,
            };

            // Whose time cannot be read was counted then and there.
            if (told.StartAt is not null || row["start_date"] is null)
                yield return told;
        }
    }

    private static BrokerSession? SessionOf(Row row, Tally tally)
    {
        if (WrongWith(row) is { } wrong)
        {
            tally.Skip(wrong, row.Spot);
            return null;
        }

        var start = row.StartAt!.Value;
        var content = $"{row.Host}|{row.User}|{row.RemoteHost}";
        return new BrokerSession
        {
            Id = row.Id is null ? EventIds.SessionOf("guacamole", content, start) : $"guacamole-{row.Id}",
            Host = row.Host!,
            User = row.User!,
            StartAt = start,
            EndAt = row.EndAt,
            End = row.EndAt is null ? row.WithoutEnd : BrokerEnd.Told,
            Client = ClientAddress.From(row.RemoteHost, ClientAddress.IpOf(row.RemoteHost) is null ? row.RemoteHost : null),
            Spot = row.Spot,
        };
    }

    private static string? WrongWith(Row row) => row switch
    {
        { Host: null } => "no connection name: no record of the connection history",
        { User: null } => "no user name",
        { StartAt: null } => "no start",
        _ => null,
    };

    /// <summary>Milliseconds since 1970, as the REST API writes them, or a time with a zone.</summary>
    private static DateTimeOffset? TimeOf(string? text) =>
        (Texts.LongNumber(text) is { } ms ? Instants.TryUnixMilliseconds(ms) : Instants.TryZoned(text))?.ToMilliseconds();

    /// <summary>Databases write NULL into CSV in several ways.</summary>
    private static string? ValueOf(string field) => field is "" or "NULL" or "null" or "\\N" ? null : field;

    private static JsonElement? TryParse(string text)
    {
        try
        {
            return JsonElement.Parse(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Row(string? Id, string? Host, string? User, string? RemoteHost, Spot Spot)
    {
        public DateTimeOffset? StartAt { get; init; }
        public DateTimeOffset? EndAt { get; init; }

        /// <summary>What it means that there is no end.</summary>
        public BrokerEnd WithoutEnd { get; init; }
    }
}
