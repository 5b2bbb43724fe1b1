using KuaipuCrm.Published.Tracking;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Opportunities.Events;

/// <summary>Keeps when an opportunity was last contacted about, and when it will be next (OPP-9).</summary>
internal sealed class NoteContacts(IDb db, IScope scope) : IEventHandler<TiedContacted>
{
    public Task Handle(TiedContacted fact, CancellationToken ct) => fact.Type != "opportunity" ? Task.CompletedTask : db.Execute($"""
        update opportunities.opportunity set last_contact_at = {fact.LastAt}, next_contact_at = {fact.NextAt}
        where id = {fact.DocumentId} and {scope.All("opportunity", "what another module tells is noted, whoever sees the opportunity")}
        """, ct);
}
