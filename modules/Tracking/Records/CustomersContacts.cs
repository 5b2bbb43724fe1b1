using KuaipuCrm.Sdk;
using MediatR;

namespace KuaipuCrm.Tracking.Records;

/// <summary>The contacts of a customer that the user may see, as the customer's own tab lists them.</summary>
internal sealed class CustomersContacts(IMediator mediator)
{
    /// <summary>Name of the related tab on the customer.</summary>
    public const string Tab = "contacts";

    /// <summary>The contact's name; null where it is none of the customer's, or not the user's to see.</summary>
    public async Task<string?> Name(long customer, long contact, CancellationToken ct)
    {
        var page = await mediator.Send(new ListDocuments("contact", new ListRequest { TiedTo = customer, TiedBy = Tab, Ids = [contact], Columns = ["name"] }), ct);
        return page.Rows is [var row] ? row.Values[0] as string : null;
    }
}
