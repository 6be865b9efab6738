namespace Rollcall.Cli.Sample;

/// <summary>Identifiers that follow from the seed and a name, so that the same thing has the same id on every run.</summary>
internal static class SampleId
{
    /// <summary>32 lower-case hexadecimal digits.</summary>
    public static string Hex(ulong seed, string name)
    {
        var stream = SplitMix64.For(seed, name);
        return string.Create(null, $"{stream.Next():x16}{stream.Next():x16}");
    }

    /// <summary>The same 128 bits in the form of a GUID.</summary>
    public static string Guid(ulong seed, string name) => System.Guid.ParseExact(Hex(seed, name), "N").ToString("D");

    /// <summary>A locally administered MAC address, lower case with dashes: no maker owns it.</summary>
    public static string Mac(ulong seed, string name)
    {
        var hex = Hex(seed, name);
        return $"02-{hex[..2]}-{hex[2..4]}-{hex[4..6]}-{hex[6..8]}-{hex[8..10]}";
    }
}
