using CsCheck;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Xunit;

namespace KuaipuCrm.Tests.Customers;

/// <summary>Two customers become one, with everything tied to either, and two again by one command (CUS-6).</summary>
public class Merging
{
    private const string Customers = "/api/customers/customers";
    private static readonly string[] Rights = [.. Employee.Sales, "customers.customers.merge", "customers.customers.share", "customers.customers.restore"];

    private static async Task<long> VersionOf(Employee who, long id) => (await who.Get($"{Customers}/{id}")).Ok().Json.GetProperty("version").GetInt64();

    private static async Task<Answer> Merge(Employee who, long stays, long lost, params string[] fromLost) =>
        await who.Post($"{Customers}/{stays}/merge/{lost}", new { staysVersion = await VersionOf(who, stays), lostVersion = await VersionOf(who, lost), fromLost });

    private static async Task<Answer> Undo(Employee who, Answer merged) => (await who.Post($"/api/platform/operations/{merged.Json.GetProperty("operationId").GetInt64()}/undo", new { })).Ok();

    [Theory, OnEveryEngine, Trait("req", "CUS-6")]
    public async Task Everything_tied_to_either_is_tied_to_the_one_that_stays_and_goes_back_by_one_command(string engine)
    {
        var crm = await Crm.Shared(engine);
        var department = await crm.Department("合并");
        var role = await crm.Role(Rights, ScopeKind.All);
        var (boss, other) = (await crm.Hire(department, role), await crm.Hire(department, role));
        var li = await crm.Hire(department, await crm.Role(Rights), boss.Id);
        var (stays, lost) = (await li.Customer(Crm.Name("保留"), new { phone = "0755-11112222", remarks = "旧备注" }), await li.Customer(Crm.Name("并入"), new { phone = "0755-33334444", address = "深圳" }));
        var (both, one) = (await li.Contact(Crm.Name("两边都有"), new { employerId = lost }), await li.Contact(Crm.Name("一边有"), new { employerId = lost }));
        (await li.Post($"{Customers}/{stays}/contacts/{both}/tie", new { })).Ok();
        var child = await li.Customer(Crm.Name("下级"), new { parentId = lost });
        (await li.Post($"{Customers}/{lost}/comments", new { text = "并入客户的点评" })).Ok();
        (await li.Send(HttpMethod.Post, $"{Customers}/{lost}/attachments?name=a.txt", new ByteArrayContent("附件"u8.ToArray()) { Headers = { ContentType = new("application/octet-stream") } })).Ok();
        (await li.Post($"/api/platform/documents/customer/{lost}/shares", new { users = new[] { other.Id }, departments = Array.Empty<long>(), kinds = Array.Empty<string>() })).Ok();
        (await boss.Post($"{Customers}/watch", new { ids = new[] { lost, stays } })).Ok();

        var preview = (await li.Get($"{Customers}/{stays}/merge-preview/{lost}")).Ok();
        Assert.Contains("联系人", preview.Text);
        Assert.Contains("附件", preview.Text);
        var differing = preview.Json.GetProperty("differing").EnumerateArray().Select(f => f.GetString()).ToList();
        Assert.Contains("phone", differing);
        Assert.DoesNotContain("level", differing);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, preview.Json.GetProperty("refusal").ValueKind);
        var merged = (await Merge(li, stays, lost, "phone", "address")).Ok();

