using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Outgoing;
using KuaipuCrm.Tests.Running;
using KuaipuCrm.Tests.Tracking;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace KuaipuCrm.Tests.Customers;

/// <summary>A mail to the contacts of chosen customers (CUS-19), against a real SMTP server.</summary>
public class BulkMail
{
    private const string Customers = "/api/customers/customers";

    [Theory, OnEveryEngine, Trait("req", "CUS-19")]
    public async Task Each_contact_gets_one_who_refuses_gets_none_and_each_stands_in_the_contacts_mails(string engine)
    {
        var post = await Post.On(engine);
        var crm = post.Crm;
        var li = await crm.Hire([.. Employee.Sales, OutgoingRights.Send]);
        var (a, b, empty) = (await li.Customer(Crm.Name("甲")), await li.Customer(Crm.Name("乙")), await li.Customer(Crm.Name("无邮箱")));
        var (one, two, refused, out_) = (Post.Address("one"), Post.Address("two"), Post.Address("no"), Post.Address("out"));
        var first = await li.Contact(Crm.Name("张一"), new { employerId = a, email = one });
        await li.Contact(Crm.Name("李二"), new { employerId = b, email = two });
        // Tied to both, and once more under the same address: one mail.
        (await li.Post($"{Customers}/{b}/contacts/{first}/tie", new { })).Ok();
        await li.Contact(Crm.Name("张一再次"), new { employerId = b, email = one.ToUpperInvariant() });
        await li.Contact(Crm.Name("王三"), new { employerId = a, email = refused, refusesMail = true });
        await li.Contact(Crm.Name("退订"), new { employerId = a, email = out_ });
        await li.Contact(Crm.Name("没邮箱"), new { employerId = empty });
        (await crm.Admin.Post("/api/platform/opt-outs", new { address = out_, @out = true })).Ok();
        // A contact out of sight is not written to.
        var foreign = Post.Address("foreign");
        var unseen = await crm.Admin.Contact(Crm.Name("看不到"), new { email = foreign });
        Assert.NotEqual(0, unseen);
        var template = await post.Template("mail", "contact", "{{ 单据.姓名 }} 您好", "<p>{{ 单据.姓名 }}，新品上市</p>");
        var ids = new[] { a, b, empty };

        var preview = (await li.Post($"{Customers}/mail-preview", new { ids, templateId = template })).Ok().Json;
        Assert.Equal((3, 3, 1, 1, 1), (preview.GetProperty("customers").GetInt32(), preview.GetProperty("receivers").GetInt32(), preview.GetProperty("unreachable").GetInt32(), preview.GetProperty("refusing").GetInt32(), preview.GetProperty("repeated").GetInt32()));
        Assert.Contains("张一", preview.GetProperty("sample").GetProperty("subject").GetString());
        Assert.Contains("无邮箱", preview.GetProperty("without").ToString());
        (await li.Post($"{Customers}/mail", new { ids, templateId = template, label = "新品", receivers = 2, onceKey = "k" })).Refused(422);
        var key = Crm.Name("k");
        var results = new List<Answer>();
        for (var i = 0; i < 3; i++) results.Add((await li.Post($"{Customers}/mail", new { ids, templateId = template, label = "新品", receivers = 3, onceKey = key })).Ok());
        Assert.Equal(1, results[0].Json.GetProperty("optedOut").GetInt32());
        await Post.Until(() => post.Smtp.To(one).Any() && post.Smtp.To(two).Any(), "both arrive");
        await Task.Delay(500);
        Assert.Single(post.Smtp.To(one));
        Assert.Single(post.Smtp.To(two));
        foreach (var none in new[] { refused, out_, foreign }) Assert.Empty(post.Smtp.To(none));
        Assert.Contains("张一", post.Smtp.To(one).Single().Message.Subject);
        Assert.Contains("您好", (await li.Get($"/api/customers/contacts/{first}/mail")).Ok().Text);
        Assert.Contains("mail", (await li.Get($"{Customers}/{a}/history")).Ok().Text);
        (await (await crm.Hire(Employee.Sales)).Post($"{Customers}/mail", new { ids, templateId = template, label = "x", receivers = 3, onceKey = "z" })).Refused(403);
        var wang = await crm.Hire([.. Employee.Sales, OutgoingRights.Send]);
        (await wang.Post($"{Customers}/mail", new { ids, templateId = template, label = "x", receivers = 3, onceKey = "z" })).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-8"), Trait("req", "SEC-2")]
    public async Task Chosen_contacts_are_written_to_and_no_others_of_their_customer(string engine)
    {
        var post = await Post.On(engine);
        var crm = post.Crm;
        var li = await crm.Hire([.. Seller.Rights, OutgoingRights.Send]);
        // Both lists of tracking offer it, the chosen rows being customers in one and contacts in the other.
        var catalog = crm.Services.GetRequiredService<ICatalog>();
        foreach (var (track, page) in new[] { ("customertrack", "/customers/mail"), ("contacttrack", "/customers/contacts-mail") })
            Assert.Contains(catalog.RowsPagesOn(catalog.FindDocument(track)!.FiguresOf!), p => p.Url == page && p.Permission == OutgoingRights.Send);
        var (customer, to, other, no) = (await li.Customer(Crm.Name("跟踪")), Post.Address("to"), Post.Address("other"), Post.Address("no"));
        var chosen = await li.Contact(Crm.Name("选中"), new { employerId = customer, email = to });
        await li.Contact(Crm.Name("未选"), new { employerId = customer, email = other });
        var refusing = await li.Contact(Crm.Name("拒收者"), new { employerId = customer, email = no, refusesMail = true });
        var foreign = Post.Address("foreign");
        var unseen = await crm.Admin.Contact(Crm.Name("看不到"), new { email = foreign });
        Assert.Contains(chosen, await li.List($"{Seller.Contacts}?view=never"));
        var template = await post.Template("mail", "contact", "{{ 单据.姓名 }} 您好", "<p>{{ 单据.姓名 }}</p>");
        var none = Array.Empty<long>();
        var contactIds = new[] { chosen, refusing, unseen };

        var preview = (await li.Post($"{Customers}/mail-preview", new { ids = none, contactIds, templateId = template })).Ok().Json;
        Assert.Equal((0, 1, 1), (preview.GetProperty("customers").GetInt32(), preview.GetProperty("receivers").GetInt32(), preview.GetProperty("refusing").GetInt32()));
        Assert.StartsWith("拒收者", Assert.Single(preview.GetProperty("without").EnumerateArray()).GetString());
        (await li.Post($"{Customers}/mail-preview", new { ids = none, contactIds = none, templateId = template })).Refused(400);
        var key = Crm.Name("k");
        for (var i = 0; i < 2; i++) (await li.Post($"{Customers}/mail", new { ids = none, contactIds, templateId = template, label = "回访", receivers = 1, onceKey = key })).Ok();
        await Post.Until(() => post.Smtp.To(to).Any(), "it arrives");
        await Task.Delay(300);
        Assert.Single(post.Smtp.To(to));
        foreach (var address in new[] { other, no, foreign }) Assert.Empty(post.Smtp.To(address));
        (await li.Post($"{Customers}/mail", new { ids = none, contactIds = new[] { unseen }, templateId = template, label = "x", receivers = 1, onceKey = "u" })).Refused(422);
        (await (await crm.Hire(Seller.Rights)).Post($"{Customers}/mail", new { ids = none, contactIds, templateId = template, label = "x", receivers = 1, onceKey = "z" })).Refused(403);
    }
}
