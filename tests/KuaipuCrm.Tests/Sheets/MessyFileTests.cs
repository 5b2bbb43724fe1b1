using KuaipuCrm.Platform.Sheets;
using Xunit;

namespace KuaipuCrm.Tests.Sheets;

[Trait("req", "DOC-4")]
public sealed class MessyFileTests
{
    [Fact]
    public void The_same_rows_come_from_the_workbook_and_the_gbk_text()
    {
        var workbook = SheetFiles.Read(Path.Combine(AppContext.BaseDirectory, "Data", "customers-messy.xlsx"));
        var text = SheetFiles.Read(Path.Combine(AppContext.BaseDirectory, "Data", "customers-messy-gbk.csv"));
        Assert.Equal(5_001, text.Count);
        Assert.Equal(text.Select(Flat), workbook.Select(Flat));
        Assert.Equal("客户名称", text[0][0]);

        static string Flat(SheetRow row) => row.Line + "|" + string.Join('|', row.Cells);
    }
}
