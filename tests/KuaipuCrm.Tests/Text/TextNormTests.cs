using KuaipuCrm.Sdk.Text;
using Xunit;

namespace KuaipuCrm.Tests.Text;

[Trait("req", "DOC-4")]
public sealed class TextNormTests
{
    [Theory]
    [InlineData("　快普\u00A0 软件\t\r\n公司 ", "快普 软件 公司"), InlineData("快\u200B普\u202E\u0007", "快普"), InlineData("ＡＢＣ（中）", "ＡＢＣ（中）"), InlineData("cafe\u0301", "caf\u00E9")]
    [InlineData("", ""), InlineData("\u3164\u2800", ""), InlineData("\U00020BB7野家", "\U00020BB7野家"), InlineData("a\U000E0041b", "ab")]
    public void What_is_stored_is_clean(string typed, string stored) => Assert.Equal(stored, TextNorm.Clean(typed));

    // Not as data of a theory: the compiler cannot keep half a pair in an attribute.
    [Fact]
    public void Half_a_surrogate_pair_is_dropped_for_no_database_takes_it() => Assert.Equal("ab", TextNorm.Clean("a\uD800b\uDC00\uFFFF"));

    [Theory]
    [InlineData("ＡＢＣ（中国）１２", "abc(中国)12"), InlineData(" Kuai\u3000\u3000PU\uFEFF ", "kuai pu"), InlineData("\u200B", "")]
    public void Folded_texts_compare_without_width_case_and_blanks(string typed, string folded) => Assert.Equal(folded, TextNorm.Fold(typed));

    [Fact]
    public void Cleaning_twice_changes_nothing_and_folding_sees_no_difference()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(300)).Select(_ => (char)random.Next(0x10000))]);
            var clean = TextNorm.Clean(text);
            Assert.Equal(clean, TextNorm.Clean(clean));
            Assert.Equal(TextNorm.Fold(text), TextNorm.Fold(TextNorm.Fold(text)));
        }
    }
}
