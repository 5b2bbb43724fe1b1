using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Customers.Contacts;

/// <summary>Names told apart by a mark; a contact is always one of its employer's (CUS-2, CUS-3).</summary>
internal sealed class ContactRules(IDb db, IScope scope, ContactTies ties) : IDocumentRule<Contact>
{
    public const string SameName = "same-name";
    private const string Why = "a second person of the same name is warned of whoever owns the first";

    public async Task Before(IReadOnlyList<Change<Contact>> changes, CancellationToken ct)
    {
        var saved = changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).ToList();
        foreach (var c in saved)
        {
            c.Now.Initials = Pinyin.Initials(c.Now.Name);
            if (c.Now.EmployerId is not null) c.Now.EmployerName = null;
        }
        await Namesakes([.. saved.Where(c => !c.Imported && (c.Before is null || c.Before.Name != c.Now.Name || c.Before.Mark != c.Now.Mark || c.Before.EmployerId != c.Now.EmployerId))], ct);
        var deleted = changes.Where(c => c.Kind == ChangeKind.Delete).ToList();
        if (deleted.Count == 0) return;
        var people = (await db.Query<Person>($"select p.person_contact_id, p.name from customers.customer p where {db.Dialect.In(Sql.Trusted("p.person_contact_id"), [.. deleted.Select(c => c.Now.Id)])} and p.deleted_at is null and {scope.All("customer", "whatever depends on it holds it")}", ct)).ToLookup(p => p.PersonContactId, p => p.Name);
        foreach (var c in deleted)
            if (people[c.Now.Id].FirstOrDefault() is { } person) c.Refuse("", $"联系人“{c.Now.Name}”是个人客户“{person}”本人，不能单独删除。");
    }

    public async Task After(IReadOnlyList<Change<Contact>> changes, CancellationToken ct)
    {
        var employed = changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update && c.Now.EmployerId is not null && c.Before?.EmployerId != c.Now.EmployerId).ToList();
        if (employed.Count > 0) await ties.Tie([.. employed.Select(c => (c.Now.EmployerId!.Value, c.Now.Id))], ct);
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Purge))
            await db.Execute($"delete from customers.contact_tie where contact_id = {c.Now.Id}", ct);
    }

    private async Task Namesakes(IReadOnlyList<Change<Contact>> changes, CancellationToken ct)
    {
        if (changes.Count == 0) return;
        var rows = (await db.Query<Row>($"""
            select k.id, k.name, k.mark, k.employer_id from customers.contact k
            where {db.Dialect.In(Sql.Trusted("k.name"), [.. changes.Select(c => c.Now.Name).Distinct()])} and k.deleted_at is null and {scope.All("contact", Why)}
            """, ct)).ToLookup(r => r.Name);
        foreach (var c in changes)
        {
            var same = rows[c.Now.Name].Where(r => r.Id != c.Now.Id && r.Mark == c.Now.Mark).ToList();
            if (same.Count == 0) continue;
            if (c.Now.EmployerId is { } employer && same.Any(r => r.EmployerId == employer))
                c.Refuse(string.IsNullOrEmpty(c.Now.Mark) ? "mark" : "name", $"该单位已有联系人“{c.Now.Name}”，请填写区分标识以便区分。");
            else
                c.Warn(SameName, "name", $"联系人库中已有 {same.Count} 位“{c.Now.Name}”，请确认不是同一人；如不是，建议填写区分标识。");
        }
    }

    private sealed record Row(long Id, string Name, string? Mark, long? EmployerId);

    private sealed record Person(long PersonContactId, string Name);
}
