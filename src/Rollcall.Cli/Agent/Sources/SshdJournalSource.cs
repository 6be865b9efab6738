using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Imports.Sshd;

namespace Rollcall.Cli.Agent.Sources;

/// <summary>Follows what sshd tells systemd's journal, through <c>journalctl</c>.</summary>
/// <remarks>
/// Source: systemd.journal-fields(7) and the JSON form of journalctl(1), systemd 252. The journal knows microseconds and every line's
/// cursor, so neither a zone nor a year is needed, and its event ids are others than those of the same lines in a file.
/// </remarks>
internal sealed class SshdJournalSource : ISource
{
    /// <summary>Entries read ahead of the agent; journalctl waits while they are as many.</summary>
    private const int AheadMax = 2_000;

    /// <summary>Characters of one entry looked at.</summary>
    private const int EntryLengthMax = 64 * 1024;

    /// <summary>Characters kept of what journalctl said last to its standard error.</summary>
    private const int LastWordsLengthMax = 300;

    /// <summary>Where journald keeps what it was told.</summary>
    private static readonly string[] Folders = ["/var/log/journal", "/run/log/journal"];

    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(10);

    private readonly SshdTeller teller;
    private readonly AgentLog log;
    private readonly BlockingCollection<string> ahead = new(AheadMax);
    private readonly SshdLog lines;
    private readonly RecentOccurrences occurrences = new();
    private Process? journal;
    private TimeSpan? endedAt;
    private string? cursor, trouble;
    private volatile string? lastWords;
    private DateTimeOffset? lastAt;

    public SshdJournalSource(SshdTeller teller, AgentState state, AgentLog log)
    {
        (this.teller, this.log, cursor) = (teller, log, state.JournalCursor);
        lines = new SshdLog(new SshdClock(null, null, Tally), occurrences.Next, Tally);
    }

    public string Name => "sshd-journal";

    public bool HasMore => ahead.Count > 0;

    public Tally Tally { get; } = new();

    public IReadOnlyList<ImportedEvent> Poll(Moment now)
    {
        if (journal is null || journal.HasExited)
            Start(now);

        var events = new List<ImportedEvent>();
        for (var taken = 0; taken < AheadMax && ahead.TryTake(out var entry); taken++)
        {
            if (Read(entry) is { } one)
                events.Add(one);
        }

        if (!HasMore)
            teller.Forget(now);
        return events;
    }

    public AgentState Keep(AgentState state) => teller.Keep(state with { JournalCursor = cursor });

    public IEnumerable<SourceStatus> Describe()
    {
        var isMissing = trouble is null && lastAt is null && !Array.Exists(Folders, Directory.Exists);
        yield return new SourceStatus
        {
            Kind = Name,
            Name = "journalctl",
            State = trouble is not null ? "unreadable" : isMissing ? "not there yet" : "following",
            Reason = isMissing ? $"there is no journal in {string.Join(" or ", Folders)}" : trouble,
            LastAt = lastAt,
        };
    }

    public void Dispose()
    {
        ahead.CompleteAdding();
        if (journal is { HasExited: false })
            journal.Kill();
        journal?.Dispose();
    }

    private void Start(Moment now)
    {
        if (journal is not null)
        {
            endedAt ??= now.Ran;
            trouble = $"journalctl ended with exit code {journal.ExitCode}{(lastWords is null ? "" : $": {lastWords}")}";
            if (now.Ran - endedAt < RestartAfter)
                return;

            journal.Dispose();
        }

        string[] from = cursor is null ? ["--no-tail"] : [$"--after-cursor={cursor}"];
        var start = new ProcessStartInfo("journalctl", ["--follow", "--output=json", "--quiet", "-t", "sshd", "-t", "sshd-session", .. from])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            journal = Process.Start(start)!;
            (endedAt, trouble) = (null, null);
            journal.ErrorDataReceived += (_, said) => lastWords = said.Data is { Length: > 0 } words ? words[..Math.Min(words.Length, LastWordsLengthMax)] : lastWords;
            journal.BeginErrorReadLine();
            var output = journal.StandardOutput;
            _ = Task.Factory.StartNew(() => ReadAhead(output), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Win32Exception e)
        {
            if (trouble is null)
                log.Say($"Warning: journalctl cannot be run: {e.Message}");
            (journal, trouble) = (null, $"journalctl cannot be run: {e.Message}");
        }
    }

    private void ReadAhead(StreamReader output)
    {
        try
        {
            while (output.ReadLine() is { } line)
            {
                if (line.Length <= EntryLengthMax)
                    ahead.Add(line);
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // The agent is stopping; what was not taken is behind the cursor.
        }
    }

    private ImportedEvent? Read(string entry)
    {
        var spot = new Spot("journal", 0);
        try
        {
            using var json = JsonDocument.Parse(entry);
            cursor = TextOf(json.RootElement, "__CURSOR") ?? cursor;
            var at = TimeOf(json.RootElement);
            if (at is null || TextOf(json.RootElement, "MESSAGE") is not { } message || TextOf(json.RootElement, "_HOSTNAME") is not { } host)
            {
                Tally.Skip("an entry of the journal without a time, a text or a host", spot);
                return null;
            }

            lastAt = at;
            var line = new SyslogLine
            {
                Host = host,
                Program = TextOf(json.RootElement, "SYSLOG_IDENTIFIER") ?? "sshd",
                Pid = TextOf(json.RootElement, "SYSLOG_PID") ?? TextOf(json.RootElement, "_PID"),
                Message = message,
                Instant = at,
            };
            var asWritten = at.Value.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
            return lines.FactOf(line, at.Value.ToMilliseconds(), asWritten, spot) is var (fact, said) && IsSshds(json.RootElement, said, spot) ? teller.Tell(fact, said, Tally) : null;
        }
        catch (JsonException)
        {
            Tally.Skip("an entry of the journal that is no JSON", spot);
            return null;
        }
    }

    /// <summary>
    /// Anybody may write to the journal under sshd's name and number; only the fields with a line before them are the journal's own. sshd tells
    /// of logons as root. The user's own part of it, which runs as the user, says only why and that the client went.
    /// </summary>
    private bool IsSshds(JsonElement entry, SshdMessage said, Spot spot)
    {
        var isFarewell = said is SshdMessage.Reason or SshdMessage.Disconnected;
        if (TextOf(entry, "_UID") == "0" || (isFarewell && Path.GetFileName(TextOf(entry, "_EXE")) is "sshd" or "sshd-session"))
            return true;

        Tally.Skip("written under sshd's name by another program or user", spot);
        return false;
    }

    /// <summary>When the program wrote it, and where that is not kept, when the journal received it.</summary>
    private static DateTimeOffset? TimeOf(JsonElement entry) =>
        long.TryParse(TextOf(entry, "_SOURCE_REALTIME_TIMESTAMP") ?? TextOf(entry, "__REALTIME_TIMESTAMP"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds is > 0 and < 253402300800_000_000
            ? DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds)
            : null;

    /// <summary>A field that is no text, such as bytes that are no UTF-8, is none.</summary>
    private static string? TextOf(JsonElement entry, string name) =>
        entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
