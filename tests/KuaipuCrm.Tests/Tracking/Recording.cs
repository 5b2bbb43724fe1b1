using KuaipuCrm.Tests.Events;
using KuaipuCrm.Tests.Running;
using Xunit;
using static KuaipuCrm.Tests.Tracking.Seller;

namespace KuaipuCrm.Tests.Tracking;

/// <summary>A contact is written down, and what is known of the customer follows.</summary>
public class Recording
{
    [Theory, OnEveryEngine, Trait("req", "TRK-1"), Trait("req", "TRK-7"), Trait("req", "TRK-8")]
    public async Task A_record_counts_for_the_customer_and_for_everyone_who_took_part(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var customer = await li.Customer(Crm.Name("跟踪客户"));
        var (zhang, wang) = (await li.Contact(Crm.Name("张总"), new { employerId = customer }), await li.Contact(Crm.Name("王工"), new { employerId = customer }));
        Assert.Equal(0, (await li.Track(customer)).GetProperty("contacts").GetInt64());
        var (first, second) = (DateTime.UtcNow.AddDays(-20), DateTime.UtcNow.AddDays(-2));
        await li.Contacted(customer, zhang, second, method: "visit");
        // Written down later, made earlier: the newest contact is the last one, not the newest row.
        var record = await li.Contacted(customer, zhang, first);
        (await li.Post($"{Records}/{record}/participants/{wang}/add", new { })).Ok();
        var track = await li.Track(customer);
        Assert.Equal((2, li.Id), (track.GetProperty("contacts").GetInt64(), track.GetProperty("lastBy").GetInt64()));
        Assert.Equal(second, track.GetProperty("lastAt").GetDateTime(), TimeSpan.FromSeconds(1));
        var (z, w) = ((await li.Get($"{Contacts}/{zhang}")).Ok().Json, (await li.Get($"{Contacts}/{wang}")).Ok().Json);
        Assert.Equal((2, 1), (z.GetProperty("contacts").GetInt64(), w.GetProperty("contacts").GetInt64()));
        Assert.Equal(second, z.GetProperty("metAt").GetDateTime(), TimeSpan.FromSeconds(1));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, w.GetProperty("metAt").ValueKind);
        Assert.Equal(2, (await li.List($"{Records}?tiedTo={customer}&tiedBy=records")).Count);
        Assert.Equal([record], await li.List($"{Records}?tiedTo={wang}&tiedBy=contact-records"));
        // Shared for reading, a record is for reading: nobody takes someone out of it or puts someone in.
        var reader = await crm.Hire(Rights);
        (await crm.Admin.Post($"/api/platform/documents/customer/{customer}/shares", new { users = new[] { reader.Id }, departments = Array.Empty<long>(), kinds = new[] { "contact", "contactrecord" } })).Ok();
        (await reader.Get($"{Records}/{record}")).Ok();
        (await reader.Post($"{Records}/{record}/participants/{wang}/remove", new { })).Refused(403);
        (await reader.Post($"{Records}/{record}/participants/{wang}/add", new { })).Refused(403);
        (await li.Delete($"{Records}/{record}")).Ok();
        Assert.Equal(1, (await li.Track(customer)).GetProperty("contacts").GetInt64());
        Assert.Equal(0, (await li.Get($"{Contacts}/{wang}")).Ok().Json.GetProperty("contacts").GetInt64());
        (await crm.Admin.Post($"{Records}/restore", new { ids = new[] { record } })).Ok();
        Assert.Equal(2, (await li.Track(customer)).GetProperty("contacts").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-1"), Trait("req", "TRK-5"), Trait("req", "UI-11")]
    public async Task Little_needs_to_be_typed_and_what_is_wrong_is_said_at_its_field(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire([.. Rights, "targets.tasks.read", "targets.tasks.create"]);
        var customer = await li.Customer(Crm.Name("快记客户"));
        var stranger = await li.Contact(Crm.Name("别处的人"));
        var quick = (await li.Post(Records, new { customerId = customer })).Ok().Json.GetProperty("id").GetInt64();
        var view = (await li.Get($"{Records}/{quick}")).Ok().Json;
        Assert.Equal(("打电话", "call"), (view.GetProperty("subject").GetString(), view.GetProperty("method").GetString()));
        Assert.Equal(DateTime.UtcNow, view.GetProperty("at").GetDateTime(), TimeSpan.FromMinutes(1));
        Assert.Equal("谈了需求", (await li.Get($"{Records}/{await li.Contacted(customer)}")).Ok().Json.GetProperty("subject").GetString());
        foreach (var (field, body) in new (string, object)[]
        {
            ("customerId", new { subject = "没有客户" }),
            ("contactId", new { customerId = customer, contactId = stranger }),
            ("at", new { customerId = customer, at = DateTime.UtcNow.AddHours(2) }),
            ("nextAt", new { customerId = customer, nextAt = DateTime.UtcNow.AddDays(-1) }),
            ("subject", new { customerId = customer, subject = new string('长', 101) }),
        })
            Assert.Contains($"\"{field}\"", (await li.Post(Records, body)).Refused(400).Text);
        // An action of the day without a customer; it is in the list of actions, and nobody's contact.
        var task = await li.Create("/api/targets/tasks", new { subject = Crm.Name("准备报价"), ownerId = li.Id });
        var action = (await li.Post(Records, new { kind = "action", subject = "整理报价资料", taskId = task })).Ok().Json.GetProperty("id").GetInt64();
        Assert.Equal([action], await li.List($"{Records}?tiedTo={task}&tiedBy=task-records"));
        // A contact is an action, too: both stand there.
        Assert.Superset(new HashSet<long> { action, quick }, (await li.List($"{Records}?view=actions")).ToHashSet());
        Assert.Equal(2, (await li.Track(customer)).GetProperty("contacts").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "SEC-1"), Trait("req", "SEC-2")]
    public async Task Who_may_not_sees_changes_and_counts_nothing(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, other) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var customer = await li.Customer(Crm.Name("机密跟踪"));
        var record = await li.Contacted(customer, next: DateTime.UtcNow.AddDays(3));
        var appointment = (await li.Open(customer)).Single().GetProperty("id").GetInt64();
        foreach (var url in new[] { $"{Records}/{record}", $"{Appointments}/{appointment}", $"{Tracks}/{customer}", $"{Records}/{record}/comments", $"{Tracks}/{customer}/next" }) (await other.Get(url)).Refused(404);
        (await other.Write(customer)).Refused(400);
        (await other.Post($"{Tracks}/{customer}/reschedule", new { at = DateTime.UtcNow.AddDays(9) })).Refused(404);
        (await other.Post($"{Appointments}/{appointment}/cancel", new { })).Refused(404);
        (await other.Post($"{Records}/{record}/participants/{customer}/add", new { })).Refused(404);
        Assert.DoesNotContain(customer, await other.List($"{Tracks}?columns=name"));
        Assert.Equal(0, (await other.Get($"{Records}/count?customerId={customer}")).Ok().Json.GetProperty("count").GetInt64());
        // Figures are kept by the system, whatever one may.
        (await crm.Admin.Send(HttpMethod.Patch, $"{Tracks}/{customer}", new { contacts = 99, version = 1 })).Is(405);
        (await crm.Admin.Post(Tracks, new { name = "自造" })).Is(405);
        await Assert.ThrowsAsync<KuaipuCrm.Sdk.RuleBroken>(() => crm.Send(crm.Admin, new KuaipuCrm.Sdk.SaveDocument("customertrack", customer, 1, new Dictionary<string, object?> { ["contacts"] = 99L })));
        await Assert.ThrowsAsync<KuaipuCrm.Sdk.NotFound>(() => crm.Send(crm.Admin, new KuaipuCrm.Sdk.GetHistory("customertrack", customer)));
        Assert.Empty((await li.Get($"{Records}?subject.contains={Uri.EscapeDataString("'; drop table tracking_contact_record; --")}")).Ok().Json.GetProperty("items").EnumerateArray());
    }

    [Theory, OnEveryEngine, Trait("req", "TRK-7"), Trait("req", "SEC-3")]
    public async Task Figures_follow_the_customer_to_its_owner_its_department_the_bin_and_back(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, heir) = (await crm.Hire(Rights), await crm.Hire(Rights));
        var name = Crm.Name("易主客户");
        var customer = await li.Customer(name, new { level = "A" });
        await li.Contacted(customer, next: DateTime.UtcNow.AddDays(3));
        (await crm.Admin.Patch($"/api/customers/customers/{customer}", new { ownerId = heir.Id, name = name + "改名", confirmed = new[] { "duplicate" }, version = (await crm.Admin.View("customers", customer)).GetProperty("version").GetInt64() })).Ok();
        var track = await heir.Track(customer);
        Assert.Equal((name + "改名", "A", 1), (track.GetProperty("name").GetString(), track.GetProperty("level").GetString(), track.GetProperty("contacts").GetInt64()));
        (await li.Get($"{Tracks}/{customer}")).Refused(404);
        // What was arranged is the new owner's.
        await Delivering.Until(async () => (await heir.Open(customer)).Count == 1);
        Assert.Equal([customer], await heir.List($"{Tracks}?text={Uri.EscapeDataString(name + "改名")}&columns=name"));
        (await heir.Delete($"/api/customers/customers/{customer}")).Ok();
        (await heir.Get($"{Tracks}/{customer}")).Refused(404);
        await Delivering.Until(async () => (await crm.Admin.Rows($"{Appointments}?customerId={customer}&state=resting&columns=at")).Count == 1);
        (await crm.Admin.Post("/api/customers/customers/restore", new { ids = new[] { customer } })).Ok();
        Assert.Equal(1, (await heir.Track(customer)).GetProperty("contacts").GetInt64());
        await Delivering.Until(async () => (await heir.Open(customer)).Count == 1);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-4"), Trait("req", "TRK-1")]
    public async Task Old_records_come_in_with_their_own_dates_and_people(string engine)
    {
        await using var crm = await Crm.Start(engine);
        var li = await crm.Hire(Rights);
        var (a, b) = (await crm.Admin.Customer("导入甲有限公司", new { ownerId = li.Id }), await crm.Admin.Customer("导入乙有限公司", new { ownerId = li.Id }));
        foreach (var c in new[] { a, b }) await crm.Admin.Contact("王伟", new { employerId = c, mark = c == a ? "甲" : "乙", ownerId = li.Id });
        var csv = "客户名称,联系人,跟进时间,跟进方式,跟进内容,下次跟进时间,负责人,创建人,创建时间\n"
            + $"导入甲有限公司,王伟,2024-03-05 10:00,打电话,第一次电话,2024-03-08,{li.Name},{li.Name},2024-03-05 11:00\n"
            + $"导入甲有限公司,王伟,2024-03-08 10:00,上门拜访,上门演示,2030-04-01,{li.Name},{li.Name},2024-03-08 11:00\n"
            + $"导入乙有限公司,王伟,2024-05-01 09:00,微信沟通,发了资料,,{li.Name},{li.Name},2024-05-01 09:05\n"
            + $"没有这家公司,,2024-05-01 09:00,打电话,,,{li.Name},,\n";
        var report = await Import(crm.Admin, csv);
        Assert.Equal((3, 1), (report.GetProperty("created").GetInt32(), report.GetProperty("operation").GetProperty("failed").GetInt32()));
        var rows = await li.Rows($"{Records}?customerId={a}&sort=at&columns=at,createdAt,createdBy,ownerId,contactId");
        Assert.Equal(new DateTime(2024, 3, 5, 3, 0, 0, DateTimeKind.Utc), rows[0].GetProperty("createdAt").GetDateTime());
        Assert.All(rows, r => Assert.Equal((li.Id, li.Id), (r.GetProperty("createdBy").GetInt64(), r.GetProperty("ownerId").GetInt64())));
        Assert.All(rows, r => Assert.NotEqual(System.Text.Json.JsonValueKind.Null, r.GetProperty("contactId").ValueKind));
        var track = await li.Track(a);
        Assert.Equal((2, new DateTime(2024, 3, 8, 2, 0, 0, DateTimeKind.Utc)), (track.GetProperty("contacts").GetInt64(), track.GetProperty("lastAt").GetDateTime()));
        // Of both next contacts the newest record's stands.
        Assert.Equal(new DateTime(2030, 3, 31, 16, 0, 0, DateTimeKind.Utc), (await li.Open(a)).Single().GetProperty("at").GetDateTime());
        (await crm.Admin.Post($"/api/platform/operations/{report.GetProperty("operation").GetProperty("id").GetInt64()}/undo", new { })).Ok();
        Assert.Equal(0, (await li.Track(a)).GetProperty("contacts").GetInt64());
        Assert.Empty(await li.Open(a));
    }

    private static async Task<System.Text.Json.JsonElement> Import(Employee who, string csv)
    {
        var file = (await who.Send(HttpMethod.Post, $"{Records}/import/files?name=records.csv", new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(csv)) { Headers = { ContentType = new("application/octet-stream") } })).Ok().Json.GetProperty("file").GetString();
        var columns = (await who.Get($"{Records}/import/files/{file}")).Ok().Json.GetProperty("columns").EnumerateArray()
            .Where(c => c.GetProperty("target").GetString() is not null).ToDictionary(c => c.GetProperty("index").GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture), c => c.GetProperty("target").GetString());
        var operation = (await who.Post($"{Records}/import", new { file, sheet = 0, columns, mode = "GoodRows" })).Ok().Json.GetInt64();
        System.Text.Json.JsonElement report = default;
        await Delivering.Until(async () => (report = (await who.Get($"{Records}/import/{operation}")).Ok().Json).GetProperty("operation").GetProperty("state").GetString() is "done" or "failed", 30);
        return report;
    }
}
