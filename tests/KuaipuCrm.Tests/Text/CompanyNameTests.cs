using System.Text;
using System.Text.Json;
using KuaipuCrm.Customers;
using Xunit;

namespace KuaipuCrm.Tests.Text;

[Trait("req", "CUS-4")]
public sealed class CompanyNameTests
{
    [Theory]
    [InlineData("上海（集团）有限公司", "上海集团"), InlineData("上海集团股份公司", "上海集团"), InlineData(" 快普　软件 有限责任公司", "快普软件"), InlineData("力霸电子股份有限责任公司", "力霸电子")]
    [InlineData("ＩＢＭ（中国）Co., Ltd.", "ibm中国"), InlineData("New Zinc", "newzinc"), InlineData("华创合伙企业（有限合伙）", "华创合伙企业"), InlineData("张三", "张三"), InlineData("", "")]
    [InlineData("有限公司", "有限公司"), InlineData("大疆有限公司北京分公司", "大疆北京分公司")]
    public void The_forms_of_a_name_meet(string name, string key) => Assert.Equal(key, CompanyName.Normalize(name));

    [Fact]
    public void Every_duplicate_of_the_messy_file_meets_an_earlier_row_and_no_clean_row_does()
    {
        using var key = JsonDocument.Parse(File.ReadAllText(Data("customers-messy.key.json")));
        var duplicates = Rows(key, "exact_duplicate").Concat(Rows(key, "near_duplicate")).ToHashSet();
        var noName = Rows(key, "no_name").ToHashSet();
        var faulty = key.RootElement.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Array).SelectMany(p => Rows(key, p.Name)).ToHashSet();
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var lines = File.ReadAllLines(Data("customers-messy-gbk.csv"), Encoding.GetEncoding("GBK"));
        Assert.Equal(5001, lines.Length);
        var (seen, missed, wrong) = (new HashSet<string>(), new List<string>(), new List<string>());
        for (var row = 2; row <= lines.Length; row++)
        {
            if (noName.Contains(row)) continue;
            var name = lines[row - 1].Split(',')[0].Trim('"');
            var met = !seen.Add(CompanyName.Normalize(name));
            if (!met && duplicates.Contains(row)) missed.Add($"{row} {name}");
            if (met && !faulty.Contains(row)) wrong.Add($"{row} {name}");
        }
        Assert.Empty(missed);
        Assert.Empty(wrong);
    }

    private static string Data(string file) => Path.Combine(AppContext.BaseDirectory, "Data", file);

    private static IEnumerable<int> Rows(JsonDocument key, string fault) => key.RootElement.GetProperty(fault).EnumerateArray().Select(n => n.GetInt32());
}
