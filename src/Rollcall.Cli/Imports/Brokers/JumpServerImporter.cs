using Rollcall.Cli.Events;
using Rollcall.Cli.Imports.Tables;

namespace Rollcall.Cli.Imports.Brokers;

/// <summary>Reads JumpServer's export of sessions as CSV, its headers in English or Chinese.</summary>
/// <remarks>Columns and what stands in them: docs/contracts/session-brokers.md, section 2.</remarks>
/// <param name="zone">Of times that carry no offset, which JumpServer's own do; null refuses them.</param>
/// <param name="unsaid">What a row is taken for that has no end and does not say whether it goes on.</param>
internal sealed class JumpServerImporter(TimeZoneInfo? zone, TimeProvider? clock = null, UnsaidEnd unsaid = UnsaidEnd.Unknown) : ILogImporter
{
    public IEnumerable<ImportedEvent> Read(IReadOnlyList<LogFile> files, Tally tally)
    {
        var events = new BrokerEvents("jumpserver", (clock ?? TimeProvider.System).GetUtcNow(), unsaid, tally);
        foreach (var file in files)
        {
            var times = new WrittenTimes(zone, tally);
            foreach (var row in TableReader.Read(file, JumpServerColumns.Of, ValueOf, JumpServerColumns.Required, tally))
            {
                if (SessionOf(row, times, tally) is not { } session)
                    continue;

                foreach (var one in events.Of(session))
                    yield return one;
            }
        }
    }

    private static BrokerSession? SessionOf(TableRow row, WrittenTimes times, Tally tally)
    {
        var (user, asset) = (NamedOf(row[JumpServerColumns.User]), NamedOf(row[JumpServerColumns.Asset]));
        if (user is null || asset is null || row[JumpServerColumns.Start] is null)
        {
            tally.Skip("no user, no asset or no start", row.Spot);
            return null;
        }

        if (times.TryRead(row[JumpServerColumns.Start], row.Spot) is not { } start)
            return null;

        var end = row[JumpServerColumns.End] is { } written ? times.TryRead(written, row.Spot) : null;
        var content = $"{asset}|{user}|{row[JumpServerColumns.RemoteAddress]}";
        return new BrokerSession
        {
            Id = row[JumpServerColumns.Id] ?? EventIds.SessionOf("jumpserver", content, start),
            Host = asset.Name,
            HostIp = ClientAddress.IpOf(asset.InParentheses),
            User = user.InParentheses ?? user.Name,
            StartAt = start,
            EndAt = end,
            End = EndOf(row, end),
            Protocol = row[JumpServerColumns.Protocol]?.ToUpperInvariant(),
            Client = ClientOf(row),
            Failure = FailureOf(row),
            Spot = row.Spot,
        };
    }

    private static BrokerEnd EndOf(TableRow row, DateTimeOffset? end)
    {
        if (IsSaid(row[JumpServerColumns.IsSuccess]) == false)
            return BrokerEnd.Failed;

        if (end is not null)
            return BrokerEnd.Told;

        return IsSaid(row[JumpServerColumns.IsFinished]) switch
        {
            true => BrokerEnd.Unknown,
            false => BrokerEnd.Open,
            null => BrokerEnd.Unsaid,
        };
    }

    private static EventClient? ClientOf(TableRow row)
    {
        var type = NamedOf(row[JumpServerColumns.LoginFrom])?.Name;
        var client = ClientAddress.From(row[JumpServerColumns.RemoteAddress]);
        return type is null ? client : (client ?? new EventClient()) with { Type = type };
    }

    /// <summary>Also troubles with the recording stand in this column: they are no reason why a session failed.</summary>
    private static EventFailure? FailureOf(TableRow row)
    {
        var reason = NamedOf(row[JumpServerColumns.ErrorReason]);
        var code = reason?.InParentheses;
        return reason is null || code?.StartsWith("replay_", StringComparison.Ordinal) == true
            ? null
            : new EventFailure { Code = code, Reason = reason.Name };
    }

    private static bool? IsSaid(string? text) => text?.ToLowerInvariant() switch
    {
        "yes" or "true" or "1" or "是" => true,
        "no" or "false" or "0" or "否" => false,
        _ => null,
    };

    /// <summary>Nothing is a dash, and for a choice an empty pair of parentheses; a cell that a spreadsheet could run, or that begins with a zero, hides behind an apostrophe.</summary>
    private static string? ValueOf(string field) => field switch
    {
        "" or "-" or "()" or "None(None)" => null,
        ['\'', '=' or '@' or '0', ..] => field[1..],
        _ => field,
    };

    /// <summary>People, assets and choices are written as <c>name(more)</c>.</summary>
    private static Named? NamedOf(string? text)
    {
        var open = text?.EndsWith(')') == true ? text.LastIndexOf('(') : -1;
        if (text is null || open <= 0)
            return text is null ? null : new Named(text, InParentheses: null);

        return new Named(text[..open].TrimEnd(), Texts.Cleaned(text[(open + 1)..^1]));
    }

    private sealed record Named(string Name, string? InParentheses);
}
