using KuaipuCrm.Sdk.Text;
using Xunit;

namespace KuaipuCrm.Tests.Text;

[Trait("req", "UI-8")]
public sealed class PinyinTests
{
    [Theory]
    [InlineData("重庆长安汽车", "cqcaqc"), InlineData("长沙", "cs"), InlineData("长春高新", "ccgx"), InlineData("长江电力", "cjdl"), InlineData("长城证券", "cczq")]
    [InlineData("四川长虹", "scch"), InlineData("厦门银行", "xmyh"), InlineData("重工行业", "zghy"), InlineData("成都都江堰", "cddjy"), InlineData("新都", "xd")]
    [InlineData("番禺", "py"), InlineData("六安", "la"), InlineData("朝阳", "cy"), InlineData("蚌埠", "bb"), InlineData("天晟新材", "tsxc"), InlineData("绿地", "ld")]
    [InlineData("国贸大厦", "gmdx"), InlineData("单县", "sx"), InlineData("东阿阿胶", "deej"), InlineData("西藏药业", "xzyy"), InlineData("会稽山", "kjs")]
    [InlineData("哈空调", "hkt"), InlineData("兴盛", "xs"), InlineData("传媒", "cm"), InlineData("音乐乐器", "yyyq"), InlineData("快乐", "kl"), InlineData("旅行社", "lxs")]
    public void A_name_is_read_as_people_read_it(string name, string initials) => Assert.Equal(initials, Pinyin.Initials(name));

    [Theory]
    [InlineData("单晓明", "sxm"), InlineData("仇和", "qh"), InlineData("曾国藩", "zgf"), InlineData("翟天临", "ztl"), InlineData("解晓东", "xxd"), InlineData("尉迟恭", "ycg")]
    public void A_surname_is_read_as_a_surname(string name, string initials) => Assert.Equal(initials, Pinyin.Initials(name));

    [Theory]
    [InlineData("单位采购部", "dwcgb"), InlineData("解放军", "jfj"), InlineData("杭州解百", "hzjb"), InlineData("简单", "jd")]
    public void A_surname_character_elsewhere_is_read_as_usual(string name, string initials) => Assert.Equal(initials, Pinyin.Initials(name));

    [Theory]
    [InlineData("*ST厦华", "stxh"), InlineData("ＩＢＭ（中国）　３M", "ibmzg3m"), InlineData("Café 一〇一", "cafeyly"), InlineData("，。！ ", ""), InlineData("", ""), InlineData("\uD83D\uDE00京\uD800", "j")]
    public void Letters_and_digits_stay_and_signs_go(string name, string initials) => Assert.Equal(initials, Pinyin.Initials(name));

    [Fact]
    public void At_most_sixty_are_made_even_where_a_phrase_crosses_the_end() =>
        Assert.Equal(new string('a', 59) + "c", Pinyin.Initials(new string('a', 59) + "重庆"));
}
