using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Products;

/// <summary>A product the lead asks about (LEA-2).</summary>
[Action("添加意向产品", "leads.leads.update", Route = "leads/{leadId}/products/{productId}/add", Help = "记下线索感兴趣的一种货品；转为商机时成为其产品。")]
public sealed record AddLeadProduct([Label("线索的编号")] long LeadId, [Label("货品的编号")] long ProductId) : ICommand<Done>;

[Action("移除意向产品", "leads.leads.update", Route = "leads/{leadId}/products/{productId}/remove", Help = "线索不再对这种货品感兴趣。")]
public sealed record RemoveLeadProduct([Label("线索的编号")] long LeadId, [Label("货品的编号")] long ProductId) : ICommand<Done>;

/// <summary>A customer the lead may be for (LEA-2).</summary>
[Action("添加目标客户", "leads.leads.update", Route = "leads/{leadId}/customers/{customerId}/add", Help = "把一个客户记为线索的目标客户。")]
public sealed record AddLeadCustomer([Label("线索的编号")] long LeadId, [Label("客户的编号")] long CustomerId) : ICommand<Done>;

[Action("移除目标客户", "leads.leads.update", Route = "leads/{leadId}/customers/{customerId}/remove", Help = "不再是线索的目标客户。")]
public sealed record RemoveLeadCustomer([Label("线索的编号")] long LeadId, [Label("客户的编号")] long CustomerId) : ICommand<Done>;

internal sealed class LeadTiesHandler(IDocuments<Lead> leads, IDb db, IDocumentDirectory directory, MediatR.IMediator mediator, IHistory history)
    : ICommandHandler<AddLeadProduct, Done>, ICommandHandler<RemoveLeadProduct, Done>, ICommandHandler<AddLeadCustomer, Done>, ICommandHandler<RemoveLeadCustomer, Done>
{
    public Task<Done> Handle(AddLeadProduct c, CancellationToken ct) => Add(c.LeadId, "product", "意向产品", c.ProductId, ct);
    public Task<Done> Handle(RemoveLeadProduct c, CancellationToken ct) => Remove(c.LeadId, "product", "意向产品", c.ProductId, ct);
    public Task<Done> Handle(AddLeadCustomer c, CancellationToken ct) => Add(c.LeadId, "customer", "目标客户", c.CustomerId, ct);
    public Task<Done> Handle(RemoveLeadCustomer c, CancellationToken ct) => Remove(c.LeadId, "customer", "目标客户", c.CustomerId, ct);

    private async Task<Done> Add(long lead, string type, string label, long id, CancellationToken ct)
    {
        var l = await Open(lead, ct);
        // What the user may not see can't be tied.
        var other = await mediator.Send(new GetDocument(type, id), ct);
        var (table, column) = (Sql.Trusted($"leads.lead_{type}"), Sql.Trusted($"{type}_id"));
        if (await db.Execute($"insert into {table} (lead_id, {column}) select {l.Id}, {id} where not exists (select 1 from {table} p where p.lead_id = {l.Id} and p.{column} = {id})", ct) > 0)
            await history.Write(l.Id, type, [(label, null, other.Title)], ct);
        return default;
    }

    private async Task<Done> Remove(long lead, string type, string label, long id, CancellationToken ct)
    {
        var l = await Open(lead, ct);
        if (await db.Execute($"delete from {Sql.Trusted($"leads.lead_{type}")} where lead_id = {l.Id} and {Sql.Trusted($"{type}_id")} = {id}", ct) == 0) throw new NotFound(label);
        await history.Write(l.Id, type, [(label, (await directory.Find([id], ct)).FirstOrDefault()?.Title, null)], ct);
        return default;
    }

    private async Task<Lead> Open(long id, CancellationToken ct)
    {
        var lead = await leads.GetToChange(id, ct);
        lead.MustBe(Lead.Open, Lead.Following);
        return lead;
    }
}
