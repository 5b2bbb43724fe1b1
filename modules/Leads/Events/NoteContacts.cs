using KuaipuCrm.Published.Tracking;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Leads.Events;

/// <summary>Keeps when a lead was last contacted; one that nobody was at is followed from the first contact on.</summary>
internal sealed class NoteContacts(IDb db, IScope scope, IDocuments<Lead> leads) : IEventHandler<TiedContacted>
{
    private const string Why = "what another module tells is noted, whoever sees the lead";

    public async Task Handle(TiedContacted fact, CancellationToken ct)
    {
        if (fact.Type != "lead") return;
        await db.Execute($"update leads.lead set last_contact_at = {fact.LastAt}, next_contact_at = {fact.NextAt} where id = {fact.DocumentId} and {scope.All("lead", Why)}", ct);
        if (fact.Count == 0 || await leads.FindAny(fact.DocumentId, Why, ct) is not { Status: Lead.Open } lead) return;
        lead.Status = Lead.Following;
        await leads.Keep([lead], Why, ct);
    }
}
