using System.Globalization;
using KuaipuCrm.Opportunities.Parts;
using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Opportunities.Registrations;

/// <summary>One living registration with each vendor; the opportunity tells how it stands with its registrations.</summary>
internal sealed class RegistrationRules(IDb db, IScope scope, Hub hub, IMediator mediator, IFormat format) : IDocumentRule<Registration>
{
    private const string Why = "one of each, and how the opportunity stands, whoever sees them";
    private static readonly string[] Vendors = ["supplier", "partner", "agent", "distributor"];

    public string? SameAs(Registration record) => record is { OpportunityId: { } o, VendorId: { } v } ? $"{o}/{v}" : null;

    public async Task Before(IReadOnlyList<Change<Registration>> changes, CancellationToken ct)
    {
        await hub.Check(changes, ct);
        var saved = changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update or ChangeKind.Restore && c.Now is { OpportunityId: not null, VendorId: not null }).ToList();
        if (saved.Count == 0) return;
        await hub.Hold(saved.Where(Begins).Select(c => c.Now.OpportunityId!.Value), ct);
        long[] ids = [.. saved.Select(c => c.Now.OpportunityId!.Value).Distinct()];
        var of = (await db.Query<Of>($"select o.id, o.customer_id, o.name, o.amount, o.sign_date from opportunities.opportunity o where {db.Dialect.In(Sql.Trusted("o.id"), ids)} and {scope.All("opportunity", Why)}", ct)).ToDictionary(o => o.Id);
        var companies = (await mediator.Send(new CustomersInBrief([.. saved.Select(c => c.Now.VendorId!.Value).Concat(of.Values.Select(o => o.CustomerId)).Distinct()]), ct)).ToDictionary(c => c.Id);
        var living = (await db.Query<Row>($"""
            select r.id, r.opportunity_id, r.vendor_id from opportunities.registration r where {db.Dialect.In(Sql.Trusted("r.opportunity_id"), ids)} and r.status in ('tosend', 'sent', 'accepted') and r.deleted_at is null and {scope.All("registration", Why)}
            """, ct)).ToLookup(r => (r.OpportunityId, r.VendorId), r => r.Id);
        var begun = new HashSet<(long, long)>();
        foreach (var c in saved)
        {
            var (r, vendor) = (c.Now, companies.GetValueOrDefault(c.Now.VendorId!.Value));
            if (c.Drafted && c.Before?.VendorId != r.VendorId && vendor is not null && !Vendors.Contains(vendor.Type)) c.Refuse("vendorId", $"“{vendor.Name}”的客户类型不是供应商、合作伙伴、代理商或经销商。");
            if (c is { Drafted: true, Before: { Status: not Registration.ToSend } sent } && sent.VendorId != r.VendorId) c.Refuse("vendorId", "已发送的报备不能更换上游，请另建一份。");
            if (c is { Drafted: true, Before: { Status: Registration.Accepted } accepted } && accepted.Content != r.Content) c.Refuse("content", "上游已按此内容通过，不能再改。");
            var with = (r.OpportunityId!.Value, r.VendorId!.Value);
            if (Begins(c) && (living[with].Any(id => id != r.Id) || !begun.Add(with))) c.Refuse("vendorId", "这个商机已向该上游报备。");
            if (of.GetValueOrDefault(r.OpportunityId!.Value) is not { } o) continue;
            r.CustomerId = o.CustomerId;
            var subject = $"{vendor?.Name}：{o.Name}";
            r.Subject = subject.Length > 100 ? subject[..100] : subject;
            if (string.IsNullOrWhiteSpace(r.Content)) r.Content = Told(o, companies.GetValueOrDefault(o.CustomerId)?.Name);
        }
    }

    public async Task After(IReadOnlyList<Change<Registration>> changes, CancellationToken ct)
    {
        await hub.Written("registration", changes, null, ct);
        var touched = changes.Where(c => c.Kind != ChangeKind.Update || c.Before!.Status != c.Now.Status).Select(c => c.Now.OpportunityId).OfType<long>().Distinct().ToList();
        if (touched.Count == 0) return;
        await hub.Hold(touched, ct);
        var states = (await db.Query<State>($"""
            select r.opportunity_id, r.status from opportunities.registration r where {db.Dialect.In(Sql.Trusted("r.opportunity_id"), touched)} and r.deleted_at is null and {scope.All("registration", Why)} group by r.opportunity_id, r.status
            """, ct)).ToLookup(s => s.OpportunityId, s => s.Status);
        foreach (var id in touched)
            await db.Execute($"update opportunities.opportunity set registration = {Registration.States.FirstOrDefault(s => states[id].Contains(s.Code))?.Code} where id = {id} and {scope.All("opportunity", Why)}", ct);
    }

    /// <summary>It becomes one that stands with the vendor.</summary>
    private static bool Begins(Change<Registration> c) => c.Now.IsLive && (c.Kind != ChangeKind.Update || !c.Before!.IsLive || c.Before.VendorId != c.Now.VendorId);

    private string Told(Of o, string? customer)
    {
        var lines = new List<string> { $"客户：{customer}", $"项目：{o.Name}" };
        if (o.Amount is { } fen) lines.Add($"预计金额：{format.Amount(fen / 100m)}");
        if (o.SignDate is { } day) lines.Add($"预签日期：{day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}");
        return string.Join('\n', lines);
    }

    private sealed record Of(long Id, long CustomerId, string Name, long? Amount, DateOnly? SignDate);
    private sealed record Row(long Id, long OpportunityId, long VendorId);
    private sealed record State(long OpportunityId, string Status);
}
