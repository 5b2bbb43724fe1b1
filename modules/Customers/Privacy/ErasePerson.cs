using System.ComponentModel.DataAnnotations;
using KuaipuCrm.Customers.Contacts;
using KuaipuCrm.Sdk;

namespace KuaipuCrm.Customers.Privacy;

/// <summary>Erases one person's data on request (CUS-20): in the contact and in the person customer that is the same person. That it was done stays; nothing brings the data back.</summary>
[Action("删除个人信息", CustomersModule.PrivacyPermission, Route = "contacts/{contactId}/erase", On = "contact", Icon = "user-slash",
    Help = "应本人要求删除个人信息：姓名、联系方式等从资料、历史、检索、点评、附件中一并删除，只留下何时由谁删除的记录。不能恢复。须再次填写姓名以确认。", Example = "{\"name\":\"（姓名）\",\"reason\":\"本人来电要求删除\"}")]
public sealed record ErasePerson([Label("联系人")] long ContactId, [Label("请再填一次姓名以确认（删除后不能恢复）"), Required] string Name, [Label("要求的来源"), Required, MaxLength(200)] string Reason) : ICommand<Done>;

internal sealed class ErasePersonHandler(IPersonalData data, IDocuments<Contact> contacts, SamePerson same, TimeProvider clock) : ICommandHandler<ErasePerson, Done>
{
    private const string Gone = "已删除";

    public async Task<Done> Handle(ErasePerson command, CancellationToken ct)
    {
        var contact = await contacts.GetToChange(command.ContactId, ct);
        if (contact.ErasedAt is not null) throw new RuleBroken("这位联系人的个人信息已经删除过。");
        if (command.Name.Trim() != contact.Name) throw new Invalid("name", "姓名与联系人的不一致，没有删除。");
        var customer = await same.CustomerOf(contact.Id, ct);
        await data.Erase("contact", contact.Id, new Dictionary<string, object?>
        {
            ["name"] = Gone,
            // Tells them apart, where several of one employer were erased.
            ["mark"] = contact.Number.Length > 20 ? contact.Number[^20..] : contact.Number,
            ["gender"] = null,
            ["birthday"] = null,
            ["employerName"] = null,
            ["post"] = null,
            ["department"] = null,
            ["role"] = null,
            ["mobile"] = null,
            ["phone"] = null,
            ["email"] = null,
            ["wechat"] = null,
            ["preferences"] = null,
            ["remarks"] = null,
            ["consent"] = null,
            ["consentSource"] = null,
            ["consentOn"] = null,
            ["refusesMail"] = true,
            ["erasedAt"] = clock.GetUtcNow().UtcDateTime,
        }, command.Reason.Trim(), ct);
        if (customer is not null)
            await data.Erase("customer", customer.Id, new Dictionary<string, object?>
            {
                ["name"] = $"{Gone} {customer.Number}",
                ["shortName"] = null,
                ["creditCode"] = null,
                ["phone"] = null,
                ["region"] = null,
                ["address"] = null,
                ["website"] = null,
                ["email"] = null,
                ["remarks"] = null,
            }, command.Reason.Trim(), ct);
        return default;
    }
}
