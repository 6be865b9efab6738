using Rollcall.Bench.Runs;

namespace Rollcall.Bench.Bars;

/// <summary>Which way a bar's figure has to lie from its minimum and goal.</summary>
internal enum Sense
{
    AtMost,
    AtLeast,
}

/// <summary>One bar of performance.md. A new one is a class here and a line in <see cref="AllBars"/>.</summary>
/// <param name="Name">For <c>--only</c> and in JSON; never renamed.</param>
/// <param name="Yardstick">What is measured beside it in the same run, in words.</param>
/// <param name="Minimum">What must hold.</param>
/// <param name="Goal">What we are after.</param>
internal abstract record Bar(string Name, string Yardstick, Sense Sense, double Minimum, double Goal)
{
    /// <summary>Null: this bar cannot be measured.</summary>
    public abstract Task<Figure?> MeasureAsync(BenchRun run, CancellationToken cancel);

    /// <summary>The size of what is measured, for JSON: rows, unless the bar has another.</summary>
    public virtual long RowsOf(BenchRun run) => run.Rows;

    public bool Holds(Figure figure) => Sense == Sense.AtMost ? figure.Ratio <= Minimum : figure.Ratio >= Minimum;

    public bool ReachesGoal(Figure figure) => Sense == Sense.AtMost ? figure.Ratio <= Goal : figure.Ratio >= Goal;
}

/// <summary>What was measured for a bar.</summary>
/// <param name="YardstickValue">In <paramref name="Unit"/>; null when the bar is absolute.</param>
/// <param name="Value">Ours, in <paramref name="Unit"/>.</param>
/// <param name="Ratio">What minimum and goal are held against: ours by the yardstick's; for a bar in MB or ms the difference, or ours alone; for a share, what ours comes to.</param>
internal sealed record Figure(double? YardstickValue, double Value, string Unit, double Ratio)
{
    public static Figure Quotient(double yardstick, double value, string unit) => new(yardstick, value, unit, value / yardstick);

    public static Figure Difference(double yardstick, double value, string unit) => new(yardstick, value, unit, value - yardstick);

    public static Figure Absolute(double value, string unit) => new(null, value, unit, value);
}
