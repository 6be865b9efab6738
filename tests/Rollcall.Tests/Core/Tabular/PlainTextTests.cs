using FsCheck;
using FsCheck.Fluent;
using Rollcall.Core.Tabular;

namespace Rollcall.Tests.Core.Tabular;

public sealed class PlainTextTests
{
    private const string Xml = "&<>_", Json = "\"\\&'+<>`";

    [Theory]
    [InlineData(Xml)]
    [InlineData(Json)]
    public void Every_character_at_every_place_is_judged_alike_with_and_without_vectors(string special)
    {
        var plain = new PlainText(special);
        for (var length = 1; length <= 40; length++)
        {
            foreach (var c in Enumerable.Range(0, 0x180).Append('\u203C').Append('\uFF1C').Append('\uD800').Append('\uFFFF').Select(c => (char)c))
                Assert.All(Enumerable.Range(0, length), place => AssertAlike(plain, special, new string('x', place) + c + new string('y', length - place - 1)));
        }
    }

    [Fact]
    public void Any_text_is_copied_alike_with_and_without_vectors() =>
        Prop.ForAll(Nasty.AnyText.Where(text => text is not null).ToArbitrary(), text => AssertAlike(new PlainText(Xml), Xml, text!)).QuickCheckThrowOnFailure();

    private static void AssertAlike(PlainText plain, string special, string text)
    {
        var wanted = text.Length > 0 && text[0] != ' ' && text[^1] != ' ' && text.All(c => c is >= ' ' and <= '~' && !special.Contains(c, StringComparison.Ordinal));
        var (byVector, byCharacter) = (new byte[text.Length], new byte[text.Length]);

        Assert.Equal(wanted, plain.TryCopy(text, byVector));
        var withSlack = new byte[text.Length + PlainText.SlackBytes];
        Assert.Equal(wanted, text.Length > 0 && plain.TryCopy(text, ref withSlack[0]));
        var utf8 = System.Text.Encoding.UTF8.GetBytes(text);
        var (fromUtf8, byByte) = (new byte[utf8.Length], new byte[utf8.Length]);
        Assert.Equal(wanted, plain.TryCopy(utf8, fromUtf8));
        if (!wanted)
            return;

        Assert.True(plain.TryCopyByCharacter<char>(text, byCharacter));
        Assert.Equal(System.Text.Encoding.ASCII.GetBytes(text), byVector);
        Assert.Equal(byVector, byCharacter);
        Assert.Equal(byVector, withSlack[..text.Length]);
        Assert.True(plain.TryCopyByCharacter<byte>(utf8, byByte));
        Assert.Equal(byVector, fromUtf8);
        Assert.Equal(byVector, byByte);
    }
}
