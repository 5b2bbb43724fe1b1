using System.Text;
using KuaipuCrm.Platform.Sheets;
using Xunit;

namespace KuaipuCrm.Tests.Sheets;

[Trait("req", "DOC-4")]
public sealed class CsvReadingTests : IDisposable
{
    private const string Chinese = "客户名称,城市\r\n深圳市某某科技有限公司,深圳\r\n北京鑫淼商贸中心,北京\r\n";
    private readonly SheetFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("gb18030", false)]
    [InlineData("gbk", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16", false)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-16BE", false)]
    public void Chinese_text_is_read_in_each_usual_encoding(string name, bool mark)
    {
        var rows = SheetFiles.Read(_files.Text((mark ? "\uFEFF" : "") + Chinese, name));
        Assert.Equal(["客户名称|城市", "深圳市某某科技有限公司|深圳", "北京鑫淼商贸中心|北京"], rows.Select(r => string.Join('|', r.Cells)));
    }

    [Fact]
    public void Rare_characters_come_through_gb18030() =>
        Assert.Equal("𠮷野㙍有限公司的客户名称", SheetFiles.Read(_files.Text("𠮷野㙍有限公司的客户名称,张三丰先生\n", "gb18030"))[0][0]);

    [Theory]
    [InlineData("名称,备注\n甲,1;2\n")]
    [InlineData("名称;备注\n甲;1,2\n乙;3,4\n丙;5\n")]
    [InlineData("名称\t备注\n甲\t1,2\n")]
    [InlineData("sep=;\n名称;备注\n甲;1\n")]
    [InlineData("sep=\t\r\n名称\t备注\r\n甲\t1\r\n")]
    public void The_separator_is_found(string text)
    {
        var rows = SheetFiles.Read(_files.Text(text));
        Assert.Equal(["名称", "备注"], rows[0].Cells);
        Assert.Equal(1, rows[0].Line);
        Assert.Equal("甲", rows[1][0]);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public void Lines_count_as_excel_counts_rows(string newline)
    {
        var text = string.Join(newline, "名称,备注", "", "\"a,\"\"b\"\"\", x ", ",,", "乙,\"一\n二\"", "丙", "");
        var rows = SheetFiles.Read(_files.Text(text));
        Assert.Equal([1, 3, 5, 6], rows.Select(r => r.Line));
        Assert.Equal(["a,\"b\"", " x "], rows[1].Cells);
        Assert.Equal("一\n二", rows[2][1]);
        Assert.Equal(["丙"], rows[3].Cells);
    }

    [Theory]
    [InlineData("名称,备注\n甲,\"没有结束\n乙,2\n")]
    [InlineData("名称,备注\n\"甲\"x,1\n")]
    public void A_broken_quote_is_refused_with_its_line(string text)
    {
        var refusal = Assert.Throws<SheetException>(() => SheetFiles.Read(_files.Text(text)));
        Assert.Equal(2, refusal.Line);
        Assert.Contains("引号", refusal.Message);
    }

    [Theory]
    [InlineData("big5", "客戶名稱,城市\n台灣積體電路製造股份有限公司,新竹\n鴻海精密工業股份有限公司,新北\n")]
    [InlineData("shift_jis", "顧客名,都市\nトヨタ自動車株式会社,豊田\nソニーグループ株式会社,東京\n")]
    [InlineData("euc-jp", "顧客名,都市\nトヨタ自動車かぶしきがいしゃ,豊田\n")]
    [InlineData("euc-kr", "고객이름,도시\n삼성전자주식회사,수원시\n현대자동차주식회사,서울특별시\n엘지화학주식회사,서울특별시\n")]
    [InlineData("windows-1251", "Название клиента,Город\nОткрытое акционерное общество,Москва\n")]
    [InlineData("windows-1252", "Kunde,Stadt\nMüller Möbel GmbH,Köln\nBäckerei Löwe,Düsseldorf\n")]
    public void Text_in_another_encoding_is_refused_not_imported_as_nonsense(string encoding, string text)
    {
        var message = SheetFiles.Refusal(_files.Text(text, encoding));
        Assert.Contains("编码无法识别", message);
        Assert.Contains("UTF-8", message);
    }

    [Theory]
    [InlineData("客户名称,城市\n锟斤拷锟斤拷科技,北京\n")]
    [InlineData("客户名称,城市\n���科技,北京\n")]
    public void Text_spoilt_before_is_refused(string text) => Assert.Contains("乱码", SheetFiles.Refusal(_files.Text(text)));

    [Fact]
    public void A_mark_that_lies_is_refused() =>
        Assert.Contains("编码", SheetFiles.Refusal(_files.Bytes([0xEF, 0xBB, 0xBF, .. Encoding.GetEncoding("gbk").GetBytes(Chinese)])));

    [Fact]
    public void A_guard_is_taken_away_only_where_it_guards()
    {
        var row = SheetFiles.Read(_files.Text("'=1+1,'+86,''quoted,'plain,=1,'\n"))[0];
        Assert.Equal(["=1+1", "+86", "'quoted", "'plain", "=1", "'"], row.Cells);
    }
}