        var view = await li.View("customers", stays);
        Assert.Equal(("0755-33334444", "深圳", "旧备注"), (view.GetProperty("phone").GetString(), view.GetProperty("address").GetString(), view.GetProperty("remarks").GetString()));
        Assert.DoesNotContain(lost, await li.List(Customers));
        Assert.Equal(new[] { both, one }.Order(), (await li.List($"/api/customers/contacts?tiedTo={stays}&tiedBy=contacts")).Order());
        Assert.Equal(stays, (await li.View("contacts", one)).GetProperty("employerId").GetInt64());
        Assert.Equal([child], await li.List($"{Customers}?tiedTo={stays}&tiedBy=children"));
        Assert.Contains("并入客户的点评", (await li.Get($"{Customers}/{stays}/comments")).Ok().Text);
        Assert.Equal(1, (await li.Get($"{Customers}/{stays}/attachments")).Ok().Json.GetArrayLength());
        Assert.Contains(stays, await other.List($"{Customers}?view=shared"));
        Assert.Equal([stays], await boss.List($"{Customers}?view=watched"));
        // Its history is read with that of the one that stays; each that went over says so.
        var history = (await li.Get($"{Customers}/{stays}/history")).Ok();
        Assert.Contains(history.Json.EnumerateArray(), e => e.GetProperty("of").GetString()?.StartsWith("并入", StringComparison.Ordinal) == true && e.GetProperty("kind").GetString() == "create");
        Assert.Contains("merge", (await li.Get($"/api/customers/contacts/{one}/history")).Ok().Text);

