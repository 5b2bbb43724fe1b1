using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Customers.Duplicates;
using KuaipuCrm.Published.Customers;
using KuaipuCrm.Sdk;
using KuaipuCrm.Sdk.Text;

namespace KuaipuCrm.Customers;

/// <summary>What must hold of a customer beyond its fields: derived keys, no double, a tree of parents, the person's own contact.</summary>
internal sealed class CustomerRules(IDb db, IScope scope, DuplicateFinder duplicates, PersonContacts persons, IEvents events, ICatalog catalog, IOperations operations, Pool.OwnerAct act) : IDocumentRule<Customer>
{
    private static readonly HashSet<string> MailHosts = ["qq.com", "163.com", "126.com", "gmail.com", "sina.com", "sina.cn", "sohu.com", "hotmail.com", "outlook.com", "foxmail.com", "139.com", "189.cn", "yeah.net", "aliyun.com", "icloud.com", "live.cn", "example.com"];

    public string? SameAs(Customer record) => CompanyName.Normalize(record.Name) is { Length: >= 2 } key ? key : null;

    public async Task Before(IReadOnlyList<Change<Customer>> changes, CancellationToken ct)
    {
        var saved = changes.Where(c => c.Kind is ChangeKind.Create or ChangeKind.Update).ToList();
        foreach (var c in saved)
        {
            c.Now.Initials = Pinyin.Initials(c.Now.Name);
            c.Now.NameKey = CompanyName.Normalize(c.Now.Name);
            c.Now.NameSound = CompanyName.Sound(c.Now.NameKey);
            if (c.Kind == ChangeKind.Update && !c.Undone && c.Before!.OwnerId != c.Now.OwnerId) c.Now.IsKey = false;
            c.Now.Domain = Domain(c.Now.Website) ?? Domain(c.Now.Email);
            if (c.Kind == ChangeKind.Update && c.Now.ParentId is { } parent && c.Before!.ParentId != parent && await IsBelow(parent, c.Now.Id, ct))
                c.Refuse("parentId", "上级客户不能是本客户的下级。");
        }
        await duplicates.Check(saved, ct);
        await persons.Check([.. saved.Where(c => c.Kind == ChangeKind.Create || c.Before!.PersonContactId != c.Now.PersonContactId)], ct);
        await persons.Check([.. changes.Where(c => c.Kind == ChangeKind.Restore)], ct);
        await duplicates.CheckBack([.. changes.Where(c => c.Kind == ChangeKind.Restore)], ct);
        await MayGo([.. changes.Where(c => c.Kind == ChangeKind.Delete)], ct);
    }

    public async Task After(IReadOnlyList<Change<Customer>> changes, CancellationToken ct)
    {
        foreach (var c in changes) Publish(c);
        await persons.Keep([.. changes.Where(c => c.Kind == ChangeKind.Create && c.Now.Nature == Customer.Person).Select(c => c.Now)], ct);
        await persons.Employ([.. changes.Where(c => c.Kind == ChangeKind.Update && c.Now.Nature == Customer.Person && c.Now.ParentId is not null && c.Before!.ParentId != c.Now.ParentId).Select(c => c.Now)], ct);
        foreach (var c in changes.Where(c => c.Kind == ChangeKind.Purge))
        {
            await db.Execute($"delete from customers.contact_tie where customer_id = {c.Now.Id}", ct);
            await db.Execute($"delete from customers.watch where customer_id = {c.Now.Id}", ct);
            await db.Execute($"delete from customers.release_notice where customer_id = {c.Now.Id}", ct);
            await db.Execute($"delete from customers.relation where customer_id = {c.Now.Id} or other_id = {c.Now.Id}", ct);
        }
    }

    private void Publish(Change<Customer> c)
    {
        var id = c.Now.Id;
        switch (c.Kind)
        {
            case ChangeKind.Create: events.Publish(new CustomerCreated(id, c.Now.Name, c.Now.OwnerId)); break;
            case ChangeKind.Delete: events.Publish(new CustomerDeleted(id)); break;
            case ChangeKind.Restore: events.Publish(new CustomerRestored(id)); break;
            case ChangeKind.Update:
                if (c.Before!.OwnerId != c.Now.OwnerId) events.Publish(new CustomerOwnerChanged(id, c.Before.OwnerId, c.Now.OwnerId, act.Along, operations.Running));
                if (catalog.FindDocument("customer")!.Fields.Where(f => !f.System && !f.Hidden && !f.Kept && f.Name is not ("lockedAt" or "openedAt") && !Equals(f.Get(c.Before), f.Get(c.Now))).Select(f => f.Name).ToList() is { Count: > 0 } fields) events.Publish(new CustomerChanged(id, fields));
                break;
        }
    }

    /// <summary>What holds a customer back is named, not just counted (DOC-10).</summary>
    private async Task MayGo(List<Change<Customer>> going, CancellationToken ct)
    {
        if (going.Count == 0) return;
        const string why = "whatever depends on it holds it";
        var holding = (await db.Query<long>($"select distinct k.parent_id from customers.customer k where {db.Dialect.In(Sql.Trusted("k.parent_id"), [.. going.Select(c => c.Now.Id)])} and k.deleted_at is null and {scope.All("customer", why)}", ct)).ToHashSet();
        foreach (var c in going.Where(c => holding.Contains(c.Now.Id)))
        {
            var below = await db.Query<string>($"select k.name from customers.customer k where k.parent_id = {c.Now.Id} and k.deleted_at is null and {scope.All("customer", why)} order by k.id {db.Dialect.Page(3)}", ct);
            c.Refuse("", $"客户“{c.Now.Name}”还有下级客户（{string.Join("、", below)}），不能删除。");
        }
    }

    private async Task<bool> IsBelow(long start, long above, CancellationToken ct)
    {
        var at = (long?)start;
        for (var depth = 0; at is not null && depth < 100; depth++)
        {
            if (at == above) return true;
            at = await db.First<long?>($"select c.parent_id from customers.customer c where c.id = {at} and {scope.All("customer", "the tree is whole, whoever may see its parts")}", ct);
        }
        return false;
    }

    internal static string? Domain(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        var host = text.Contains('@') ? text[(text.LastIndexOf('@') + 1)..] : Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text, UriKind.Absolute, out var u) ? u.Host : "";
        host = host.ToLowerInvariant();
        if (host.StartsWith("www.", StringComparison.Ordinal)) host = host[4..];
        return host.Contains('.') && host.Length <= 100 && !MailHosts.Contains(host) ? host : null;
    }
}
