using System.Reflection;
using Xunit;

namespace KuaipuCrm.Tests.Text;

[Trait("req", "SET-4")]
public sealed class DefaultsTests
{
    private static readonly ILookup<string, string[]> Entries = Lines("entries.tsv").ToLookup(e => e[0]);

    [Fact]
    public void Every_entry_belongs_to_a_dictionary_and_has_a_code_of_its_own()
    {
        Assert.Equal(Lines("dictionaries.tsv").Select(d => d[0]).Order(), Entries.Select(g => g.Key).Order());
        Assert.All(Entries.SelectMany(g => g), e => Assert.True(e.Length == 6 && e[2].Length > 0 && e[1].All(c => char.IsAsciiLetterOrDigit(c) || c == '-'), string.Join('\t', e)));
        Assert.All(Entries, g => Assert.Equal(g.Count(), g.Select(e => e[1]).Distinct().Count()));
        Assert.All(Entries.Where(g => g.Key != "region"), g => Assert.Equal(g.Count(), g.Select(e => e[2]).Distinct().Count()));
        Assert.All(Entries, g => Assert.Equal(Enumerable.Range(1, g.Count()), g.Select(e => int.Parse(e[4], System.Globalization.CultureInfo.InvariantCulture))));
    }

    [Theory]
    [InlineData("customer.type", "合作伙伴 代理商 直接客户 供应商 竞争对手"), InlineData("customer.source", "电话 展会 网站 老客户推荐 广告 朋友介绍")]
    [InlineData("industry", "家用电器 食品 建筑工程 汽车配件 银行 纺织 通信设备 机械基件 化学制药 软件服务")]
    [InlineData("region", "江苏 广东 浙江 四川 山东 上海 北京 福建 湖南 陕西 湖北 成都 青岛 南京 广州 深圳 苏州 杭州 厦门 长沙 西安 武汉 宁波")]
    public void What_files_of_sales_teams_say_is_known(string dictionary, string labels) =>
        Assert.Subset(Entries[dictionary].Select(e => e[2]).ToHashSet(), labels.Split(' ').ToHashSet());

    [Fact]
    public void The_regions_are_34_provinces_with_333_divisions_and_the_municipalities()
    {
        var regions = Lines("regions.tsv").ToList();
        var provinces = regions.Where(r => r[1].Length == 0).Select(r => r[0]).ToHashSet();
        Assert.Equal(34, provinces.Count);
        Assert.Equal(333 + 4, regions.Count(r => r[1].Length > 0 && r[0][2..4] != "90"));
        Assert.All(regions.Where(r => r[1].Length > 0), r => Assert.True(provinces.Contains(r[1]) && r[1][..2] == r[0][..2], r[0]));
        Assert.Equal(regions.Select(r => (r[0], r[1], r[3])), Entries["region"].Select(e => (e[1], e[5], e[2])));
    }

    private static IEnumerable<string[]> Lines(string file)
    {
        using var reader = new StreamReader(Assembly.Load("KuaipuCrm.Settings").GetManifestResourceStream($"KuaipuCrm.Settings.Defaults.{file}")!);
        while (reader.ReadLine() is { } line)
            if (line.Length > 0 && line[0] != '#') yield return line.Split('\t');
    }
}
