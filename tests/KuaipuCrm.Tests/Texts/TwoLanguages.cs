using System.Globalization;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Sdk.Texts;

namespace KuaipuCrm.Tests.Texts;

/// <summary>Whoever reads English is spoken to in English; what is kept is kept in Chinese and told to each in the own language.</summary>
[Trait("req", "UI-9")]
public class TwoLanguages
{
    [Fact]
    public void A_sentence_and_the_values_in_it_are_said_in_English()
    {
        Load([typeof(Phrase).Assembly, typeof(global::KuaipuCrm.Platform.Startup).Assembly]);
        var broken = new RuleBroken($"{"负责人"}“{"张三"}”不存在。");
        Assert.Equal("负责人“张三”不存在。", broken.Message);
        In("en", () => Assert.Equal("Owner “张三” doesn't exist.", broken.Message));
        In("en", () => Assert.Equal("You don't have the permission “Role: View”. Please ask your administrator.", new NotAllowed($"{"角色"}：{"查看"}").Message));
        In("en", () => Assert.Equal("1 row has errors; nothing was saved.", L($"{1} 行有误，没有保存任何一行。")));
        In("en", () => Assert.Equal("2 rows have errors; nothing was saved.", L($"{2} 行有误，没有保存任何一行。")));
    }

    [Fact]
    public void A_sentence_kept_in_Chinese_is_told_again_in_English()
    {
        Load([typeof(Phrase).Assembly, typeof(global::KuaipuCrm.Platform.Startup).Assembly]);
        In("en", () =>
        {
            Assert.Equal("Undo: Trial import", Retell("撤销：试导入"));
            Assert.Equal("At most 500 rows at once; 612 are selected.", Retell("一次最多处理 500 行，现在选择了 612 行。"));
            Assert.Equal("Owner is required.; Department can't be changed in bulk.", Retell("请填写负责人。；所属部门不能批量修改。"));
            Assert.Equal("客户很满意，下周再谈。", Retell("客户很满意，下周再谈。"));
        });
        Assert.Equal("一次最多处理 500 行，现在选择了 612 行。", Retell("一次最多处理 500 行，现在选择了 612 行。"));
    }

    [Fact]
    public async Task The_API_answers_in_the_language_asked_for()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        async Task<(string? Title, string? Name)> Refused(string language)
        {
            var answer = await crm.Admin.Post("/api/customers/customers", new { shortName = "甲" }, ("Accept-Language", language));
            return (answer.Json.GetProperty("title").GetString(), answer.Json.GetProperty("errors").GetProperty("name")[0].GetString());
        }
        Assert.Equal(("Invalid input", "Customer name is required."), await Refused("en-US,en;q=0.9"));
        foreach (var language in new[] { "zh-CN", "zh;q=0.9,en;q=0.5", "fr" }) Assert.Equal(("填写有误", "请填写客户名称。"), await Refused(language));
    }

    [Fact]
    public async Task What_an_English_reader_does_is_kept_in_Chinese_and_told_to_each_in_the_own_language()
    {
        var crm = await Crm.Shared(Engines.Sqlite);
        var person = await crm.Hire(Employee.Sales);
        var customer = await person.Customer(Crm.Name("两种语言"));
        (await person.Post("/api/customers/customers/delete", new { ids = new[] { customer } }, ("Accept-Language", "en"))).Ok();
        Assert.Equal("删除客户", await crm.Db.First<string>($"select label from platform.operation where user_id = {person.Id}"));
        Assert.Contains("Delete", (await person.Send(HttpMethod.Get, "/api/platform/operations", null, ("Accept-Language", "en"))).Json[0].GetProperty("label").GetString());
        Assert.Equal("删除客户", (await person.Get("/api/platform/operations")).Json[0].GetProperty("label").GetString());
    }

    private static void In(string culture, Action act)
    {
        var former = CultureInfo.CurrentUICulture;
        CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(culture);
        try
        {
            act();
        }
        finally
        {
            CultureInfo.CurrentUICulture = former;
        }
    }
}
