using Rollcall.Cli.Commands;
using Spectre.Console;

namespace Rollcall.Cli.Exports;

/// <summary>Shows how far an export is, where a person watches; says nothing in a script.</summary>
internal sealed class ExportProgress
{
    private readonly ProgressTask? bar;

    private ExportProgress(ProgressTask? bar) => this.bar = bar;

    public static async Task ShowAsync(CliContext context, Func<ExportProgress, Task> work)
    {
        if (!context.IsWatched)
        {
            await work(new ExportProgress(bar: null));
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(context.Error) });
        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(progress => work(new ExportProgress(progress.AddTask("Waiting"))));
    }

    /// <param name="expected">0: not known yet, or nothing to do.</param>
    public void Begin(string step, long expected, string unit)
    {
        if (bar is null)
            return;

        bar.Description = expected > 0 ? $"{step} {expected} {unit}" : step;
        bar.MaxValue = Math.Max(1, expected);
        bar.IsIndeterminate = expected == 0;
    }

    public void Show(long done)
    {
        if (bar is not null)
            bar.Value = done;
    }
}
