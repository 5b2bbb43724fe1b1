using System.Text;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Platform;

/// <summary>Phone numbers stay hidden from those without the right, on every way there is (SEC-4).</summary>
public class Masking
{
    private const string Contacts = "/api/customers/contacts";

    private static async Task<(Employee Owner, Employee Viewer, long Id, string Mobile)> Someone(string engine, params string[] more)
    {
        var crm = await Crm.Shared(engine);
        var owner = await crm.Hire(Employee.Sales);
        var viewer = await crm.Hire([.. Employee.Sales, .. more], ScopeKind.All);
        var mobile = $"138{Random.Shared.Next(10_000_000, 99_999_999)}";
        return (owner, viewer, await owner.Contact(Crm.Name("掩码"), new { mobile }), mobile);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-4")]
    public async Task Whoever_lacks_the_right_sees_the_number_masked_in_list_page_history_and_conflict(string engine)
    {
        var (owner, viewer, id, mobile) = await Someone(engine);
        (await owner.Patch($"{Contacts}/{id}", new { mobile = "13912345678", version = 1 })).Ok();
        (await owner.Patch($"{Contacts}/{id}", new { mobile, version = 2 })).Ok();
        Assert.Equal(mobile, (await owner.View("contacts", id)).GetProperty("mobile").GetString());
        var answers = new[]
        {
            await viewer.Get($"{Contacts}/{id}"),
            await viewer.Get($"{Contacts}?mobile={mobile}&columns=mobile,name"),
            await viewer.Get($"{Contacts}?text={mobile}&columns=mobile,name"),
            await viewer.Get($"{Contacts}/{id}/history"),
            await viewer.Get($"{Contacts}/choices?text={mobile}"),
            await viewer.Get($"/api/platform/search?text={mobile}"),
            await viewer.Patch($"{Contacts}/{id}", new { post = "经理", version = 1 }),
        };
        Assert.All(answers, a => Assert.DoesNotContain(mobile, a.Text));
        Assert.All(answers, a => Assert.DoesNotContain("13912345678", a.Text));
        Assert.Equal($"138****{mobile[^4..]}", (await viewer.View("contacts", id)).GetProperty("mobile").GetString());
        (await viewer.Get($"{Contacts}/{id}?unmask=true")).Refused(403);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-4")]
    public async Task Whoever_has_the_right_sees_it_when_asking_and_that_is_written_down(string engine)
    {
        var (owner, viewer, id, mobile) = await Someone(engine, "customers.contacts.unmask");
        Assert.DoesNotContain(mobile, (await viewer.Get($"{Contacts}/{id}")).Ok().Text);
        Assert.Contains(mobile, (await viewer.Get($"{Contacts}/{id}?unmask=true")).Ok().Text);
        var entry = (await owner.Get($"{Contacts}/{id}/history")).Ok().Json.EnumerateArray().Single(e => e.GetProperty("kind").GetString() == "unmask");
        Assert.Equal(viewer.Name, entry.GetProperty("who").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-4")]
    public async Task A_number_cannot_be_guessed_digit_by_digit_through_filters(string engine)
    {
        var (_, viewer, _, mobile) = await Someone(engine);
        foreach (var op in new[] { "contains", "startsWith", "from", "to", "in", "isNot" })
            (await viewer.Get($"{Contacts}?mobile.{op}={mobile[..6]}")).Refused(400);
        (await viewer.Get($"{Contacts}?mobile.notEmpty=")).Ok();
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-4")]
    public async Task A_number_does_not_leak_through_the_order_of_a_list_or_its_page_marks(string engine)
    {
        var (owner, viewer, _, mobile) = await Someone(engine);
        await owner.Contact(Crm.Name("第二位"), new { mobile = "13700001111" });
        var answer = await viewer.Get($"{Contacts}?ownerId={owner.Id}&sort=mobile&take=1");
        if ((int)answer.Status == 400) return;
        foreach (var mark in new[] { "next", "previous" })
            if (answer.Ok().Json.GetProperty(mark).GetString() is { } cursor)
            {
                var plain = Encoding.UTF8.GetString(Convert.FromBase64String(cursor.Replace('-', '+').Replace('_', '/').PadRight((cursor.Length + 3) / 4 * 4, '=')));
                Assert.DoesNotContain("13700001111", plain);
                Assert.DoesNotContain(mobile, plain);
            }
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-4")]
    public async Task A_masked_number_that_comes_back_with_a_save_does_not_overwrite_the_real_one(string engine)
    {
        var (owner, viewer, id, mobile) = await Someone(engine);
        var seen = await viewer.View("contacts", id);
        (await viewer.Patch($"{Contacts}/{id}", new { mobile = seen.GetProperty("mobile").GetString(), post = "总监", version = seen.GetProperty("version").GetInt64() })).Ok();
        var now = await owner.View("contacts", id);
        Assert.Equal((mobile, "总监"), (now.GetProperty("mobile").GetString(), now.GetProperty("post").GetString()));
    }
}
