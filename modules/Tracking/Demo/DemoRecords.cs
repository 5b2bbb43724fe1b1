using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Records;

namespace KuaipuCrm.Tracking.Demo;

/// <summary>What the demo company's sales people wrote down of every third customer, with appointments around today.</summary>
internal sealed class DemoRecords(IDb db, IScope scope, IDocuments<ContactRecord> records, IWorkCalendar calendar, TimeProvider clock) : ISeed
{
    private const string Why = "the demo company's customers";
    private static readonly string[] Methods = ["call", "call", "call", "visit", "wechat", "wechat", "mail", "meeting", "reception"];

    private static readonly (string Content, string Result)[] Talks =
    [
        ("介绍了公司和产品，对方主要做出口业务。", "愿意进一步了解"), ("客户反馈现有系统报表慢，想换。", "约了演示"), ("上门演示，采购和信息中心都在，问了很多权限方面的问题。", "反响不错，等内部讨论"),
        ("发送了报价单，客户觉得略高于预算。", "需要申请折扣"), ("跟进报价，对方在等总经理批示。", "月底前有结果"), ("沟通了实施周期，希望年前上线。", "认可两个月的周期"),
        ("拜访财务主管，讨论付款方式。", "分三期付款可以接受"), ("客户今年预算已用完。", "明年一季度再谈"), ("电话无人接听，发了微信。", "待回复"), ("参加客户的招标说明会，有四家供应商。", "资料齐全，准备投标"),
    ];

    private static readonly string[] Next = ["电话回访", "上门演示", "送样品", "确认报价", "催合同", "拜访总经理", "技术交流"];

    public int Order => 70;

    public async Task Demo(CancellationToken ct)
    {
        if (await db.First<long?>($"select r.id from tracking.contact_record r where {scope.All("contactrecord", "are there any yet")} order by r.id {db.Dialect.Page(1)}", ct) is not null) return;
        var customers = await db.Query<Customer>($"select t.id, t.owner_id, t.department_id, t.created_at from tracking.customer_track t where t.deleted_at is null and t.owner_id is not null and {scope.All("customertrack", Why)} order by t.id", ct);
        var contacts = (await db.Query<Contact>($"select t.id, t.employer_id from tracking.contact_track t where t.deleted_at is null and t.employer_id is not null and {scope.All("contacttrack", Why)} order by t.id", ct)).ToLookup(c => c.EmployerId, c => c.Id);
        var random = new Random(2026);
        var made = new List<ContactRecord>();
        foreach (var c in customers.Where(_ => random.Next(3) == 0)) made.AddRange(Talk(c, [.. contacts[c.Id]], random));
        foreach (var some in made.Chunk(500)) await records.CreateMany(some, ct);
    }

    private IEnumerable<ContactRecord> Talk(Customer c, List<long> contacts, Random random)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var at = c.CreatedAt.AddDays(random.Next(1, 10));
        for (var n = random.Next(1, 4); n > 0; n--)
        {
            // In office hours of a working day, never in the future.
            at = calendar.Utc(calendar.WorkingFrom(calendar.DayOf(at)), new TimeOnly(9 + random.Next(9), 15 * random.Next(4)));
            if (at >= now) yield break;
            var (content, result) = Talks[random.Next(Talks.Length)];
            // Of the last one an appointment is left: one in five overdue, the others within the next weeks.
            var next = n > 1 || random.Next(4) == 0 ? (DateTime?)null : calendar.Utc(calendar.WorkingFrom(calendar.Today.AddDays(random.Next(5) == 0 ? -random.Next(1, 20) : random.Next(0, 21))), new TimeOnly(9 + random.Next(9), 0));
            yield return new ContactRecord
            {
                CustomerId = c.Id,
                ContactId = contacts.Count == 0 ? null : contacts[random.Next(contacts.Count)],
                At = at,
                Method = Methods[random.Next(Methods.Length)],
                Content = content,
                Result = result,
                NextAt = next > at ? next : null,
                NextSubject = next > at ? Next[random.Next(Next.Length)] : null,
                OwnerId = c.OwnerId,
                DepartmentId = c.DepartmentId,
                CreatedBy = c.OwnerId,
                UpdatedBy = c.OwnerId,
                CreatedAt = at,
                UpdatedAt = at,
            };
            at = at.AddDays(random.Next(3, 60));
        }
    }

    private sealed record Customer(long Id, long OwnerId, long? DepartmentId, DateTime CreatedAt);
    private sealed record Contact(long Id, long EmployerId);
}
