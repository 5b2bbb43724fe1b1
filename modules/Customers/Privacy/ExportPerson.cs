using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Privacy;

/// <summary>All that is kept of one person (CUS-20): the contact, the person customer that is the same person, and what refers to them. Each export is in their history.</summary>
/// <remarks>A command: it writes down that the data left the house.</remarks>
[Action("导出个人信息", CustomersModule.PrivacyPermission, Route = "contacts/{contactId}/personal-data", Help = "一位联系人的全部个人信息（含作为个人客户的本人资料）、关联单据、点评、附件名称，以及谁在何时查看、修改、导出过。每次导出记入历史。")]
public sealed record ExportPerson([Label("联系人")] long ContactId) : ICommand<PersonExport>;

/// <param name="Records">The contact first.</param>
public sealed record PersonExport(DateTime At, string By, IReadOnlyList<PersonalRecord> Records);

internal sealed class ExportPersonHandler(IPersonalData data, SamePerson same, ICurrentUser me, TimeProvider clock) : ICommandHandler<ExportPerson, PersonExport>
{
    public async Task<PersonExport> Handle(ExportPerson command, CancellationToken ct)
    {
        var records = new List<PersonalRecord> { await data.Collect("contact", command.ContactId, ct) };
        if (await same.CustomerOf(command.ContactId, ct) is { } customer) records.Add(await data.Collect("customer", customer.Id, ct));
        return new(clock.GetUtcNow().UtcDateTime, me.Name, records);
    }
}

/// <summary>The person customer that a contact is.</summary>
internal sealed class SamePerson(IDb db, IScope scope, IDocuments<Customer> customers)
{
    /// <returns>Null where the contact is no customer.</returns>
    /// <exception cref="NotFound">It is one that the user may not see: nothing is exported or erased by halves.</exception>
    public async Task<Customer?> CustomerOf(long contact, CancellationToken ct) =>
        await db.First<long?>($"select c.id from customers.customer c where c.person_contact_id = {contact} and c.deleted_at is null and {scope.All("customer", "one and the same person")}", ct) is { } id ? await customers.Get(id, ct) : null;
}
