using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Leads.Convert;

/// <summary>Makes or ties what a lead becomes in the other modules, by the commands every document type has: under the user's rights, with all rules of those types, in the running transaction.</summary>
internal sealed class Conversion(IMediator mediator, IDictionaries dictionaries)
{
    private static readonly string[] Doubles = ["duplicate", "same-name", "same-person"];

    /// <returns>The opportunity, its customer, its contact.</returns>
    public async Task<(long Opportunity, long Customer, long? Contact)> Tie(Lead lead, long opportunity, CancellationToken ct)
    {
        var view = await mediator.Send(new GetDocument("opportunity", opportunity), ct);
        if (view.Values.GetValueOrDefault("leadId") is long other && other != lead.Id) throw new Invalid("opportunityId", "这个商机已由另一条线索生成。");
        await Save("opportunityId", "opportunity", view.Id, view.Version, new() { ["leadId"] = lead.Id }, ["approved"], ct);
        return (opportunity, (long)view.Values["customerId"]!, view.Values.GetValueOrDefault("contactId") as long?);
    }

    public async Task<(long Opportunity, long Customer, long? Contact)> Make(Lead lead, ConvertLead c, CancellationToken ct)
    {
        var (customer, contact) = await Customer(lead, c, ct);
        contact ??= await Contact(lead, c, customer, ct);
        var made = await Save("name", "opportunity", null, 0, new()
        {
            ["name"] = string.IsNullOrWhiteSpace(c.Name) ? lead.Subject : c.Name.Trim(),
            ["customerId"] = customer,
            ["contactId"] = contact,
            ["kind"] = c.Kind,
            ["amount"] = c.Amount,
            ["signDate"] = c.SignDate,
            ["source"] = lead.Source,
            ["remarks"] = lead.Content,
            ["leadId"] = lead.Id,
        }, [], ct);
        return (made, customer, contact);
    }

    public async Task Lines(long opportunity, IReadOnlyList<long> products, CancellationToken ct)
    {
        foreach (var product in products)
            await Save("", "opportunityline", null, 0, new() { ["opportunityId"] = opportunity, ["productId"] = product, ["quantity"] = 1m }, [], ct);
    }

    public async Task<bool> Sees(string type, long id, CancellationToken ct) =>
        (await mediator.Send(new ListDocuments(type, new ListRequest { Ids = [id], Take = 1 }), ct)).Rows.Count > 0;

    /// <returns>With the customer's own contact, where it is a person.</returns>
    private async Task<(long Customer, long? Contact)> Customer(Lead lead, ConvertLead c, CancellationToken ct)
    {
        if (c.CustomerId is { } chosen) return (chosen, c.ContactId);
        var company = Text(c.Company);
        if (company is null && lead.CustomerId is { } own) return (own, c.ContactId ?? lead.ContactId);
        company ??= lead.Company;
        var person = Text(c.ContactName) ?? lead.ContactName;
        var name = company ?? person ?? throw new Invalid("customerId", "请选择客户，或填写新客户的名称。");
        var id = await Save("company", "customer", null, 0, new()
        {
            ["name"] = name,
            ["nature"] = company is null ? "person" : "company",
            ["phone"] = lead.Phone ?? (company is null || person is null ? lead.Mobile : null),
            ["email"] = company is null || person is null ? lead.Email : null,
            ["region"] = lead.Region,
            ["address"] = lead.Address,
            ["source"] = lead.Source is { } s && dictionaries.Find("customer.source")?.Entries.Any(e => e.Code == s && !e.Disabled) == true ? s : null,
        }, c.Anyway ? Doubles : [], ct);
        if (company is not null) return (id, null);
        return (id, (await mediator.Send(new GetDocument("customer", id), ct)).Values.GetValueOrDefault("personContactId") as long?);
    }

    private async Task<long?> Contact(Lead lead, ConvertLead c, long customer, CancellationToken ct)
    {
        if (c.ContactId is not null) return c.ContactId;
        if ((Text(c.ContactName) ?? lead.ContactName) is not { } name) return null;
        return await Save("contactName", "contact", null, 0, new()
        {
            ["name"] = name,
            ["employerId"] = customer,
            ["post"] = lead.Post,
            ["mobile"] = lead.Mobile,
            ["phone"] = lead.Phone,
            ["email"] = lead.Email,
            ["wechat"] = lead.Wechat,
        }, c.Anyway ? Doubles : [], ct);
    }

    /// <summary>What the other type refuses is told at the field of the conversion it came from.</summary>
    private async Task<long> Save(string field, string type, long? id, long version, Dictionary<string, object?> values, IReadOnlyList<string> confirmed, CancellationToken ct)
    {
        try
        {
            return (await mediator.Send(new SaveDocument(type, id, version, values.Where(v => v.Value is not null).ToDictionary(v => v.Key, v => v.Value), confirmed), ct)).Id;
        }
        catch (Invalid e)
        {
            throw new Invalid([.. e.Errors.Select(x => new FieldError(x.Field is "amount" or "signDate" or "kind" or "contactId" or "customerId" ? x.Field : field, x.Message))]);
        }
    }

    private static string? Text(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}
