using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Appointments;
using KuaipuCrm.Tracking.Figures;
using MediatR;

namespace KuaipuCrm.Tracking.FollowUp;

/// <summary>When a customer should be contacted next (TRK-2): by the follow-up frequency, on a working day on which there is room (TRK-12).</summary>
internal sealed class NextContacts(IDb db, IScope scope, IMediator mediator, Frequencies frequencies, IDocuments<CustomerTrack> tracks, IWorkCalendar calendar, IDictionaries dictionaries, ICurrentUser me, TimeProvider clock)
{
    private const int Ahead = 60;
    private static readonly TimeOnly Morning = new(9, 0), Evening = new(17, 30);

    /// <param name="customer">One the user may see.</param>
    /// <param name="contactAt">When the contact is made that comes before, UTC; now by default.</param>
    public async Task<NextContact> Propose(long customer, DateTime? contactAt, CancellationToken ct)
    {
        var track = await tracks.Get(customer, ct);
        var rules = await frequencies.Load(ct);
        var brief = (await mediator.Send(new CustomersInBrief([customer]), ct)).FirstOrDefault();
        var (frequency, label) = Of(rules, brief);
        // The contact being written comes after those counted; the next one comes after it.
        var (done, at) = ((int)(track.Contacts ?? 0), contactAt ?? clock.GetUtcNow().UtcDateTime);
        var days = frequency[Math.Min(done, frequency.Count - 1)];
        var wanted = calendar.DayOf(at).AddDays(days);
        if (wanted <= calendar.Today) wanted = calendar.Today.AddDays(1);
        var day = calendar.WorkingFrom(wanted);
        var reason = $"{label}的第 {done + 2} 次联系，{days} 天后";
        if (day != wanted) reason += "，避开休息日";
        var busy = await Busy(day, ct);
        for (var (tries, first) = (0, day); busy.GetValueOrDefault(day) >= rules.Capacity && tries < Ahead; tries++)
        {
            day = calendar.WorkingFrom(day.AddDays(1));
            if (tries == 0) reason += $"，{first:yyyy-MM-dd}已有 {busy[first]} 个预约，顺延";
        }
        var local = TimeOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(at, calendar.Zone));
        local = new TimeOnly(local.Hour, local.Minute < 30 ? 0 : 30);
        var time = local < Morning ? Morning : local > Evening ? Evening : local;
        return new(calendar.Utc(day, time), done + 2, days, reason);
    }

    private (IReadOnlyList<int> Days, string Label) Of(FollowUpRules rules, CustomerBrief? customer)
    {
        IReadOnlyList<int>? For(string kind) => rules.Frequencies.FirstOrDefault(f => f.Kind == kind)?.Days is { Count: > 0 } days ? days : null;
        if (customer?.Key == true && For(Frequencies.Key) is { } key) return (key, "重点客户");
        if (customer?.Type is { } type && For(Frequencies.OfType(type)) is { } own) return (own, dictionaries.Label("customer.type", type));
        return (For(Frequencies.Others) ?? [7], "客户");
    }

    /// <summary>How many open appointments the user has on each day of the next weeks.</summary>
    private async Task<Dictionary<DateOnly, int>> Busy(DateOnly from, CancellationToken ct)
    {
        var (start, end) = (calendar.Utc(from), calendar.Utc(from.AddDays(Ahead * 2)));
        var at = await db.Query<DateTime>($"""
            select a.at from tracking.appointment a where a.owner_id = {me.Id} and a.state = {Appointment.Open} and a.at >= {start} and a.at < {end} and a.deleted_at is null
                and {scope.All("appointment", "one's own day is as full as it is")} order by a.at {db.Dialect.Page(5_000)}
            """, ct);
        return at.GroupBy(calendar.DayOf).ToDictionary(g => g.Key, g => g.Count());
    }
}

/// <param name="At">UTC.</param>
/// <param name="Nth">Which contact of the customer it will be.</param>
/// <param name="Days">What the frequency says, before holidays and full days.</param>
/// <param name="Reason">Why then, in Chinese.</param>
public sealed record NextContact(DateTime At, int Nth, int Days, string Reason);

/// <summary>Proposes when to contact a customer next.</summary>
[Action("建议下次联系时间", "tracking.records.create", Route = "customers/{customerId}/next", Help = "按跟踪频率、工作日和自己每天的容量，建议在这次联系之后何时再联系该客户。")]
public sealed record ProposeNext([Label("客户编号")] long CustomerId, [Label("这次联系的时间，默认现在")] DateTime? At = null) : IQuery<NextContact>;

internal sealed class ProposeNextHandler(NextContacts next) : IQueryHandler<ProposeNext, NextContact>
{
    public Task<NextContact> Handle(ProposeNext query, CancellationToken ct) => next.Propose(query.CustomerId, query.At?.ToUniversalTime(), ct);
}

/// <summary>For the form of a contact record: the next contact of a customer; for a contact whose customer is not said yet, its employer.</summary>
[Action("建议下次联系时间（表单）", "tracking.records.create")]
public sealed record ProposeForForm(long? CustomerId, long? ContactId, DateTime? At) : IQuery<Proposal?>;

internal sealed class ProposeForFormHandler(NextContacts next, IDocuments<ContactTrack> contacts) : IQueryHandler<ProposeForForm, Proposal?>
{
    public async Task<Proposal?> Handle(ProposeForForm query, CancellationToken ct)
    {
        if (query.CustomerId is { } customer)
        {
            var proposed = await next.Propose(customer, query.At, ct);
            return new("nextAt", proposed.At, proposed.Reason);
        }
        return query.ContactId is { } contact && (await contacts.Find([contact], ct)).FirstOrDefault()?.EmployerId is { } employer ? new("customerId", employer, "联系人的所在单位") : null;
    }
}
