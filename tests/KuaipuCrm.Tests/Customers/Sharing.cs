using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KuaipuCrm.Tests.Customers;

/// <summary>What an owner shares, with whom, how far and how long (CUS-15); what owners see of others' records (SEC-2).</summary>
public class Sharing
{
    private const string Customers = "/api/customers/customers";
    private static readonly string[] Rights = [.. Employee.Sales, "customers.customers.share", "customers.customers.assign", "customers.customers.batch", "customers.customers.restore", "customers.contacts.assign", "customers.lock.release"];

    private static string Shares(long id) => $"/api/platform/documents/customer/{id}/shares";

    private static object Terms(Employee? person = null, long? department = null, bool write = false, string? until = null, params string[] kinds) =>
        new { users = person is null ? [] : new[] { person.Id }, departments = department is { } d ? new[] { d } : [], write, until, kinds };

    private static async Task<long> VersionOf(Employee who, long id) => (await who.Get($"{Customers}/{id}")).Ok().Json.GetProperty("version").GetInt64();

    [Theory, OnEveryEngine, Trait("req", "CUS-15"), Trait("req", "CUS-14")]
    public async Task A_customer_shared_for_reading_is_seen_in_a_list_of_its_own_and_changed_by_nobody_else(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang, other) = (await crm.Hire(Rights), await crm.Hire(Rights), await crm.Hire(Rights));
        var id = await li.Customer(Crm.Name("共享客户"));
        (await wang.Get($"{Customers}/{id}")).Refused(404);
        (await wang.Post(Shares(id), Terms(wang))).Refused(404);
        (await li.Post(Shares(id), Terms(wang))).Ok();

        Assert.Equal([id], await wang.List($"{Customers}?view=shared"));
        Assert.Empty(await other.List($"{Customers}?view=shared"));
        Assert.Equal(1, (await wang.Get($"{Customers}/count?view=shared")).Ok().Json.GetProperty("count").GetInt64());
        Assert.Contains("共享给您", (await wang.Get("/api/platform/messages")).Ok().Text);
        // It is none of one's own.
        Assert.DoesNotContain(id, await wang.List($"{Customers}?view=mine"));

        var version = await VersionOf(wang, id);
        (await wang.Patch($"{Customers}/{id}", new { remarks = "改", version })).Refused(403);
        Assert.Contains("只与您共享阅读", (await wang.Post($"{Customers}/change", new { ids = new[] { id }, values = new { level = "A" } })).Refused(400).Text);
        (await wang.Delete($"{Customers}/{id}")).Refused(404);
        (await wang.Post(Shares(id), Terms(other))).Refused(422);
        await Stays(crm, wang, li, id);
        (await wang.Post($"/api/platform/documents/customer/{id}/shares/1/end", new { })).Refused(422);
        // May add what belongs to it.
        var contact = await wang.Contact(Crm.Name("新联系人"), new { employerId = id });
        Assert.Contains(contact, await li.List($"/api/customers/contacts?tiedTo={id}&tiedBy=contacts"));

        var share = (await li.Get(Shares(id))).Ok().Json.GetProperty("shares")[0].GetProperty("id").GetInt64();
        (await li.Post($"{Shares(id)}/{share}/end", new { })).Ok();
        (await wang.Get($"{Customers}/{id}")).Refused(404);
        Assert.Empty(await wang.List($"{Customers}?view=shared"));
        (await li.Post($"{Shares(id)}/{share}/end", new { })).Refused(404);
        Assert.Contains("share", (await li.Get($"{Customers}/{id}/history")).Ok().Text);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-15")]
    public async Task A_share_for_changing_opens_that_customer_to_changes_and_nothing_else(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var id = await li.Customer(Crm.Name("可改客户"));
        var contact = await li.Contact(Crm.Name("联系人"), new { employerId = id });
        (await li.Post(Shares(id), Terms(wang, write: true, kinds: "contact"))).Ok();

        (await wang.Patch($"{Customers}/{id}", new { remarks = "王改的", version = await VersionOf(wang, id) })).Ok();
        (await wang.Patch($"{Customers}/{id}", new { ownerId = wang.Id, version = await VersionOf(wang, id) })).Refused(400);
        (await wang.Delete($"{Customers}/{id}")).Refused(404);
        await Stays(crm, wang, li, id);
        // What is tied to it is for reading.
        Assert.Equal([contact], await wang.List($"/api/customers/contacts?tiedTo={id}&tiedBy=contacts"));
        (await wang.Patch($"/api/customers/contacts/{contact}", new { remarks = "改", version = 1 })).Refused(403);
        // It does not become one's own by a tie or by a person made of it, nor is it cut off.
        var own = await wang.Customer(Crm.Name("王的客户"));
        (await wang.Post($"{Customers}/{own}/contacts/{contact}/tie", new { })).Refused(403);
        (await wang.Post($"/api/customers/contacts/{contact}/make-person", new { anyway = true })).Refused(403);
        Assert.Contains("共享阅读", (await wang.Post(Customers, new { name = Crm.Name("本人"), nature = "person", personContactId = contact, confirmed = new[] { "duplicate", "same-person" } })).Refused(400).Text);
        (await wang.Post($"{Customers}/{id}/contacts/{contact}/untie", new { })).Refused(403);
        var rights = await crm.Send(wang, new GetDocument("customer", id));
        Assert.Contains(DocumentRight.Update, rights.Rights);
        Assert.DoesNotContain(DocumentRight.Assign, rights.Rights);
        Assert.DoesNotContain(DocumentRight.Delete, rights.Rights);
        Assert.DoesNotContain(DocumentRight.Update, (await crm.Send(wang, new GetDocument("contact", contact))).Rights);
    }

