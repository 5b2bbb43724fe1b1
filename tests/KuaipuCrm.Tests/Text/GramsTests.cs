using KuaipuCrm.Sdk.Text;
using Xunit;

namespace KuaipuCrm.Tests.Text;

[Trait("req", "CUS-8")]
public sealed class GramsTests
{
    [Fact]
    public void A_piece_is_two_characters_each_once_and_not_over_a_break() =>
        Assert.Equal([Pair('深', '圳'), Pair('大', '疆')], Grams.Of("深圳 大疆(深圳)"));

    [Fact]
    public void Every_piece_of_an_unbroken_part_is_a_piece_of_the_name()
    {
        const string name = "深圳市大疆创新(集团)abc公司";
        var grams = Grams.Of(name);
        for (var i = 0; i < name.Length; i++)
            for (var length = 2; i + length <= name.Length; length++)
                Assert.Subset(grams.ToHashSet(), Grams.Of(name.Substring(i, length)).ToHashSet());
    }

    [Fact]
    public void Characters_beyond_the_basic_plane_are_passed_over() => Assert.Equal([Pair('野', '家')], Grams.Of("\U00020BB7野家"));

    [Fact]
    public void Initials_give_three_letter_pieces_apart_from_those_of_names()
    {
        var grams = Grams.OfInitials("cqcaqcaq");
        Assert.Equal(4, grams.Count);
        Assert.All(grams, g => Assert.True(g < 0));
        Assert.Empty(Grams.OfInitials("cq"));
    }

    [Fact]
    public void Appending_keeps_what_the_list_had()
    {
        List<long> list = [7];
        Grams.Of("北京北京", list);
        Grams.OfInitials("bjbj", list);
        Assert.Equal(1 + 2 + 2, list.Count);
    }

    private static long Pair(char first, char second) => ((long)first << 16) | second;
}
