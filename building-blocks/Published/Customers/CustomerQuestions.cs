using KuaipuCrm.Sdk;

namespace KuaipuCrm.Published.Customers;

/// <summary>What other modules may know of customers, whoever may see them; to be shown to nobody who may not.</summary>
/// <param name="Ids">At most 10,000.</param>
public sealed record CustomersInBrief(IReadOnlyList<long> Ids) : IQuery<IReadOnlyList<CustomerBrief>>;

/// <summary>A living customer in brief.</summary>
/// <param name="Type">Code of the dictionary <c>customer.type</c>.</param>
/// <param name="PriceKind">Code of the dictionary <c>price.kind</c>: which price the customer usually pays.</param>
/// <param name="Key">A key customer (重点客户) of its owner.</param>
public sealed record CustomerBrief(long Id, string Name, long? OwnerId, long? DepartmentId, string? Type, string? Level, string? Status, bool Key, string? PriceKind = null);

/// <summary>Customers and contacts that may be those of someone who has asked or called, whoever owns them (CUS-4); of what isn't the user's, only name and owner may be told.</summary>
/// <param name="Probes">At most 1,000.</param>
public sealed record FindKnown(IReadOnlyList<KnownProbe> Probes) : IQuery<IReadOnlyList<Known>>;

/// <param name="Company">Name of a company, or of a person who buys.</param>
/// <param name="Numbers">Mobile and telephone numbers.</param>
public sealed record KnownProbe(string? Company, IReadOnlyList<string> Numbers, string? Email);

/// <param name="Probe">Its place among the probes, from 0.</param>
/// <param name="CustomerId">Null where a contact has no employer among the customers.</param>
/// <param name="Name">The customer's, or the contact's where there is no customer.</param>
/// <param name="ContactId">Where a contact was found.</param>
/// <param name="Reason">What is the same, in Chinese.</param>
public sealed record Known(int Probe, long? CustomerId, string Name, long? ContactId, long? OwnerId, string Reason);

/// <summary>The contacts of customers that the asking user may see, for writing to them: advertising keeps away from those who refuse it.</summary>
/// <param name="Customers">At most 10,000; what of them is out of the user's sight is left out.</param>
public sealed record ContactsOf(IReadOnlyList<long> Customers) : IQuery<IReadOnlyList<ContactOf>>;

/// <param name="CustomerId">A contact of several of the customers comes once for each.</param>
/// <param name="Refuses">Wants no bulk mail; so does each contact whose address another has who refuses.</param>
public sealed record ContactOf(long Id, long CustomerId, string Name, string? Email, string? Mobile, bool Refuses);
