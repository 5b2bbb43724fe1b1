using KuaipuCrm.Opportunities.Registrations;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Opportunities.Demo;

/// <summary>Some of the demo company's deals are registered with vendors, in every state that can be.</summary>
internal sealed class DemoRegistrations(IDocuments<Registration> registrations, IDb db, IScope scope, IMediator mediator, IWorkCalendar calendar, TimeProvider clock) : ISeed
{
    private const string Why = "the demo company's registrations";
    private static readonly string[] States = [Registration.ToSend, Registration.Sent, Registration.Accepted, Registration.Accepted, Registration.Refused, Registration.Expired];

    public int Order => 76;

    public async Task Demo(CancellationToken ct)
    {
        if (await db.First<long?>($"select r.id from opportunities.registration r where {scope.All("registration", Why)} order by r.id {db.Dialect.Page(1)}", ct) is not null) return;
        var vendors = (await mediator.Send(new ListDocuments("customer", new ListRequest { Filters = [new Filter("customerType", FilterOp.In, ["supplier", "partner"])], Sort = "createdAt", Take = 20, Columns = ["name"] }), ct)).Rows;
        if (vendors.Count == 0) return;
        var deals = await db.Query<Deal>($"select o.id, o.owner_id, o.department_id from opportunities.opportunity o where o.status = {Opportunity.Running} and {scope.All("opportunity", Why)} order by o.id {db.Dialect.Page(120)}", ct);
        var made = new List<Registration>();
        foreach (var (d, i) in deals.Where((_, i) => i % 4 == 0).Select((d, i) => (d, i)))
        {
            var r = new Registration { OpportunityId = d.Id, VendorId = vendors[i % vendors.Count].Id, Status = States[i % States.Length], OwnerId = d.OwnerId, DepartmentId = d.DepartmentId };
            if (r.Status != Registration.ToSend) (r.RegisteredOn, r.SentAt) = (calendar.Today.AddDays(-20 - i), clock.GetUtcNow().UtcDateTime.AddDays(-20 - i));
            if (r.Status is Registration.Accepted or Registration.Refused or Registration.Expired) r.AnsweredOn = calendar.Today.AddDays(-12 - i);
            r.Answer = r.Status switch { Registration.Refused => "该项目已有其他代理报备。", Registration.Accepted or Registration.Expired => "同意报备。", _ => null };
            r.ProtectedUntil = r.Status switch { Registration.Accepted => calendar.Today.AddDays(5 + i * 4), Registration.Expired => calendar.Today.AddDays(-3), _ => null };
            made.Add(r);
        }
        await registrations.Keep(made, Why, ct);
        await mediator.Send(new SaveTemplate(null, TemplateKind.Mail, "registration", "上游报备", "项目报备：{{ 单据.商机 }}", "<p>{{ 收件人.姓名 }}，您好：</p><p>我们正在跟进以下项目，特此报备，请予以保护。</p><pre>{{ 单据.报备内容 }}</pre><p>{{ 发件人.姓名 }}　{{ 公司.名称 }}</p>"), ct);
    }

    private sealed record Deal(long Id, long? OwnerId, long? DepartmentId);
}
