using KuaipuCrm.Published.Opportunities;
using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Tracking.FollowUp;

/// <summary>For the form of a contact record about an opportunity whose customer is not said yet: the opportunity's (OPP-7).</summary>
[Action("建议客户（表单）", "tracking.records.create")]
public sealed record ProposeCustomer(long OpportunityId) : IQuery<Proposal?>;

internal sealed class ProposeCustomerHandler(IMediator mediator) : IQueryHandler<ProposeCustomer, Proposal?>
{
    public async Task<Proposal?> Handle(ProposeCustomer query, CancellationToken ct)
    {
        // Only of an opportunity the user may open.
        await mediator.Send(new GetDocument("opportunity", query.OpportunityId), ct);
        return (await mediator.Send(new OpportunitiesInBrief([query.OpportunityId]), ct)).FirstOrDefault() is { } o ? new("customerId", o.CustomerId, "商机的客户") : null;
    }
}
