using System.Text.Json;
using Autofac;
using Autofac.Extensions.DependencyInjection;
using KuaipuCrm.Platform.Approvals;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tests.Running;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static KuaipuCrm.Tests.Collaboration.ApprovalOffice;

namespace KuaipuCrm.Tests.Collaboration;

/// <summary>Documents go through approval flows (DOC-9, SET-6).</summary>
public class Approving
{
    private const string Customers = "/api/customers/customers";
    private const string Tasks = "/api/platform/approval-tasks";

    [Theory, OnEveryEngine, Trait("req", "DOC-9")]
    public async Task A_customer_is_frozen_while_its_approvers_decide_and_a_later_change_asks_anew_and_says_what_changed(string engine)
    {
        var crm = await Crm.Shared(engine);
        var o = await ApprovalOffice.Of(crm);
        await o.Flow([Step("上级", "Superior"), Step("总经理", "Users", o.Head.Id)], copyTo: [o.Peer.Id]);
        var id = await o.Li.Customer(Crm.Name("报审客户"), new { address = "旧地址", phone = "0755-12345678" });
        var file = (await Lay(o.Li, id)).Ok().Json.GetProperty("id").GetInt64();
        Assert.Empty(await o.Waiting(o.Boss));
        await o.Submit(o.Li, id, 1);
        (await o.Li.Patch($"{Customers}/{id}", new { address = "偷改", version = 2 })).Refused(400);
        (await o.Li.Delete($"{Customers}/{id}")).Refused(422);
        (await o.Li.Post($"{Customers}/{id}/submit", new { version = 2 })).Refused(422);
        // So are its files; who decides reads them, and who was only shown the customer does not.
        (await Lay(o.Li, id, $"replaces={file}")).Refused(422);
        (await o.Li.Delete($"{Customers}/{id}/attachments/{file}")).Refused(422);
        // The head sees neither customers of this department nor may open any; what is to be decided is seen all the same.
        (await o.Head.Get($"{Customers}/{id}")).Refused(403);
        Assert.Empty(await o.Waiting(o.Head));
        var task = (await o.Waiting(o.Boss)).Single();
        (await o.Head.Post($"{Tasks}/{task.TaskId}/decide", new { decision = "Approve" })).Refused(404);
        (await o.Boss.Post($"{Tasks}/{task.TaskId}/decide", new { decision = "Approve", note = "同意" })).Ok();
        var second = (await o.Waiting(o.Head)).Single();
        var view = (await o.Head.Get($"/api/platform/approvals/{second.Id}")).Ok();
        Assert.Contains("旧地址", view.Text);
        Assert.DoesNotContain("12345678", view.Text);
        Assert.Contains("合同.txt", view.Text);
        Assert.Contains("/approvals/", (await o.Head.Get("/api/platform/messages")).Ok().Text);
        (await o.Head.Post($"{Tasks}/{second.TaskId}/decide", new { decision = "Approve" })).Ok();
        Assert.Equal("approved", (await o.Li.View("customers", id)).GetProperty("approval").GetString());
        Assert.Single((await o.Peer.Get("/api/platform/approvals?list=copied")).Ok().Json.EnumerateArray());
        Assert.Single((await o.Boss.Get("/api/platform/approvals?list=decided")).Ok().Json.EnumerateArray());
        Assert.Single((await o.Li.Get("/api/platform/approvals?list=submitted")).Ok().Json.EnumerateArray());
        // What was approved isn't changed unasked, neither one by one nor in a batch.
        var version = (await o.Li.View("customers", id)).GetProperty("version").GetInt64();
        (await o.Li.Patch($"{Customers}/{id}", new { address = "新地址", version })).Is(409);
        (await crm.Admin.Post($"{Customers}/change", new { ids = new[] { id }, values = new { level = "A" } })).Refused(400);
        (await o.Li.Patch($"{Customers}/{id}", new { address = "新地址", version, confirmed = new[] { "approved" } })).Ok();
        Assert.Equal("draft", (await o.Li.View("customers", id)).GetProperty("approval").GetString());
        (await Lay(o.Li, id, $"replaces={file}")).Ok();
        await o.Submit(o.Li, id, version + 1);
        var again = (await o.Boss.Get($"/api/platform/approvals/{(await o.Waiting(o.Boss)).Single().Id}")).Ok().Json;
        Assert.Equal(("旧地址", "新地址"), (again.GetProperty("changed")[0].GetProperty("from").GetString(), again.GetProperty("changed")[0].GetProperty("to").GetString()));
        Assert.Contains("第 2 版", again.GetProperty("changed").EnumerateArray().Last().GetProperty("to").GetString());
        (await o.Boss.Post($"{Customers}/{id}/withdraw", new { })).Refused(422);
        (await o.Li.Post($"{Customers}/{id}/withdraw", new { })).Ok();
        Assert.Equal("withdrawn", (await o.Li.View("customers", id)).GetProperty("approval").GetString());
        Assert.Empty(await o.Waiting(o.Boss));
        // Given away since: who handed it in reads the numbers as others do. Purged: nobody reads anything.
        var former = (await o.Li.Get($"/api/platform/approvals/{second.Id}")).Ok();
        Assert.Contains("12345678", former.Text);
        (await crm.Admin.Patch($"{Customers}/{id}", new { ownerId = crm.Admin.Id, version = (await o.Li.View("customers", id)).GetProperty("version").GetInt64() })).Ok();
        Assert.DoesNotContain("12345678", (await o.Li.Get($"/api/platform/approvals/{second.Id}")).Ok().Text);
        (await crm.Admin.Delete($"{Customers}/{id}")).Ok();
        (await crm.Admin.Post($"{Customers}/purge", new { ids = new[] { id } })).Ok();
        (await o.Li.Get($"/api/platform/approvals/{second.Id}")).Refused(404);
        Assert.Equal(0, await crm.Db.First<long>($"select count(*) from platform.approval where document_id = {id}"));
        Assert.DoesNotContain("报审客户", (await o.Boss.Get("/api/platform/messages")).Ok().Text);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-9")]
    public async Task Whoever_submits_chooses_who_gets_a_copy_besides_those_of_the_flow_once_it_is_approved(string engine)
    {
        var crm = await Crm.Shared(engine);
        var o = await ApprovalOffice.Of(crm);
        await o.Flow([Step("上级", "Superior")], copyTo: [o.Head.Id]);
        var id = await o.Li.Customer(Crm.Name("抄送客户"));
        var submit = $"{Customers}/{id}/submit";
        (await o.Li.Post(submit, new { version = 1, copyTo = new[] { o.Li.Id } })).Refused(400);
        (await o.Li.Post(submit, new { version = 1, copyTo = new[] { 999_999_999L } })).Refused(400);
        var withdrawn = (await o.Li.Post(submit, new { version = 1, copyTo = new[] { o.Peer.Id } })).Ok().Json.GetProperty("id").GetInt64();
        (await o.Li.Post($"{Customers}/{id}/withdraw", new { })).Ok();
        var approval = (await o.Li.Post(submit, new { version = (await o.Li.View("customers", id)).GetProperty("version").GetInt64(), copyTo = new[] { o.Peer.Id, o.Head.Id } })).Ok().Json.GetProperty("id").GetInt64();
        // Not before it is approved.
        (await o.Peer.Get($"/api/platform/approvals/{approval}")).Refused(404);
        (await o.Decide(o.Boss, new { decision = "Approve" })).Ok();
        foreach (var who in new[] { o.Peer, o.Head })
        {
            Assert.Equal(approval, Assert.Single((await who.Get("/api/platform/approvals?list=copied")).Ok().Json.EnumerateArray()).GetProperty("id").GetInt64());
            Assert.Contains($"/approvals/{approval}", (await who.Get("/api/platform/messages")).Ok().Text);
            Assert.Equal(1, await crm.Db.First<long>($"select count(*) from platform.access where document_id = {id} and user_id = {who.Id}"));
        }
        var trail = (await o.Peer.Get($"/api/platform/approvals/{approval}")).Ok().Json.GetProperty("trail").EnumerateArray().Select(t => (t.GetProperty("who").GetString(), t.GetProperty("state").GetString())).ToList();
        Assert.Equal([(o.Boss.Name, "approved"), (o.Peer.Name, "copied"), (o.Head.Name, "copied")], trail);
        (await o.Peer.Get($"/api/platform/approvals/{withdrawn}")).Refused(404);
        // Copies are in the order in which they were sent, not in that of the submissions.
        var (first, second) = (await o.Li.Customer(Crm.Name("先提交")), await o.Li.Customer(Crm.Name("后提交")));
        foreach (var handed in new[] { first, second }) (await o.Li.Post($"{Customers}/{handed}/submit", new { version = 1, copyTo = new[] { o.Peer.Id } })).Ok();
        foreach (var decided in new[] { second, first })
            (await o.Boss.Post($"{Tasks}/{(await o.Waiting(o.Boss)).Single(w => w.DocumentId == decided).TaskId}/decide", new { decision = "Approve" })).Ok();
        Assert.Equal([first, second, id], (await o.Peer.Get("/api/platform/approvals?list=copied")).Ok().Json.EnumerateArray().Select(r => r.GetProperty("documentId").GetInt64()));
        // Who may change what is only shared opens it to nobody by a copy, nor does an owner who may not share: only who sees it anyway gets one.
        var (sharer, keeper) = (await crm.Hire(o.Department, await crm.Role([.. Employee.Sales, "customers.customers.share"]), o.Boss.Id), await crm.Hire(o.Department, await crm.Role(Employee.Sales), o.Boss.Id));
        var (shared, kept) = (await o.Li.Customer(Crm.Name("共享客户")), await keeper.Customer(Crm.Name("自己的客户")));
        (await o.Li.Post($"/api/platform/documents/customer/{shared}/shares", new { users = new[] { sharer.Id }, departments = Array.Empty<long>(), write = true })).Ok();
        foreach (var (who, document, sees) in new[] { (sharer, shared, o.Li), (keeper, kept, o.Boss) })
        {
            var refused = (await who.Post($"{Customers}/{document}/submit", new { version = 1, copyTo = new[] { o.Peer.Id, sees.Id } })).Refused(400);
            Assert.Contains(o.Peer.Name, refused.Text);
            Assert.DoesNotContain(sees.Name, refused.Text);
            (await who.Post($"{Customers}/{document}/submit", new { version = 1, copyTo = new[] { sees.Id } })).Ok();
        }
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-9")]
    public async Task A_file_of_what_was_approved_is_exchanged_only_by_who_asks_for_approval_anew(string engine)
    {
        var crm = await Crm.Shared(engine);
        var o = await ApprovalOffice.Of(crm);
        await o.Flow([Step("会签", "Users", o.Peer.Id)]);
        var id = await o.Li.Customer(Crm.Name("附件客户"));
        var file = (await Lay(o.Li, id)).Ok().Json.GetProperty("id").GetInt64();
        var colleague = await crm.Hire(["customers.customers.read"]);
        await o.Submit(o.Li, id, 1);
        // The peer may read customers by right, and this one because of the approval.
        var reader = await crm.Hire(["customers.customers.read"]);
        (await o.Decide(o.Peer, new { decision = "Delegate", userId = reader.Id })).Ok();
        Assert.Equal(file, (await reader.Get($"{Customers}/{id}/attachments")).Ok().Json[0].GetProperty("id").GetInt64());
        (await o.Decide(reader, new { decision = "Approve" })).Ok();
        (await Lay(o.Li, id, $"replaces={file}")).Is(409);
        (await o.Li.Delete($"{Customers}/{id}/attachments/{file}")).Is(409);
        Assert.Equal("approved", (await o.Li.View("customers", id)).GetProperty("approval").GetString());
        (await Lay(o.Li, id, $"replaces={file}&confirmed=approved")).Ok();
        Assert.Equal("draft", (await o.Li.View("customers", id)).GetProperty("approval").GetString());
        // Shown without its files: neither their number nor their names.
        (await crm.Admin.Post($"/api/platform/documents/customer/{id}/shares", new { users = new[] { colleague.Id }, departments = Array.Empty<long>(), write = false })).Ok();
        Assert.Equal(0, (await colleague.Get($"{Customers}/{id}/attachments")).Ok().Json.GetArrayLength());
        Assert.DoesNotContain("合同.txt", (await colleague.Get($"{Customers}/{id}/history")).Ok().Text);
    }

    private static Task<Answer> Lay(Employee who, long customer, string more = "") =>
        who.Send(HttpMethod.Post, $"{Customers}/{customer}/attachments?name=%E5%90%88%E5%90%8C.txt&{more}", new ByteArrayContent("合同"u8.ToArray()));

    [Theory, OnEveryEngine, Trait("req", "DOC-9")]
    public async Task Twenty_approvers_who_click_at_once_in_a_step_where_one_is_enough_count_once(string engine)
    {
        var crm = await Crm.Shared(engine);
        var o = await ApprovalOffice.Of(crm);
        var role = await crm.Role([]);
        var approvers = new List<Employee>();
        for (var i = 0; i < 20; i++) approvers.Add(await crm.Hire(o.Department, role));
        await o.Flow([Step("会签", "Role", role), Step("总经理", "Users", o.Head.Id)]);
        var id = await o.Li.Customer(Crm.Name("抢审客户"));
        await o.Submit(o.Li, id, 1);
        var tasks = await Task.WhenAll(approvers.Select(async a => (a, Task: (await o.Waiting(a)).Single().TaskId)));
        var answers = await Task.WhenAll(tasks.Select(t => t.a.Post($"{Tasks}/{t.Task}/decide", new { decision = "Approve" })));
        Assert.Single(answers, a => (int)a.Status == 200);
        Assert.All(answers.Where(a => (int)a.Status != 200), a => a.Refused(422));
        Assert.Single(await o.Waiting(o.Head));
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-9")]
    public async Task Approvers_ask_others_before_and_after_hand_on_send_back_and_reject(string engine)
    {
        var crm = await Crm.Shared(engine);
        var o = await ApprovalOffice.Of(crm);
        await o.Flow([Step("上级", "Superior"), Step("会签", "Users", "All", o.Head.Id, o.Peer.Id)]);
        var id = await o.Li.Customer(Crm.Name("加签客户"));
        await o.Submit(o.Li, id, 1);
        // Before: the colleague first, then the boss again.
        (await o.Decide(o.Boss, new { decision = "AddBefore", userId = o.Peer.Id })).Ok();
        Assert.Empty(await o.Waiting(o.Boss));
        (await o.Decide(o.Peer, new { decision = "Approve" })).Ok();
        // After: the boss agrees, the head is asked besides, in the same step.
        (await o.Decide(o.Boss, new { decision = "AddAfter", userId = o.Head.Id })).Ok();
        Assert.Empty(await o.Waiting(o.Peer));
        (await o.Decide(o.Head, new { decision = "Approve" })).Ok();
        // Both have approved before: neither is asked again, so the second step passes.
        Assert.Equal("approved", (await o.Li.View("customers", id)).GetProperty("approval").GetString());

        // Who was only asked to look first chooses nobody in the approver's place.
        await o.Flow([Step("上级", "Superior")]);
        var looked = await o.Li.Customer(Crm.Name("先看客户"));
        await o.Submit(o.Li, looked, 1);
        (await o.Decide(o.Boss, new { decision = "AddBefore", userId = o.Peer.Id })).Ok();
        (await o.Decide(o.Peer, new { decision = "AddAfter", userId = o.Head.Id })).Ok();
        (await o.Decide(o.Head, new { decision = "Approve" })).Ok();
        Assert.Equal("review", (await o.Li.View("customers", looked)).GetProperty("approval").GetString());
        (await o.Decide(o.Boss, new { decision = "Approve" })).Ok();
        Assert.Equal("approved", (await o.Li.View("customers", looked)).GetProperty("approval").GetString());

        await o.Flow([Step("上级", "Superior"), Step("总经理", "Users", o.Head.Id)], skipRepeated: false);
        var other = await o.Li.Customer(Crm.Name("退回客户"));
        await o.Submit(o.Li, other, 1);
        (await o.Decide(o.Boss, new { decision = "Delegate", userId = o.Peer.Id })).Ok();
        Assert.Empty(await o.Waiting(o.Boss));
        (await o.Decide(o.Peer, new { decision = "Delegate", userId = o.Li.Id })).Refused(400);
        (await o.Decide(o.Peer, new { decision = "Approve" })).Ok();
        (await o.Decide(o.Head, new { decision = "Return", toStep = 0 })).Refused(400);
        (await o.Decide(o.Head, new { decision = "Return", toStep = 0, note = "请上级再看" })).Ok();
        Assert.Single(await o.Waiting(o.Boss));
        (await o.Decide(o.Boss, new { decision = "Approve" })).Ok();
        (await o.Decide(o.Head, new { decision = "Return", note = "请补资料" })).Ok();
        Assert.Equal("draft", (await o.Li.View("customers", other)).GetProperty("approval").GetString());
        await o.Submit(o.Li, other, (await o.Li.View("customers", other)).GetProperty("version").GetInt64());
        (await o.Decide(o.Boss, new { decision = "Reject", note = "不做" })).Ok();
        Assert.Equal("rejected", (await o.Li.View("customers", other)).GetProperty("approval").GetString());
        var trail = (await o.Li.Get($"{Customers}/{other}/approvals")).Ok();
        Assert.Contains("请上级再看", trail.Text);
        Assert.Equal(2, trail.Json.GetArrayLength());
    }

    [Theory, OnEveryEngine, Trait("req", "SET-6"), Trait("req", "SEC-1")]
    public async Task Whoever_looks_after_the_flows_sees_what_hangs_urges_once_hands_on_and_ends_it_without_seeing_the_documents(string engine)
    {
        var crm = await Crm.Shared(engine);
        var o = await ApprovalOffice.Of(crm);
        var monitor = await crm.Hire(["settings.flows.monitor"]);
        await o.Flow([Step("上级审核", "Superior")]);
        var name = Crm.Name("卡住的客户");
        var id = await o.Li.Customer(name);
        await o.Submit(o.Li, id, 1);
        var url = $"/api/platform/approvals/monitor?userId={o.Boss.Id}";
        (await o.Li.Get(url)).Refused(403);
        var row = (await monitor.Get(url)).Ok().Json.EnumerateArray().Single();
        Assert.Equal(System.Text.Json.JsonValueKind.Null, row.GetProperty("title").ValueKind);
        Assert.Equal(name, (await crm.Admin.Get(url)).Ok().Json.EnumerateArray().Single().GetProperty("title").GetString());
        var (approval, task) = (row.GetProperty("id").GetInt64(), row.GetProperty("waiting")[0].GetProperty("id").GetInt64());
        (await monitor.Get($"/api/platform/approvals/{approval}")).Refused(404);
        (await o.Li.Post($"{Tasks}/{task}/reassign", new { userId = o.Head.Id })).Refused(403);

        var urged = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => monitor.Post($"/api/platform/approvals/{approval}/urge", new { })));
        Assert.Single(urged, a => (int)a.Status == 200);
        Assert.Equal(1, await crm.Db.First<long>($"select count(*) from platform.message where kind = 'reminder' and user_id = {o.Boss.Id}"));

        (await monitor.Post($"{Tasks}/{task}/reassign", new { userId = o.Li.Id })).Refused(400);
        (await monitor.Post($"{Tasks}/{task}/reassign", new { userId = monitor.Id })).Refused(422);
        (await monitor.Post($"{Tasks}/{task}/reassign", new { userId = o.Head.Id, note = "休产假" })).Ok();
        Assert.Empty(await o.Waiting(o.Boss));
        Assert.Single(await o.Waiting(o.Head));
        (await monitor.Post($"{Tasks}/{task}/reassign", new { userId = o.Peer.Id })).Refused(422);

        (await monitor.Post($"/api/platform/approvals/{approval}/stop", new { note = "" })).Refused(400);
        (await monitor.Post($"/api/platform/approvals/{approval}/stop", new { note = "流程有误" })).Ok();
        (await monitor.Post($"/api/platform/approvals/{approval}/stop", new { note = "流程有误" })).Refused(422);
        Assert.Empty(await o.Waiting(o.Head));
        (await monitor.Get($"/api/platform/approvals/{approval}")).Refused(404);
        Assert.Equal(0, await crm.Db.First<long>($"select count(*) from platform.access where document_id = {id} and user_id = {monitor.Id}"));
        var trail = (await o.Li.Get($"/api/platform/approvals/{approval}")).Ok();
        Assert.Equal("withdrawn", trail.Json.GetProperty("state").GetString());
        Assert.Contains("流程有误", trail.Text);
        Assert.Contains("休产假", trail.Text);
        Assert.Equal("withdrawn", (await o.Li.Get($"{Customers}/{id}")).Ok().Json.GetProperty("approval").GetString());
    }

    [Theory, OnEveryEngine, Trait("req", "SET-6")]
    public async Task Conditions_choose_the_flow_and_its_steps_and_a_trial_says_who_would_be_asked_and_why(string engine)
    {
        var crm = await Crm.Shared(engine);
        var o = await ApprovalOffice.Of(crm);
        var key = new { field = "level", op = "Is", values = new[] { "A" } };
        await o.Flow([new { name = "重点客户加审", by = "Users", ids = new[] { o.Head.Id }, conditions = new[] { key } }, Step("上级", "Superior")]);
        var (plain, important) = (await o.Li.Customer(Crm.Name("普通客户")), await o.Li.Customer(Crm.Name("重点客户"), new { level = "A" }));
        await o.Submit(o.Li, plain, 1);
        Assert.Empty(await o.Waiting(o.Head));
        await o.Submit(o.Li, important, 1);
        Assert.Single(await o.Waiting(o.Head));
        var flow = new { steps = new object[] { Step("上级", "Superior"), Step("再上级", "Superior", 2) }, conditions = new[] { key }, submitter = "Ask", nobody = "Pass" };
        var trial = (await crm.Admin.Post("/api/platform/flows/try", new { type = "customer", documentId = plain, definition = flow })).Ok();
        Assert.False(trial.Json.GetProperty("applies").GetBoolean());
        Assert.Equal(o.Boss.Name, trial.Json.GetProperty("steps")[0].GetProperty("approvers")[0].GetString());
        Assert.Contains("提交人的上级", trial.Json.GetProperty("steps")[0].GetProperty("why").GetString());
        // Wrong flows are refused at their step; nobody without the right sets any up.
        foreach (var bad in new object[] { new { steps = Array.Empty<object>() }, new { steps = new[] { Step("", "Superior") } }, new { steps = new[] { Step("人", "Users") } }, new { steps = new[] { Step("人", "Users", 999_999_999) } }, new { steps = new[] { new { name = "条件", by = "Superior", conditions = new[] { new { field = "drop table", op = "Is", values = new[] { "1" } } } } } } })
            (await crm.Admin.Post("/api/platform/flows", new { type = "customer", name = "坏流程", definition = bad })).Refused(400);
        (await o.Li.Post("/api/platform/flows", new { type = "customer", name = "越权", definition = flow })).Refused(403);
        (await o.Li.Get("/api/platform/flows")).Refused(403);
    }

    [Theory, OnEveryEngine, Trait("req", "DOC-9")]
    public async Task Many_are_approved_in_one_go_and_what_can_not_be_is_told(string engine)
    {
        var crm = await Crm.Shared(engine);
        var o = await ApprovalOffice.Of(crm);
        await o.Flow([Step("上级", "Superior")]);
        foreach (var i in Enumerable.Range(0, 3)) await o.Submit(o.Li, await o.Li.Customer(Crm.Name($"批审{i}")), 1);
        var tasks = (await o.Waiting(o.Boss)).Select(t => t.TaskId!.Value).ToList();
        (await o.Boss.Post($"{Tasks}/{tasks[0]}/decide", new { decision = "Approve" })).Ok();
        var problems = (await o.Boss.Post($"{Tasks}/decide", new { taskIds = tasks, decision = "Approve" })).Ok().Json;
        Assert.Equal(tasks[0], problems.EnumerateArray().Single().GetProperty("id").GetInt64());
        Assert.Empty(await o.Waiting(o.Boss));
        Assert.Equal(0, (await o.Boss.Get("/api/platform/approvals/count")).Ok().Json.GetInt32());
    }

    [Fact, Trait("req", "SET-6")]
    public async Task Whoever_lets_the_time_run_out_is_reminded_once_a_day_also_after_downtime()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var crm = await Crm.Start(Engines.Sqlite, clock);
        var o = await ApprovalOffice.Of(crm);
        await o.Flow([new { name = "上级", by = "Superior", hours = 4 }]);
        await o.Submit(o.Li, await o.Li.Customer("限时客户"), 1);
        async Task Remind()
        {
            await using var scope = crm.Services.GetAutofacRoot().BeginLifetimeScope();
            scope.Resolve<KuaipuCrm.Platform.Security.Caller>().ActAsSystem("job");
            await scope.Resolve<ApprovalReminders>().Run(default);
        }
        await Remind();
        async Task<int> Reminders() => (int)await crm.Db.First<long>($"select count(*) from platform.message where kind = 'reminder' and user_id = {o.Boss.Id}");
        Assert.Equal(0, await Reminders());
        clock.Advance(TimeSpan.FromHours(5));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Remind()));
        Assert.Equal(1, await Reminders());
        clock.Advance(TimeSpan.FromDays(3));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Remind()));
        Assert.Equal(2, await Reminders());
    }
}