    /// <summary>Whoever it is shared with gives it to nobody, however far the person's right to assign goes.</summary>
    private static async Task Stays(Crm crm, Employee with, Employee owner, long id)
    {
        (await with.Post($"{Customers}/transfer", new { ids = new[] { id }, toId = with.Id, along = false })).Refused(404);
        (await with.Post($"{Customers}/release", new { ids = new[] { id }, reason = "不是我的" })).Refused(404);
        Assert.Equal(owner.Id, await crm.OwnerOf(id));
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-15")]
    public async Task Chosen_kinds_are_opened_with_it_those_made_later_too_and_no_others(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("共享部");
        var below = await crm.Department("下级部", department);
        var role = await crm.Role(Rights);
        var (li, wang, zhao) = (await crm.Hire(Rights), await crm.Hire(below, role), await crm.Hire(Rights));
        var id = await li.Customer(Crm.Name("带联系人"));
        var before = await li.Contact(Crm.Name("先有"), new { employerId = id });
        (await li.Send(HttpMethod.Post, $"{Customers}/{id}/attachments?name=a.txt", new ByteArrayContent("内容"u8.ToArray()) { Headers = { ContentType = new("application/octet-stream") } })).Ok();
        (await li.Post(Shares(id), Terms(department: department, kinds: "contact"))).Ok();
        (await li.Post(Shares(id), Terms(zhao, kinds: "attachments"))).Ok();
        var later = await li.Contact(Crm.Name("后有"), new { employerId = id });

        Assert.Equal([before, later], (await wang.List($"/api/customers/contacts?tiedTo={id}&tiedBy=contacts")).Order());
        Assert.Equal(0, (await wang.Get($"{Customers}/{id}/attachments")).Ok().Json.GetArrayLength());
        Assert.Empty(await zhao.List($"/api/customers/contacts?tiedTo={id}&tiedBy=contacts"));
        Assert.Equal(1, (await zhao.Get($"{Customers}/{id}/attachments")).Ok().Json.GetArrayLength());

        // Who sees it is explained.
        var viewers = (await crm.Admin.Get($"/api/platform/rights/records/contact/{later}")).Ok().Text;
        Assert.Contains(wang.Name, viewers);
        Assert.Contains("随", viewers);
        Assert.Contains("共享给部门", (await crm.Admin.Get($"/api/platform/rights/records/customer/{id}/users/{wang.Id}")).Ok().Text);

        // Untied, it is closed again.
        var second = await li.Customer(Crm.Name("另一客户"));
        (await li.Patch($"/api/customers/contacts/{later}", new { employerId = second, version = 1 })).Ok();
        (await li.Post($"{Customers}/{id}/contacts/{later}/untie", new { })).Ok();
        Assert.Equal([before], await wang.List($"/api/customers/contacts?tiedTo={id}&tiedBy=contacts"));
        (await wang.Get($"/api/customers/contacts/{later}")).Refused(404);
        // Both tell who cut the tie.
        Assert.Contains("相关客户", (await li.Get($"/api/customers/contacts/{later}/history")).Ok().Text);
        Assert.Contains("联系人", (await li.Get($"{Customers}/{id}/history")).Ok().Text);
    }

    [Fact, Trait("req", "CUS-15")]
    public async Task A_share_ends_by_itself_behind_its_last_day_and_rests_while_nobody_owns_the_customer()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 25, 2, 0, 0, TimeSpan.Zero));
        await using var crm = await Crm.Start(Engines.Sqlite, clock);
        var (li, wang, zhang) = (await crm.Hire(Rights), await crm.Hire(Rights), await crm.Hire(Rights));
        var id = await li.Customer("到期客户");
        var contact = await li.Contact("联系人甲", new { employerId = id });
        (await li.Post(Shares(id), Terms(wang, until: "2026-11-24", kinds: "contact"))).Refused(400);
        (await li.Post(Shares(id), Terms(wang, until: "2026-11-25", kinds: "contact"))).Ok();
        // Handed on, it stays shared; without an owner it is nobody's to share; with one again it is.
        (await li.Patch($"{Customers}/{id}", new { ownerId = zhang.Id, version = await VersionOf(li, id) })).Ok();
        (await wang.Get($"{Customers}/{id}")).Ok();
        (await zhang.Patch($"{Customers}/{id}", new { ownerId = (long?)null, version = await VersionOf(zhang, id) })).Ok();
        (await wang.Get($"{Customers}/{id}")).Refused(404);
        (await crm.Admin.Patch($"{Customers}/{id}", new { ownerId = li.Id, version = await VersionOf(crm.Admin, id) })).Ok();
        (await wang.Get($"{Customers}/{id}")).Ok();
        (await wang.Get($"/api/customers/contacts/{contact}")).Ok();
        // Midnight in Shanghai.
        clock.SetUtcNow(new DateTimeOffset(2026, 11, 25, 15, 59, 0, TimeSpan.Zero));
        wang = await crm.As(wang.Id, wang.Login, wang.Name);
        (await wang.Get($"{Customers}/{id}")).Ok();
        clock.SetUtcNow(new DateTimeOffset(2026, 11, 25, 16, 0, 1, TimeSpan.Zero));
        (await wang.Get($"{Customers}/{id}")).Refused(404);
        (await wang.Get($"/api/customers/contacts/{contact}")).Refused(404);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-15")]
    public async Task Sharing_at_once_with_the_same_person_leaves_one_share_and_wrong_terms_are_refused(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var plain = await crm.Hire(Employee.Sales);
        var id = await li.Customer(Crm.Name("并发共享"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => li.Post(Shares(id), Terms(wang, write: i % 2 == 0))));
        Assert.Contains(answers, a => (int)a.Status == 200);
        Assert.All(answers.Where(a => (int)a.Status != 200), a => a.Refused(409));
        Assert.Equal(1, (await li.Get(Shares(id))).Ok().Json.GetProperty("shares").GetArrayLength());
        foreach (var wrong in new[] { Terms(), Terms(li), Terms(wang, kinds: "user"), Terms(wang, kinds: "x' or 1=1 --"), Terms(department: 999_999_999), Terms(wang, until: "2000-01-01") })
            (await li.Post(Shares(id), wrong)).Refused(400);
        var own = await plain.Customer(Crm.Name("无权共享"));
        (await plain.Post(Shares(own), Terms(wang))).Refused(403);
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-2")]
    public async Task Who_owns_a_customer_sees_its_contacts_whoever_made_them_and_the_next_owner_too(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var id = await li.Customer(Crm.Name("换手客户"));
        var contact = await crm.Admin.Contact(Crm.Name("别人建的"), new { employerId = id });
        (await li.Get($"/api/customers/contacts/{contact}")).Ok();
        (await li.Patch($"{Customers}/{id}", new { ownerId = wang.Id, version = await VersionOf(li, id) })).Ok();
        (await li.Get($"/api/customers/contacts/{contact}")).Refused(404);
        (await wang.Get($"/api/customers/contacts/{contact}")).Ok();
        (await wang.Delete($"{Customers}/{id}")).Ok();
        (await wang.Get($"/api/customers/contacts/{contact}")).Refused(404);
        (await wang.Post($"{Customers}/restore", new { ids = new[] { id } })).Ok();
        (await wang.Get($"/api/customers/contacts/{contact}")).Ok();
    }
}
