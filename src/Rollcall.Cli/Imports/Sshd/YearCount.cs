namespace Rollcall.Cli.Imports.Sshd;

/// <summary>Supplies the year that RFC 3164 leaves out, for one file read in order.</summary>
/// <param name="firstYear">The year of the file's first line.</param>
internal sealed class YearCount(int firstYear)
{
    /// <summary>A step back of this many months is a new year; a smaller one is a line out of place.</summary>
    private const int MonthsBackMin = 6;

    private int year = firstYear;
    private int month;
    private bool rolled;

    public int Of(DateTime yearless)
    {
        // Around midnight of New Year lines can change places: a 31 December after a 1 January is last year's.
        if (rolled && month == 1 && yearless is { Month: 12, Day: 31 })
            return year - 1;

        if (month - yearless.Month >= MonthsBackMin)
            (year, rolled) = (year + 1, true);

        month = yearless.Month;
        return year;
    }
}
