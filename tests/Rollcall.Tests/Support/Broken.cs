using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Rollcall.Tests.Support;

/// <summary>Input that is good but for some of its bytes, and input without any order.</summary>
internal static class Broken
{
    private static readonly Gen<byte[]> Noise = ArbMap.Default.GeneratorFor<byte[]>();

    /// <summary>Pieces that have meant something to one reader or another.</summary>
    private static readonly Gen<byte[]> Pieces = Gen.Elements(
        "\"", "\\", "\\ud800", "\\udc00", "\\u0000", "{", "}", "[", "]", ",", ":", ";", "null", "true", "-1", "1e999", "0", "9", " ", "\0", "\r\n", "\n", "\t", "\uFEFF", "昇", "😀", "Z", "+", "-",
        "T", ".", "{\"a\":1}", "\"\\ud800\":1,").Select(Encoding.UTF8.GetBytes);

    public static Gen<byte[]> Bytes(params string[] good) => Gen.OneOf(
        Noise,
        Gen.Elements(good).Select(Encoding.UTF8.GetBytes),
        Scratched(good),
        from once in Scratched(good)
        from at in Gen.Choose(0, once.Length)
        from put in Pieces
        select Replaced(once, at, 0, put));

    public static Gen<string> Text(params string[] good) => Gen.OneOf(
        Bytes(good).Select(Encoding.UTF8.GetString),
        ArbMap.Default.GeneratorFor<char[]>().Select(characters => new string(characters)));

    private static Gen<byte[]> Scratched(string[] good) =>
        from text in Gen.Elements(good)
        let body = Encoding.UTF8.GetBytes(text)
        from at in Gen.Choose(0, body.Length)
        from cut in Gen.Choose(0, 6)
        from put in Gen.OneOf(Noise, Pieces)
        select Replaced(body, at, cut, put);

    private static byte[] Replaced(byte[] body, int at, int cut, byte[] put) => [.. body.Take(at), .. put, .. body.Skip(at + cut)];
}
