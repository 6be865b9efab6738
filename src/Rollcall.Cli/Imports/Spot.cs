namespace Rollcall.Cli.Imports;

/// <summary>Where in which file something was read.</summary>
/// <param name="File">As the caller named it.</param>
/// <param name="Line">From 1; in a binary or array file the number of the record.</param>
internal readonly record struct Spot(string File, long Line)
{
    public override string ToString() => $"{File}:{Line}";
}
