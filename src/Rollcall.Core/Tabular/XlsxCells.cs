using System.Buffers;
using System.Globalization;

namespace Rollcall.Core.Tabular;

/// <summary>Turns table cells into cells of a sheet. They carry no reference: their place says where they belong (§18.3.1.4, r is optional).</summary>
/// <remarks>
/// <para>Text: an inline string in the text format, so that editing a cell does not make a formula or a number of it. What XML 1.0 cannot
/// hold, CR and lone surrogates are written <c>_xHHHH_</c>, and an underscore that would begin such an escape is itself <c>_x005F_</c> (§22.9.2.19,
/// ST_Xstring, as MS-OI29500 2.1.1747 narrows it). Text longer than <see cref="TextLengthMax"/> is cut and ends in an ellipsis.</para>
/// <para>Instants: the days since 1899-12-30 in UTC, to the millisecond; before 1900-03-01, where Excel counts a 29 February that never was, ISO 8601 text.</para>
/// <para>Numbers: whole numbers of at most 15 digits, which is what Excel keeps; longer ones are text. Flags: booleans.</para>
/// </remarks>
internal static class XlsxCells
{
    /// <summary>UTF-16 code units, the ellipsis included. Source: Excel specifications and limits, "Total number of characters that a cell can contain".</summary>
    public const int TextLengthMax = 32_767;

    /// <summary>Source: Excel specifications and limits, "Number precision: 15 digits".</summary>
    private const long NumberMax = 999_999_999_999_999;

    // Characters that are more than themselves in XML or in ST_Xstring. Tab and LF are legal, but want xml:space like the rest.
    private static readonly SearchValues<char> _special =
        SearchValues.Create([.. Enumerable.Range(0, 32).Select(c => (char)c), '&', '<', '>', '_']);

    private static readonly PlainText _plain = new("&<>_");

    private static readonly long _serialZeroDay = new DateOnly(1899, 12, 30).DayNumber;
    private static readonly long _firstDay = new DateOnly(1900, 3, 1).DayNumber;

    /// <summary>Adds a cell and returns how many cells were cut: 1 or 0.</summary>
    public static int Add(RowChunk to, in TableCell cell)
    {
        switch (cell.Kind)
        {
            case TableKind.Text:
                return TryAddPlain(to, in cell) ? 0 : AddText(to, "<c s=\"1\""u8, cell.Text);
            case TableKind.Instant:
                AddInstant(to, cell.Instant);
                return 0;
            case TableKind.LocalTime:
                // A sheet's dates have no zone: the column's header names it.
                AddInstant(to, new DateTimeOffset(cell.LocalTime.DateTime, TimeSpan.Zero));
                return 0;
            case TableKind.Number:
                AddNumber(to, cell.Number);
                return 0;
            case TableKind.Flag:
                to.Text.Add(cell.Flag ? "<c t=\"b\"><v>1"u8 : "<c t=\"b\"><v>0"u8);
                Close(to, "</v></c>"u8);
                return 0;
            default:
                Close(to, "<c/>"u8);
                return 0;
        }
    }

    public static void AddHeader(RowChunk to, string header) => AddText(to, "<c s=\"2\""u8, header);

    private static void AddInstant(RowChunk to, DateTimeOffset instant)
    {
        if (instant.UtcTicks / TimeSpan.TicksPerDay < _firstDay)
        {
            to.Text.Add("<c s=\"1\" t=\"inlineStr\"><is><t>"u8);
            to.Text.AddIso(instant);
            Close(to, "</t></is></c>"u8);
            return;
        }

        var (day, ticks) = Math.DivRem(instant.UtcTicks, TimeSpan.TicksPerDay);
        var milliseconds = ticks / TimeSpan.TicksPerMillisecond;
        to.Text.Add(milliseconds % 1000 != 0 ? "<c s=\"4\"><v>"u8 : "<c s=\"3\"><v>"u8);
        to.Text.AddNumber(day - _serialZeroDay);
        AddFractionOfDay(to.Text, milliseconds);
        Close(to, "</v></c>"u8);
    }

    // Eleven decimals: the last is under a microsecond, as fine as a double goes for dates of our time.
    private static void AddFractionOfDay(Utf8Buffer to, long milliseconds)
    {
        const int digits = 11;
        const long scale = 100_000_000_000, perDay = 86_400_000;
        if (milliseconds == 0)
            return;

        // The product stays below 2^63, and a day's last millisecond below a whole day.
        var fraction = (ulong)(((milliseconds * scale) + (perDay / 2)) / perDay);
        var space = to.Reserve(1 + digits)[..(1 + digits)];
        space[0] = (byte)'.';
        for (var at = digits; at > 0; at--)
        {
            (fraction, var digit) = Math.DivRem(fraction, 10);
            space[at] = (byte)('0' + digit);
        }

        to.Advance(1 + digits);
    }

