using System.CommandLine;
using Rollcall.Cli.Imports;
using Rollcall.Cli.Native;
using Spectre.Console;

namespace Rollcall.Cli.Commands;

/// <summary>What all imports of events share: the files, the connection, the dry run, the progress and the summary.</summary>
internal sealed class ImportRun
{
    /// <summary>Events read ahead so that the bar knows its length. A longer import shows what it sent, without an end.</summary>
    private const int ReadAheadMax = 100_000;

    /// <summary>Stands for what is piped in.</summary>
    private const string Piped = "-";

    private readonly CliContext context;
    private readonly string name;
    private readonly ConnectionOptions connection;
    private readonly Argument<string[]> files = new("file") { Arity = ArgumentArity.OneOrMore, Description = "Log files, or - for what is piped in; gzip is unpacked. Their order does not matter." };
    private readonly Option<bool> dryRun = new("--dry-run") { Description = "Print the events as NDJSON instead of sending them; the summary goes to the error output." };

    private ImportRun(CliContext context, string name)
    {
        (this.context, this.name, connection) = (context, name, new ConnectionOptions(context));
    }

    /// <summary>A command that imports events; the reader is made from the command's own options.</summary>
    public static Command Create(
        CliContext context, string name, string description, IReadOnlyList<Option> own, Func<ParseResult, Func<IReadOnlyList<LogFile>, Tally, IEnumerable<OutgoingEvent>>> reader)
    {
        var run = new ImportRun(context, name);
        var command = new Command(name, description) { run.files };
        foreach (var option in own)
            command.Add(option);

        command.Add(run.dryRun);
        run.connection.AddTo(command);
        command.Run(context, (parse, cancel) => run.RunAsync(parse, reader(parse), cancel));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, Func<IReadOnlyList<LogFile>, Tally, IEnumerable<OutgoingEvent>> read, CancellationToken cancel)
    {
        var (tally, count) = (new Tally(), new EventCount());
        var paths = PathsOf(parse);
        await using var spool = paths.Contains(Piped) ? await Spool.FillAsync(context.In(), "standard input", cancel) : null;
        var events = count.Passing(read(paths.ConvertAll(path => path == Piped ? spool!.File : LogFile.At(path)), tally));
        if (parse.GetValue(dryRun))
            return await PrintAsync(events, count, tally);

        await using var session = await NativeSession.OpenAsync(connection.Resolve(parse, Caller.Agent), context.Time, cancel);
        var upload = new EventUpload(session);
        try
        {
            await ShowAsync(events, upload, cancel);
        }
        finally
        {
            // Also after a failure: what was sent until then is stored.
            ImportSummary.WriteRead(context.Out, count, tally);
            ImportSummary.WriteSent(context.Out, upload);
        }

        return upload.Rejected.Skipped.Count == 0 ? Judge(count, tally) : ExitCode.Failed;
    }

    /// <summary>An import that went through may still have read the wrong file, or half of one: a script must notice.</summary>
    private int Judge(EventCount count, Tally tally)
    {
        if (tally.IsIncomplete)
            context.Error.WriteLine("A file could not be read to its end; what comes after is not in the ledger. \"Skipped\" says where.");
        else if (count.Total == 0 && tally.Skipped.Count > 0)
            context.Error.WriteLine($"Nothing was taken: all of it was skipped. Are these the files for rollcall import {name}?");
        else
            return ExitCode.Ok;

        return ExitCode.Failed;
    }

    private List<string> PathsOf(ParseResult parse)
    {
        // The same path twice is one file; the same log under two paths is found by what its lines say.
        var paths = parse.GetValue(files)!.Distinct(StringComparer.Ordinal).ToList();
        foreach (var path in paths.Where(p => p != Piped))
        {
            if (!File.Exists(path))
                throw new UsageException($"There is no file {path}.");

            using var probe = LogFile.At(path).OpenRaw();
            if (!probe.CanSeek)
                throw new UsageException($"{path} is a pipe; logs are read more than once. Write it to a file first, or pipe it in and say - instead.");
        }

        return paths;
    }

    private async Task<int> PrintAsync(IEnumerable<OutgoingEvent> events, EventCount count, Tally tally)
    {
        foreach (var one in events)
            await context.Out.WriteLineAsync(System.Text.Encoding.UTF8.GetString(one.Json));

        ImportSummary.WriteRead(context.Error, count, tally);
        return Judge(count, tally);
    }

    private async Task ShowAsync(IEnumerable<OutgoingEvent> events, EventUpload upload, CancellationToken cancel)
    {
        if (!context.IsWatched)
        {
            await SendAsync(events, upload, _ => { }, cancel);
            return;
        }

        using var source = events.GetEnumerator();
        var ahead = new List<OutgoingEvent>();
        while (ahead.Count < ReadAheadMax && source.MoveNext())
            ahead.Add(source.Current);

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(context.Error) });
        await console.Progress().StartAsync(async progress =>
        {
            var bar = progress.AddTask("Sending events", maxValue: Math.Max(1, ahead.Count));
            bar.IsIndeterminate = ahead.Count == ReadAheadMax;
            await SendAsync(ahead.Concat(Rest(source)), upload, sent => bar.Value = sent, cancel);
            bar.StopTask();
        });
    }

    private static async Task SendAsync(IEnumerable<OutgoingEvent> events, EventUpload upload, Action<long> show, CancellationToken cancel)
    {
        foreach (var one in events)
        {
            await upload.AddAsync(one, cancel);
            show(upload.Sent);
        }

        await upload.FlushAsync(cancel);
        show(upload.Sent);
    }

    private static IEnumerable<OutgoingEvent> Rest(IEnumerator<OutgoingEvent> source)
    {
        while (source.MoveNext())
            yield return source.Current;
    }
}