        await Undo(li, merged);
        view = await li.View("customers", stays);
        Assert.Equal(("0755-11112222", null, "旧备注"), (view.GetProperty("phone").GetString(), view.GetProperty("address").GetString(), view.GetProperty("remarks").GetString()));
        Assert.Equal(new[] { both, one }.Order(), (await li.List($"/api/customers/contacts?tiedTo={lost}&tiedBy=contacts")).Order());
        Assert.Equal([both], await li.List($"/api/customers/contacts?tiedTo={stays}&tiedBy=contacts"));
        Assert.Equal([child], await li.List($"{Customers}?tiedTo={lost}&tiedBy=children"));
        Assert.Contains("并入客户的点评", (await li.Get($"{Customers}/{lost}/comments")).Ok().Text);
        Assert.Equal(0, (await li.Get($"{Customers}/{stays}/attachments")).Ok().Json.GetArrayLength());
        Assert.Equal([lost], await other.List($"{Customers}?view=shared"));
        Assert.Equal(new[] { stays, lost }.Order(), (await boss.List($"{Customers}?view=watched")).Order());
        Assert.DoesNotContain((await li.Get($"{Customers}/{stays}/history")).Ok().Json.EnumerateArray(), e => e.GetProperty("of").GetString() is not null);
        (await li.Post($"/api/platform/operations/{merged.Json.GetProperty("operationId").GetInt64()}/undo", new { })).Refused(422);
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-6"), Trait("req", "SEC-2")]
    public async Task What_the_one_who_merges_does_not_see_goes_over_and_back_too(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var (stays, lost) = (await li.Customer(Crm.Name("保留")), await li.Customer(Crm.Name("并入")));
        // A foreign customer below the lost one: out of the merger's sight.
        var foreign = await crm.Admin.Customer(Crm.Name("别人的下级"), new { parentId = lost });
        (await li.Get($"{Customers}/{foreign}")).Refused(404);
        var merged = (await Merge(li, stays, lost)).Ok();
        Assert.DoesNotContain("别人的下级", merged.Text);
        Assert.Equal(stays, (await crm.Admin.View("customers", foreign)).GetProperty("parentId").GetInt64());
        // What others add to it stays where it was put.
        (await crm.Admin.Patch($"{Customers}/{foreign}", new { remarks = "合并之后改的", version = await VersionOf(crm.Admin, foreign) })).Ok();
        var later = await li.Contact(Crm.Name("合并之后建的"), new { employerId = stays });
        await Undo(li, merged);
        var back = await crm.Admin.View("customers", foreign);
        Assert.Equal((lost, "合并之后改的"), (back.GetProperty("parentId").GetInt64(), back.GetProperty("remarks").GetString()));
        Assert.Equal(stays, (await li.View("contacts", later)).GetProperty("employerId").GetInt64());
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-6")]
    public async Task Only_who_may_change_both_merges_and_never_what_was_changed_since(string engine)
    {
        var crm = await Crm.Shared(engine);
        var (li, wang, plain) = (await crm.Hire(Rights), await crm.Hire(Rights), await crm.Hire(Employee.Sales));
        var (one, two, foreign) = (await li.Customer(Crm.Name("甲")), await li.Customer(Crm.Name("乙")), await wang.Customer(Crm.Name("丙")));
        (await plain.Post($"{Customers}/{one}/merge/{two}", new { staysVersion = 1, lostVersion = 1 })).Refused(403);
        (await li.Post($"{Customers}/{one}/merge/{foreign}", new { staysVersion = 1, lostVersion = 1 })).Refused(404);
        (await wang.Post($"/api/platform/documents/customer/{foreign}/shares", new { users = new[] { li.Id }, departments = Array.Empty<long>() })).Ok();
        (await li.Post($"{Customers}/{one}/merge/{foreign}", new { staysVersion = 1, lostVersion = 1 })).Refused(403);
        // A share for changing allows changing, not doing away with.
        (await wang.Post($"/api/platform/documents/customer/{foreign}/shares", new { users = new[] { li.Id }, departments = Array.Empty<long>(), write = true })).Ok();
        (await li.Post($"{Customers}/{one}/merge/{foreign}", new { staysVersion = 1, lostVersion = 1 })).Refused(403);
        (await li.Post($"{Customers}/{one}/merge/{one}", new { staysVersion = 1, lostVersion = 1 })).Refused(422);
        (await li.Patch($"{Customers}/{two}", new { remarks = "刚改", version = 1 })).Ok();
        (await li.Post($"{Customers}/{one}/merge/{two}", new { staysVersion = 1, lostVersion = 1 })).Refused(409);
        (await li.Post($"{Customers}/{one}/merge/{two}", new { staysVersion = 1, lostVersion = 2, fromLost = new[] { "ownerId" } })).Refused(400);
        (await li.Post($"{Customers}/{one}/merge/{two}", new { staysVersion = 1, lostVersion = 2, fromLost = new[] { "name; drop table" } })).Refused(400);
        var person = await li.Customer(Crm.Name("个人"), new { nature = "person" });
        Assert.Contains("不能合并", (await Merge(li, one, person)).Refused(422).Detail);
        // The one that stays must not come to lie below itself.
        var middle = await li.Customer(Crm.Name("中"), new { parentId = two });
        var low = await li.Customer(Crm.Name("低"), new { parentId = middle });
        (await Merge(li, low, two)).Refused(422);
        (await Merge(li, middle, two)).Ok();
        Assert.Null((await li.View("customers", middle)).GetProperty("parentId").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-6")]
    public async Task Of_merges_that_cross_one_wins_and_nothing_is_lost(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        var (a, b, c) = (await li.Customer(Crm.Name("甲")), await li.Customer(Crm.Name("乙")), await li.Customer(Crm.Name("丙")));
        var contacts = new List<long>();
        foreach (var customer in new[] { a, b, c }) contacts.Add(await li.Contact(Crm.Name("联系人"), new { employerId = customer }));
        var pairs = new[] { (a, b), (b, a), (b, c), (c, b), (a, c), (c, a) };
        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(i =>
        {
            var (stays, lost) = pairs[i % pairs.Length];
            return li.Post($"{Customers}/{stays}/merge/{lost}", new { staysVersion = 1, lostVersion = 1 });
        }));
        Assert.InRange(answers.Count(x => (int)x.Status == 200), 1, 2);
        Assert.All(answers.Where(x => (int)x.Status != 200), x => Assert.True((int)x.Status is 404 or 409, x.Text));
        foreach (var contact in contacts)
        {
            var employer = (await li.View("contacts", contact)).GetProperty("employerId").GetInt64();
            (await li.Get($"{Customers}/{employer}")).Ok();
        }
    }

    [Theory, OnEveryEngine, Trait("req", "CUS-6")]
    public async Task An_edit_in_the_moment_of_the_merge_is_kept_or_told(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire(Rights);
        for (var round = 0; round < 5; round++)
        {
            var (stays, lost) = (await li.Customer(Crm.Name("甲")), await li.Customer(Crm.Name("乙")));
            var edits = Enumerable.Range(0, 4).Select(i => li.Patch($"{Customers}/{(i % 2 == 0 ? stays : lost)}", new { remarks = $"第 {i} 次", version = 1 })).ToList();
            var adds = Enumerable.Range(0, 4).Select(_ => li.Post("/api/customers/contacts", new { name = Crm.Name("新"), employerId = lost })).ToList();
            var merged = await li.Post($"{Customers}/{stays}/merge/{lost}", new { staysVersion = 1, lostVersion = 1 });
            await Task.WhenAll([.. edits, .. adds]);
            if ((int)merged.Status == 200) Assert.All(edits.Select(e => e.Result), e => Assert.True((int)e.Status is 409 or 404, e.Text));
            else merged.Refused(409);
            foreach (var add in adds.Select(x => x.Result).Where(x => (int)x.Status == 201))
            {
                var contact = add.Json.GetProperty("id").GetInt64();
                for (var tries = 0; ; tries++)
                {
                    var employer = (await li.View("contacts", contact)).GetProperty("employerId").GetInt64();
                    if ((int)merged.Status != 200 ? employer == lost : employer == stays) break;
                    Assert.True(tries < 50, "a contact made in the moment of the merge still belongs to the lost customer");
                    await Task.Delay(200);
                }
            }
        }
    }

    /// <summary>Whatever is tied to whatever, whichever are merged in whichever order with whichever fields: undone, every record is as it was.</summary>
    [Theory, OnEveryEngine, Trait("req", "CUS-6")]
    public async Task Merged_and_undone_everything_is_as_it_was(string engine)
    {
        var crm = await Crm.Shared(engine);
        var li = await crm.Hire([.. Rights, "customers.contacts.update", "customers.lock.protect"]);
        var wang = await crm.Hire(Rights, ScopeKind.All);
        string[] fields = ["name", "phone", "address", "level", "remarks", "parentId", "creditCode", "website"];
        await Gen.Select(
            Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3]).Array[0, 8],
            Gen.Int[-1, 3].Array[4, 4],
            Gen.Select(Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 255]).Array[1, 3]).SampleAsync(async (ties, parents, merges) =>
        {
            var customers = new List<long>();
            for (var i = 0; i < 4; i++)
                customers.Add(await li.Customer(Crm.Name($"客户{i}"), new { phone = $"0755-{Random.Shared.Next(10_000_000, 99_999_999)}", address = i % 2 == 0 ? $"地址 {i}" : null, level = i < 2 ? "A" : null, remarks = $"备注 {i}", parentId = parents[i] >= 0 && parents[i] < i ? customers[parents[i]] : (long?)null }));
            var contacts = new List<long>();
            for (var i = 0; i < 4; i++) contacts.Add(await li.Contact(Crm.Name("人"), new { employerId = i < 3 ? customers[i] : (long?)null }));
            foreach (var (customer, contact) in ties) (await li.Post($"{Customers}/{customers[customer]}/contacts/{contacts[contact]}/tie", new { })).Ok();
            for (var i = 0; i < 4; i++) (await li.Post($"{Customers}/{customers[i]}/comments", new { text = $"点评 {i}" })).Ok();
            (await wang.Post($"{Customers}/watch", new { ids = customers })).Ok();
            (await li.Post($"{Customers}/protect", new { ids = customers.Take(3), until = "2099-12-31", reason = "招标" })).Ok();
            (await li.Post($"{Customers}/key", new { ids = customers.Skip(2) })).Ok();
            var before = await Snapshot(crm, customers, contacts);
            var done = new List<Answer>();
            foreach (var (stays, lost, mask) in merges)
            {
                if (stays == lost || !(await Lives(li, customers[stays])) || !(await Lives(li, customers[lost]))) continue;
                var answer = await Merge(li, customers[stays], customers[lost], [.. fields.Where((_, i) => (mask >> i & 1) == 1)]);
                if ((int)answer.Status == 200) done.Add(answer);
                else Assert.True((int)answer.Status is 400 or 422, answer.Text);
            }
            if (done.Count > 0) Assert.NotEqual(before, await Snapshot(crm, customers, contacts));
            foreach (var answer in Enumerable.Reverse(done)) Assert.Empty((await Undo(li, answer)).Json.GetProperty("problems").EnumerateArray());
            Assert.Equal(before, await Snapshot(crm, customers, contacts));
        }, iter: 6, threads: 1);
    }

    private static async Task<bool> Lives(Employee who, long id) => (await who.Get($"{Customers}?number.startsWith=KH&ownerId=@me&take=500")).Ok().Json.GetProperty("items").EnumerateArray().Any(i => i.GetProperty("id").GetInt64() == id);

    /// <summary>All that can be seen of these records, but their versions and the time of the last change of the two customers.</summary>
    private static async Task<string> Snapshot(Crm crm, List<long> customers, List<long> contacts)
    {
        var db = crm.Db;
        var all = customers.Concat(contacts).ToList();
        var text = new System.Text.StringBuilder();
        async Task Add(Sql sql)
        {
            foreach (var row in await db.Query<string>(sql)) text.AppendLine(row);
        }
        var customer = new Scoped("customer").Of;
        await Add($"select concat(c.id, '|', c.name, '|', c.phone, '|', c.address, '|', c.level, '|', c.remarks, '|', c.parent_id, '|', c.owner_id, '|', c.credit_code, '|', c.name_key, '|', c.deleted_at, '|', c.locked_at, '|', c.protected_until, '|', c.protect_reason, '|', case when c.is_key = {true} then 1 else 0 end, '|', c.pool_id, '|', c.idle_since) from customers.customer c where {db.Dialect.In(Sql.Trusted("c.id"), customers)} and {customer} order by c.id");
        await Add($"select concat(k.id, '|', k.employer_id, '|', k.updated_at, '|', k.updated_by, '|', k.deleted_at) from customers.contact k where {db.Dialect.In(Sql.Trusted("k.id"), contacts)} and {new Scoped("contact").Of} order by k.id");
        await Add($"select concat(t.customer_id, '-', t.contact_id) from customers.contact_tie t where {db.Dialect.In(Sql.Trusted("t.contact_id"), contacts)} order by t.customer_id, t.contact_id");
        await Add($"select concat(w.customer_id, '-', w.user_id) from customers.watch w where {db.Dialect.In(Sql.Trusted("w.customer_id"), customers)} order by w.customer_id, w.user_id");
        await Add($"select concat(b.document_id, ':', b.text) from platform.comment b where {db.Dialect.In(Sql.Trusted("b.document_id"), all)} order by b.id");
        await Add($"select concat(n.id, '|', n.title, '|', n.owner_id, '|', case when n.deleted = {true} then 1 else 0 end) from platform.document n where {db.Dialect.In(Sql.Trusted("n.id"), all)} order by n.id");
        await Add($"select concat(g.document_id, '|', count(*)) from platform.gram g where {db.Dialect.In(Sql.Trusted("g.document_id"), all)} group by g.document_id order by g.document_id");
        await Add($"select concat(p.document_id, '|', p.digits) from platform.phone p where {db.Dialect.In(Sql.Trusted("p.document_id"), all)} order by p.document_id, p.digits");
        await Add($"select concat(x.document_id, '|', x.source_id, '|', x.user_id, '|', x.cause) from platform.access x where {db.Dialect.In(Sql.Trusted("x.document_id"), all)} order by x.document_id, x.source_id, x.user_id, x.cause");
        return text.ToString();
    }

    /// <summary>The mark of a statement that looks at all rows of a type, as the scope gives it.</summary>
    private readonly record struct Scoped(string Type)
    {
        public Sql Of => Sql.Trusted($"{Sql.Guard}{Type}{Sql.Guard}1 = 1");
    }
}
