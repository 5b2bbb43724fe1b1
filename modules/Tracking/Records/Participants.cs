using KuaipuCrm.Sdk;
using KuaipuCrm.Tracking.Figures;

namespace KuaipuCrm.Tracking.Records;

/// <summary>Who of the customer's took part in a contact: several, the record's main contact among them.</summary>
internal sealed class Participants(IDb db)
{
    /// <summary>Keeps the main contact among those who took part.</summary>
    /// <returns>All contacts whose figures the changes touch.</returns>
    public async Task<IReadOnlyCollection<long>> Follow(IReadOnlyList<Change<ContactRecord>> changes, CancellationToken ct)
    {
        var touched = new HashSet<long>();
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Update && c.Before!.ContactId != c.Now.ContactId && c.Before.ContactId is not null))
        {
            touched.Add(c.Before!.ContactId!.Value);
            await db.Execute($"delete from tracking.participant where record_id = {c.Now.Id} and contact_id = {c.Before.ContactId}", ct);
        }
        // Another customer: nobody of the former one's took part.
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Update && c.Before!.CustomerId != c.Now.CustomerId))
        {
            touched.UnionWith(await Of([c.Now.Id], ct));
            await db.Execute($"delete from tracking.participant where record_id = {c.Now.Id}", ct);
        }
        var old = changes.Where(c => c.Kind != ChangeKind.Create).Select(c => c.Now.Id).ToList();
        if (old.Count > 0) touched.UnionWith(await Of(old, ct));
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Update && c.Now.ContactId is not null)) await Add(c.Now.Id, c.Now.ContactId!.Value, ct);
        var created = changes.Where(c => c.Kind == ChangeKind.Create && c.Now.ContactId is not null).ToList();
        await db.Insert("tracking.participant", ["record_id", "contact_id"], created.Select(c => new object?[] { c.Now.Id, c.Now.ContactId }), ct);
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Purge)) await db.Execute($"delete from tracking.participant where record_id = {c.Now.Id}", ct);
        touched.UnionWith(changes.Select(c => c.Now.ContactId).OfType<long>());
        return touched;
    }

    public async Task Add(long record, long contact, CancellationToken ct) =>
        await db.Execute($"insert into tracking.participant (record_id, contact_id) select {record}, {contact} where not exists (select 1 from tracking.participant p where p.record_id = {record} and p.contact_id = {contact})", ct);

    private async Task<IEnumerable<long>> Of(IReadOnlyCollection<long> records, CancellationToken ct) =>
        await db.Query<long>($"select distinct contact_id from tracking.participant where {db.Dialect.In(Sql.Trusted("record_id"), records)}", ct);
}

/// <summary>Adds one of the customer's contacts to those who took part.</summary>
[Action("添加参与联系人", "tracking.records.update", Route = "records/{id}/participants/{contactId}/add", Help = "把客户的另一位联系人记为这次联系的参与者，其联系次数与最近联系时间随之更新。")]
public sealed record AddParticipant(long Id, long ContactId) : ICommand<Done>;

internal sealed class AddParticipantHandler(IDocuments<ContactRecord> records, Participants participants, CustomersContacts contacts, Recount recount, IHistory history) : ICommandHandler<AddParticipant, Done>
{
    public async Task<Done> Handle(AddParticipant command, CancellationToken ct)
    {
        var record = await records.GetToChange(command.Id, ct);
        if (record.CustomerId is not { } customer) throw new RuleBroken("没有客户的行动不能添加联系人。");
        if (await contacts.Name(customer, command.ContactId, ct) is not { } name) throw new NotFound("联系人");
        await recount.Lock([customer], ct);
        await participants.Add(record.Id, command.ContactId, ct);
        await recount.Of([customer], [command.ContactId], ct);
        await history.Write(record.Id, "participant", [("参与联系人", null, name)], ct);
        return default;
    }
}

/// <summary>Takes a contact out of those who took part.</summary>
[Action("移除参与联系人", "tracking.records.update", Route = "records/{id}/participants/{contactId}/remove", Help = "从这次联系的参与者中去掉一位联系人；主要联系人在记录本身中更改。")]
public sealed record RemoveParticipant(long Id, long ContactId) : ICommand<Done>;

internal sealed class RemoveParticipantHandler(IDb db, IDocuments<ContactRecord> records, Recount recount, IHistory history) : ICommandHandler<RemoveParticipant, Done>
{
    public async Task<Done> Handle(RemoveParticipant command, CancellationToken ct)
    {
        var record = await records.GetToChange(command.Id, ct);
        if (record.ContactId == command.ContactId) throw new RuleBroken("这是主要联系人，请在记录中更改联系人。");
        if (record.CustomerId is { } customer) await recount.Lock([customer], ct);
        if (await db.Execute($"delete from tracking.participant where record_id = {record.Id} and contact_id = {command.ContactId}", ct) == 0) throw new NotFound("参与联系人");
        await recount.Of([], [command.ContactId], ct);
        await history.Write(record.Id, "participant", [("参与联系人", $"#{command.ContactId}", null)], ct);
        return default;
    }
}