    private static void AddNumber(RowChunk to, long number)
    {
        var fits = number is >= -NumberMax and <= NumberMax;
        to.Text.Add(fits ? "<c s=\"5\"><v>"u8 : "<c s=\"1\" t=\"inlineStr\"><is><t>"u8);
        to.Text.AddNumber(number);
        Close(to, fits ? "</v></c>"u8 : "</t></is></c>"u8);
    }

    // The short way for most cells; what it cannot add, AddText can, and both add the same.
    private static bool TryAddPlain(RowChunk to, in TableCell cell)
    {
        var utf8 = cell.Utf8;
        var text = cell.StringOrNull;
        var length = text is null ? utf8.Length : text.Length;
        if (length > TextLengthMax)
            return false;

        var opening = "<c s=\"1\" t=\"inlineStr\"><is><t>"u8;
        var closing = "</t></is></c>"u8;
        var space = to.Text.Reserve(opening.Length + length + closing.Length);
        opening.CopyTo(space);
        var value = space[opening.Length..];
        if (!(text is null ? _plain.TryCopy(utf8, value) : _plain.TryCopy(text, value)))
            return false;

        closing.CopyTo(value[length..]);
        to.Text.Advance(opening.Length + length);
        to.Mark();
        to.Text.Advance(closing.Length);
        return true;
    }

    private static int AddText(RowChunk to, ReadOnlySpan<byte> opening, ReadOnlySpan<char> text)
    {
        var cut = text.Length > TextLengthMax;
        if (cut)
            text = XmlText.Head(text, TextLengthMax - 1);

        to.Text.Add(opening);
        to.Text.Add(IsPlain(text) ? " t=\"inlineStr\"><is><t>"u8 : " t=\"inlineStr\"><is><t xml:space=\"preserve\">"u8);
        AddEscaped(to.Text, text);
        if (cut)
            to.Text.Add("…"u8);

        Close(to, "</t></is></c>"u8);
        return cut ? 1 : 0;
    }

    // Here the value ends, which is what compression wants to know.
    private static void Close(RowChunk to, ReadOnlySpan<byte> closing)
    {
        to.Mark();
        to.Text.Add(closing);
    }

    // Readers may drop white space at the ends of an element, and only there, unless told not to.
    private static bool IsPlain(ReadOnlySpan<char> text) =>
        text.IsEmpty || (!char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && !text.ContainsAny(_special));

    private static void AddEscaped(Utf8Buffer to, ReadOnlySpan<char> text)
    {
        while (true)
        {
            var run = PlainRun(text);
            var added = to.AddValid(text[..run]);
            text = text[added..];
            if (text.IsEmpty)
                return;

            AddSpecial(to, text);
            text = text[1..];
        }
    }

    private static int PlainRun(ReadOnlySpan<char> text)
    {
        var run = text.IndexOfAny(_special);
        if (run < 0)
            run = text.Length;

        // Kept apart from the others: a search for ASCII only is the fast one.
        var noncharacter = text[..run].IndexOfAnyInRange('\uFFFE', '\uFFFF');
        return noncharacter < 0 ? run : noncharacter;
    }

    private static void AddSpecial(Utf8Buffer to, ReadOnlySpan<char> text)
    {
        switch (text[0])
        {
            case '&':
                to.Add("&amp;"u8);
                break;
            case '<':
                to.Add("&lt;"u8);
                break;
            case '>':
                to.Add("&gt;"u8);
                break;
            case '\t' or '\n':
                to.Add([(byte)text[0]]);
                break;
            case '_' when !BeginsEscape(text):
                to.Add("_"u8);
                break;
            default:
                AddHex(to, text[0]);
                break;
        }
    }

    // Four digits make an escape, but LibreOffice (7.4) takes fewer as well and makes a control character of _x1_. The character behind
    // them closes it if it is an underscore or becomes one by being escaped itself.
    private static bool BeginsEscape(ReadOnlySpan<char> text)
    {
        const int firstDigit = 2, digitsMax = 4;
        if (text.Length <= firstDigit || text[1] != 'x')
            return false;

        var end = firstDigit;
        while (end < text.Length && end < firstDigit + digitsMax && char.IsAsciiHexDigit(text[end]))
            end++;

        return end > firstDigit && end < text.Length && (text[end] is '_' or < ' ' or >= '\uFFFE' || char.IsSurrogate(text[end]));
    }

    private static void AddHex(Utf8Buffer to, char c)
    {
        to.Add("_x"u8);
        ((int)c).TryFormat(to.Reserve(4), out var written, "X4", CultureInfo.InvariantCulture);
        to.Advance(written);
        to.Add("_"u8);
    }
}
