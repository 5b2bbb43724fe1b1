using System.Globalization;
using KuaipuCrm.Published.Opportunities;
using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.FollowUp;
using MediatR;

namespace KuaipuCrm.Tracking.CallOrder;

/// <summary>A customer to call today.</summary>
/// <param name="CustomerId">The customer.</param>
/// <param name="Name">Its name.</param>
/// <param name="ContactId">Whom the appointment is with.</param>
/// <param name="NextAt">The appointment, UTC; null where none is due.</param>
/// <param name="Subject">What it is about.</param>
/// <param name="LastAt">The last contact, UTC.</param>
/// <param name="Score">Larger is more urgent.</param>
/// <param name="Reasons">Why, in Chinese, the weightiest first.</param>
public sealed record SuggestedCall(long CustomerId, string Name, long? ContactId, DateTime? NextAt, string? Subject, DateTime? LastAt, int Score, IReadOnlyList<string> Reasons);

/// <summary>In which order to call today (TRK-11): one's own customers that are due, key, about to sign, silent for long or new, with the reasons.</summary>
[Action("今日拨打顺序", "tracking.customers.read", Route = "calls", Help = "建议今天按什么顺序联系自己的客户，并说明理由：已过期或今天到期的预约、商机临近预签、重点客户、久未联系、从未联系的新客户。")]
public sealed record SuggestCalls([Label("最多几个，1 到 100")] int Take = 30) : IQuery<IReadOnlyList<SuggestedCall>>;

internal sealed class SuggestCallsHandler(IDb db, IScope scope, Frequencies frequencies, IWorkCalendar calendar, ICatalog catalog, IMediator mediator, ICurrentUser me) : IQueryHandler<SuggestCalls, IReadOnlyList<SuggestedCall>>
{
    private const int Candidates = 200, NewDays = 30, SignDays = 14;

    public async Task<IReadOnlyList<SuggestedCall>> Handle(SuggestCalls query, CancellationToken ct)
    {
        var rules = await frequencies.Load(ct);
        var tomorrow = calendar.Utc(calendar.Today.AddDays(1));
        var (silent, fresh) = (calendar.Utc(calendar.Today.AddDays(1 - rules.SilentDays)), calendar.Utc(calendar.Today.AddDays(-NewDays)));
        var found = new Dictionary<long, Row>();
        var deals = catalog.FindDocument("opportunity") is null ? [] : (await mediator.Send(new DealsToSign(calendar.Today.AddDays(SignDays)), ct)).ToDictionary(d => d.CustomerId);
        foreach (var (condition, order) in new (Sql Condition, string Order)[]
        {
            ($"t.next_at < {tomorrow}", "t.next_at"),
            ($"t.last_at < {silent} and (t.next_at is null or t.next_at < {tomorrow})", "t.last_at"),
            ($"t.last_at is null and t.created_at >= {fresh}", "t.created_at desc"),
            (db.Dialect.In(Sql.Trusted("t.id"), deals.Keys), "t.last_at"),
        })
            foreach (var row in await db.Query<Row>($"""
                select t.id, t.name, t.is_key, t.contacts, t.last_at, t.next_at, t.next_subject, t.next_contact_id, t.created_at from tracking.customer_track t
                where t.owner_id = {me.Id} and t.deleted_at is null and {condition} and {scope.Of("customertrack", "t")} order by {Sql.Trusted(order)}, t.id {db.Dialect.Page(Candidates)}
                """, ct)) found[row.Id] = row;
        return [.. found.Values.Select(r => Weigh(r, rules, tomorrow, deals.GetValueOrDefault(r.Id))).OrderByDescending(c => c.Score).ThenBy(c => c.NextAt ?? DateTime.MaxValue).ThenBy(c => c.CustomerId).Take(Math.Clamp(query.Take, 1, 100))];
    }

    private SuggestedCall Weigh(Row r, FollowUpRules rules, DateTime tomorrow, DealToSign? deal)
    {
        var reasons = new List<(int Weight, string Text)>();
        if (r.NextAt is { } next && next < tomorrow)
        {
            var late = calendar.Today.DayNumber - calendar.DayOf(next).DayNumber;
            reasons.Add(late == 0 ? (100, $"今天 {TimeZoneInfo.ConvertTimeFromUtc(next, calendar.Zone).ToString("HH:mm", CultureInfo.InvariantCulture)} 有预约") : (80 + Math.Min(late, 15), $"预约已过期 {late} 天"));
        }
        if (deal is not null)
        {
            var left = deal.SignDate.DayNumber - calendar.Today.DayNumber;
            reasons.Add(left < 0 ? (50, $"商机预签已过期 {-left} 天") : left == 0 ? (60, "商机今天预签") : (50 - left, $"商机 {left} 天后预签"));
        }
        if (r.IsKey == true) reasons.Add((25, "重点客户"));
        if (r.LastAt is { } last && calendar.Today.DayNumber - calendar.DayOf(last).DayNumber is var days && days >= rules.SilentDays) reasons.Add((Math.Min(days / 2, 40), $"{days} 天没有联系"));
        if (r.LastAt is null) reasons.Add((20, "从未联系"));
        return new(r.Id, r.Name, r.NextContactId, r.NextAt < tomorrow ? r.NextAt : null, r.NextAt < tomorrow ? r.NextSubject : null, r.LastAt, reasons.Sum(x => x.Weight), [.. reasons.OrderByDescending(x => x.Weight).Select(x => x.Text)]);
    }

    private sealed record Row(long Id, string Name, bool? IsKey, long Contacts, DateTime? LastAt, DateTime? NextAt, string? NextSubject, long? NextContactId, DateTime CreatedAt);
}
