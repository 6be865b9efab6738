namespace Rollcall.Core.Tabular.Deflate;

/// <summary>The lengths of a block's two codes as the block begins with them, themselves Huffman coded (RFC 3.2.7).</summary>
internal sealed class CodeLengths
{
    // RFC 3.2.7: 16 repeats the length before 3 to 6 times, 17 and 18 repeat a zero 3 to 10 and 11 to 138 times.
    private const int RepeatLast = 16, RepeatZero = 17, RepeatZeroMany = 18;
    private const int RepeatMin = 3, RepeatLastMax = 6, RepeatZeroMax = 10, RepeatZeroManyMin = 11, RepeatZeroManyMax = 138;

    // RFC 3.2.7: HLIT and HDIST have five bits, HCLEN four, and count from 257, 1 and 4.
    private const int LiteralsMin = 257, DistancesMin = 1, LengthCodesMin = 4, LengthCodeLengthBits = 3;

    private readonly HuffmanCode _code = new(DeflateFormat.LengthCodeSymbols, DeflateFormat.LengthCodeBitsMax);
    private readonly int[] _counts = new int[DeflateFormat.LengthCodeSymbols];
    private readonly byte[] _lengths = new byte[DeflateFormat.LiteralSymbols + DeflateFormat.DistanceSymbols];

    // A symbol and what its extra bits say.
    private readonly (byte Symbol, byte Extra)[] _items = new (byte, byte)[DeflateFormat.LiteralSymbols + DeflateFormat.DistanceSymbols];
    private int _itemCount;
    private int _literals;
    private int _distances;
    private int _lengthCodes;

    /// <summary>What <see cref="Write"/> writes, in bits.</summary>
    public int SizeBits { get; private set; }

    /// <summary>Takes the two codes' lengths, each without the unused symbols at its end.</summary>
    public void Make(ReadOnlySpan<byte> literals, ReadOnlySpan<byte> distances)
    {
        _literals = Math.Max(LiteralsMin, literals.LastIndexOfAnyExcept((byte)0) + 1);
        _distances = Math.Max(DistancesMin, distances.LastIndexOfAnyExcept((byte)0) + 1);
        literals[.._literals].CopyTo(_lengths);
        distances[.._distances].CopyTo(_lengths.AsSpan(_literals));
        Array.Clear(_counts);
        _itemCount = 0;

        // Both codes are one sequence: a repetition may go from one into the other.
        for (var rest = _lengths.AsSpan(0, _literals + _distances); !rest.IsEmpty;)
            rest = rest[AddRun(rest)..];

        _code.Make(_counts);
        _lengthCodes = DeflateFormat.LengthCodeSymbols;
        while (_lengthCodes > LengthCodesMin && _code.Bits[DeflateFormat.LengthCodeOrder[_lengthCodes - 1]] == 0)
            _lengthCodes--;

        SizeBits = 5 + 5 + 4 + (_lengthCodes * LengthCodeLengthBits);
        foreach (var (symbol, _) in _items.AsSpan(0, _itemCount))
            SizeBits += _code.Bits[symbol] + ExtraBits(symbol);
    }

    public void Write(ref BitWriter to)
    {
        to.Add((uint)(_literals - LiteralsMin), 5);
        to.Add((uint)(_distances - DistancesMin), 5);
        to.Add((uint)(_lengthCodes - LengthCodesMin), 4);
        foreach (var symbol in DeflateFormat.LengthCodeOrder[.._lengthCodes])
            to.Add(_code.Bits[symbol], LengthCodeLengthBits);

        foreach (var (symbol, extra) in _items.AsSpan(0, _itemCount))
        {
            to.Add(_code.Codes[symbol], _code.Bits[symbol]);
            to.Add(extra, ExtraBits(symbol));
        }
    }

    // Adds the first length and as many of its repetitions as there are, and returns how many lengths that was.
    private int AddRun(ReadOnlySpan<byte> rest)
    {
        var length = rest[0];
        var run = rest.IndexOfAnyExcept(length) is > 0 and var end ? end : rest.Length;
        var left = run;
        if (length != 0)
        {
            AddItem(length, 0);
            left--;
        }

        while (left > 0)
            left -= AddRepetition(length, left);

        return run;
    }

    private int AddRepetition(byte length, int left)
    {
        if (left < RepeatMin)
        {
            AddItem(length, 0);
            return 1;
        }

        var (symbol, min, max) = (length, left) switch
        {
            ( > 0, _) => (RepeatLast, RepeatMin, RepeatLastMax),
            (_, < RepeatZeroManyMin) => (RepeatZero, RepeatMin, RepeatZeroMax),
            _ => (RepeatZeroMany, RepeatZeroManyMin, RepeatZeroManyMax),
        };
        var taken = Math.Min(left, max);
        AddItem(symbol, taken - min);
        return taken;
    }

    private void AddItem(int symbol, int extra)
    {
        _items[_itemCount++] = ((byte)symbol, (byte)extra);
        _counts[symbol]++;
    }

    private static int ExtraBits(int symbol) => symbol switch
    {
        RepeatLast => 2,
        RepeatZero => 3,
        RepeatZeroMany => 7,
        _ => 0,
    };
}
